package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"wiretape/replay"
)

func TestMatching(t *testing.T) {
	tests := []struct {
		name           string
		options        replay.Options
		recorded, live string // params of tools/call
		found          bool
	}{
		{"the same", replay.Options{}, `{"name":"a","arguments":{"x":1,"y":"z"}}`, `{"name":"a","arguments":{"x":1,"y":"z"}}`, true},
		{"key order", replay.Options{}, `{"name":"a","arguments":{"x":1,"y":"z"}}`, `{"arguments":{"y":"z","x":1},"name":"a"}`, true},
		{"numbers by value", replay.Options{}, `{"name":"a","arguments":{"x":1,"y":0.5}}`, `{"name":"a","arguments":{"x":1.0,"y":5e-1}}`, true},
		{"large numbers", replay.Options{}, `{"name":"a","arguments":{"x":9007199254740993}}`, `{"name":"a","arguments":{"x":9007199254740992}}`, false},
		{"escapes", replay.Options{}, `{"name":"a","arguments":{"x":"A<"}}`, `{"name":"a","arguments":{"x":"\u0041\u003c"}}`, true},
		{"another value", replay.Options{}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":2}}`, false},
		{"one more", replay.Options{}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":1,"y":null}}`, false},
		{"order of elements", replay.Options{}, `{"name":"a","arguments":{"x":[1,2]}}`, `{"name":"a","arguments":{"x":[2,1]}}`, false},
		{"another tool", replay.Options{}, `{"name":"a","arguments":{}}`, `{"name":"b","arguments":{}}`, false},
		{"no arguments", replay.Options{}, `{"name":"a","arguments":{}}`, `{"name":"a"}`, true},
		{"null arguments", replay.Options{}, `{"name":"a","arguments":{}}`, `{"name":"a","arguments":null}`, true},
		{"strict: no arguments", replay.Options{Match: replay.Strict}, `{"name":"a","arguments":{}}`, `{"name":"a"}`, false},
		{"strict: the same", replay.Options{Match: replay.Strict}, `{"name":"a","arguments":{},"_meta":{"k":1}}`, `{"_meta":{"k":1.0},"name":"a","arguments":{}}`, true},
		{"strict: _meta", replay.Options{Match: replay.Strict}, `{"name":"a","_meta":{"k":1}}`, `{"name":"a","_meta":{"k":2}}`, false},
		{"strict: progress token", replay.Options{Match: replay.Strict}, `{"name":"a","_meta":{"progressToken":1}}`, `{"name":"a","_meta":{"progressToken":"x"}}`, true},
		{"method", replay.Options{Match: replay.Method}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":2}}`, true},
		{"method: another tool", replay.Options{Match: replay.Method}, `{"name":"a","arguments":{}}`, `{"name":"b","arguments":{}}`, false},
		{"ignored", replay.Options{Ignore: []string{"/params/arguments/x"}}, `{"name":"a","arguments":{"x":1,"y":1}}`, `{"name":"a","arguments":{"x":2,"y":1}}`, true},
		{"ignored and absent", replay.Options{Ignore: []string{"/params/arguments/x"}}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a"}`, true},
		{"ignored, another one", replay.Options{Ignore: []string{"/params/arguments/x"}}, `{"name":"a","arguments":{"x":1,"y":1}}`, `{"name":"a","arguments":{"x":1,"y":2}}`, false},
		{"ignored with *", replay.Options{Ignore: []string{"/params/arguments/*/at"}}, `{"name":"a","arguments":{"x":{"at":1,"v":1}}}`, `{"name":"a","arguments":{"x":{"at":2,"v":1}}}`, true},
		{"strict and ignored", replay.Options{Match: replay.Strict, Ignore: []string{"/params/_meta/k"}}, `{"name":"a","_meta":{"k":1}}`, `{"name":"a","_meta":{"k":2}}`, true},
		{"a rule's ignored", replay.Options{Rules: []replay.Rule{{Name: "a", Ignore: []string{"/params/arguments/x"}}}}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":2}}`, true},
		{"a rule for another tool", replay.Options{Rules: []replay.Rule{{Name: "b", Match: replay.Method}}}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":2}}`, false},
		{"a rule's match", replay.Options{Match: replay.Strict, Rules: []replay.Rule{{Method: "tools/call", Match: replay.Method}}}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":2}}`, true},
		{"the first rule counts", replay.Options{Rules: []replay.Rule{{Name: "a"}, {Match: replay.Method}}}, `{"name":"a","arguments":{"x":1}}`, `{"name":"a","arguments":{"x":2}}`, false},
		{"the last of two members", replay.Options{}, `{"name":"b","name":"a"}`, `{"name":"a"}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := begin(t, test.options, "> "+req("1", "tools/call", test.recorded), "< "+res("1", `"right"`))
			k.say(req(`"live"`, "tools/call", test.live))
			if test.found {
				k.hears(res(`"live"`, `"right"`))
			} else if got := k.line(); got == res(`"live"`, `"right"`) {
				t.Errorf("answered with another call's answer")
			}
			if r := k.ends(); (r.Failed == 0) != test.found || len(r.Missed) != r.Failed {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// Calls of one kind are answered in the order in which they were recorded, and those that are the same in all come first.
func TestFirstInFirstOut(t *testing.T) {
	k := begin(t, replay.Options{},
		"> "+call("1", "a", `{}`), "> "+call("2", "a", `{}`), "< "+res("2", `"second"`), "< "+res("1", `"first"`),
		"> "+req("3", "tools/call", `{"name":"a","_meta":{"k":1}}`), "< "+res("3", `"third"`))
	k.say(req("1", "tools/call", `{"name":"a","_meta":{"k":1}}`))
	k.hears(res("1", `"third"`))
	k.say(call("2", "a", `{}`), call("3", "a", `{}`))
	k.hears(res("2", `"first"`), res("3", `"second"`))
	r := k.ends()
	if r.Failed != 0 || r.UnusedSum != 0 || r.Matched["exact"] != 3 {
		t.Errorf("report: %+v", r)
	}
}

func TestExhausted(t *testing.T) {
	session := []string{
		"> " + call("1", "a", `{}`), "< " + res("1", `1`), "> " + call("2", "a", `{}`), "< " + res("2", `2`),
		"> " + req("3", "tasks/get", `{"taskId":"t"}`), "< " + res("3", `3`), "> " + req("4", "tasks/get", `{"taskId":"t"}`), "< " + res("4", `4`),
	}
	tests := []struct {
		how         replay.Exhausted
		tools, poll []string // the third and fourth answer; empty for an error
	}{
		{"", []string{"", ""}, []string{"4", "4"}},
		{replay.Fail, []string{"", ""}, []string{"", ""}},
		{replay.Last, []string{"2", "2"}, []string{"4", "4"}},
		{replay.Cycle, []string{"1", "2"}, []string{"3", "4"}},
	}
	for _, test := range tests {
		t.Run(string(test.how), func(t *testing.T) {
			k := begin(t, replay.Options{Exhausted: test.how}, session...)
			missed := 0
			for _, want := range append([]string{"1", "2"}, test.tools...) {
				k.say(call("9", "a", `{}`))
				missed += k.answered("9", want, "all recorded answers to tools/call a with these params were given")
			}
			for _, want := range append([]string{"3", "4"}, test.poll...) {
				k.say(req("9", "tasks/get", `{"taskId":"t"}`))
				missed += k.answered("9", want, "exhausted")
			}
			if r := k.ends(); r.Failed != missed || r.Matched["repeated"] != 4-missed {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// Among the answers that are given again, too, those to a call that is the same in all come first.
func TestExhaustedAnswersOfTheSameCall(t *testing.T) {
	prompt := func(said string) string { return `{"name":"p","inputResponses":{"k":"` + said + `"}}` }
	tool := func(said string) string { return `{"name":"a","arguments":{"x":"` + said + `"}}` }
	tests := []struct {
		name           string
		options        replay.Options
		method         string
		params         func(said string) string
		recorded, live string // what is said, a letter for each call; the answer is the letter and the call's number
		answers        string
	}{
		{"what was left out of params", replay.Options{}, "prompts/get", prompt, "rb", "rbrrb", "r1 b2 r1 r1 b2"},
		{"used out of order", replay.Options{}, "prompts/get", prompt, "rb", "brbr", "b2 r1 b2 r1"},
		{"the last of them", replay.Options{}, "prompts/get", prompt, "rrb", "rbrbr", "r1 b3 r2 b3 r2"},
		{"none of them", replay.Options{}, "prompts/get", prompt, "rb", "rbggr", "r1 b2 b2 b2 r1"},
		{"by method", replay.Options{Match: replay.Method, Exhausted: replay.Last}, "tools/call", tool, "ab", "abab", "a1 b2 a1 b2"},
		{"in turns, used out of order", replay.Options{Match: replay.Method, Exhausted: replay.Cycle}, "tools/call", tool, "ab", "baab", "b2 a1 a1 b2"},
		{"in turns, from the first one", replay.Options{Match: replay.Method, Exhausted: replay.Cycle}, "tools/call", tool, "abab", "ababaabba", "a1 b2 a3 b4 a1 a3 b2 b4 a1"},
		{"in turns, none of them", replay.Options{Match: replay.Method, Exhausted: replay.Cycle}, "tools/call", tool, "ab", "baxyz", "b2 a1 a1 b2 a1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var lines []string
			for i, said := range strings.Split(test.recorded, "") {
				id := fmt.Sprint(i + 1)
				lines = append(lines, "> "+req(id, test.method, test.params(said)), "< "+res(id, `"`+said+id+`"`))
			}
			k := begin(t, test.options, lines...)
			answers := strings.Fields(test.answers)
			for i, said := range strings.Split(test.live, "") {
				k.say(req("9", test.method, test.params(said)))
				k.hears(res("9", `"`+answers[i]+`"`))
			}
			k.ends()
		})
	}
}

// What is given again is an answer, if there is one.
func TestExhaustedWithoutAnAnswer(t *testing.T) {
	cancel := func(id string) string { return note("notifications/cancelled", `{"requestId":`+id+`}`) }
	for _, how := range []replay.Exhausted{replay.Last, replay.Cycle} {
		t.Run(string(how), func(t *testing.T) {
			k := begin(t, replay.Options{Exhausted: how}, "> "+req("1", "tools/list", ""), "< "+res("1", "1"), "> "+req("2", "tools/list", ""), "> "+cancel("2"))
			k.say(req("6", "tools/list", ""))
			k.hears(res("6", "1"))
			k.say(req("7", "tools/list", ""), cancel("7"), req("8", "tools/list", ""), req("9", "tools/list", ""))
			k.hears(res("8", "1"), res("9", "1"))
			k.ends()
		})
	}
}

// answered hears a result, or an error if want is empty, and counts the errors.
func (k *talk) answered(id, want, why string) int {
	k.t.Helper()
	if want == "" {
		k.fails(id, -31000, why)
		return 1
	}
	k.hears(res(id, want))
	return 0
}

// Answers of a call that the proxy made in the host's name are used, but need not be.
func TestProxyInTheHostsName(t *testing.T) {
	session := []string{
		"hp> " + call("9", "wiretape_connect", `{}`),
		"p> " + req(`"wiretape:1"`, "initialize", `{"protocolVersion":"2025-11-25","capabilities":{}}`),
		"<p " + res(`"wiretape:1"`, `{"protocolVersion":"2025-11-25"}`), "p> " + note("notifications/initialized", ""),
		"<p " + note("notifications/tools/list_changed", ""),
		"<hp " + res("9", `"connected"`),
		"> " + call("10", "a", `{}`), "< " + res("10", `1`),
	}
	k := begin(t, replay.Options{}, session...)
	k.say(req("0", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{}}`))
	k.hears(res("0", `{"protocolVersion":"2025-11-25"}`))
	k.say(note("notifications/initialized", ""))
	k.hears(note("notifications/tools/list_changed", ""))
	k.say(call("1", "a", `{}`))
	k.hears(res("1", `1`))
	k.ends()

	k = begin(t, replay.Options{}, session...)
	k.say(call("1", "a", `{}`))
	k.hears(res("1", `1`))
	if r := k.ends(); r.UnusedSum != 0 {
		t.Errorf("unused: %+v", r.Unused)
	}
}

func TestUnused(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), "< "+res("1", `1`), "> "+req("2", "ping", ""), "< "+res("2", `{}`),
		"> "+req("3", "resources/read", `{"uri":"x:y"}`), "< "+res("3", `3`))
	k.say(call("1", "a", `{}`))
	k.hears(res("1", `1`))
	r := k.ends()
	if r.UnusedSum != 1 || r.Unused[0] != (replay.Unused{Seq: 5, Method: "resources/read", Name: "x:y"}) {
		t.Errorf("unused: %+v", r.Unused)
	}
}

// A report tells what came so far, also when the session goes on.
func TestReportSoFar(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), "< "+res("1", `1`))
	k.say(call("1", "b", `{}`), call("2", "c", `{}`), call("3", "d", `{}`))
	r := k.s.Report()
	missed := append(r.Missed, replay.Miss{Reason: "ours"})
	k.say(call("4", "e", `{}`), call("5", "a", `{}`))
	for _, id := range []string{"1", "2", "3", "4"} {
		k.fails(id, -32602)
	}
	k.hears(res("5", "1"))
	if k.ends(); len(r.Matched) > 0 || missed[3].Reason != "ours" {
		t.Errorf("report: %+v, %+v", r, missed)
	}
}

// An answer that a fault kept from the host, or spoiled, was the target's all the same.
func TestRecordedFaults(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), "<p "+res("1", `"whole"`), `<hp {"jsonrpc":"2.0","id":1,"res`,
		"hp> "+call("2", "b", `{}`), `<hp {"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"a fault"}}`)
	k.say(call("1", "a", `{}`))
	k.hears(res("1", `"whole"`))
	k.say(call("2", "b", `{}`))
	k.fails("2", -32602, "recorded are a")
	k.ends()
}

// What is said in one write is heard as if it were said line by line.
func TestOneWrite(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), "< "+res("1", `1`), "< "+note("notifications/message", `1`), "> "+call("2", "b", `{}`), "< "+res("2", `2`))
	k.say(call("8", "b", `{}`) + "\n" + call("9", "z", `{}`) + "\n" + call("7", "a", `{}`))
	k.hears(res("8", `2`))
	k.fails("9", -32602)
	k.hears(res("7", `1`), note("notifications/message", `1`))
	k.ends()
}
