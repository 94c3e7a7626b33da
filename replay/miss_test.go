package replay_test

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/replay"
)

func TestMisses(t *testing.T) {
	session := []string{
		"> " + req("1", "tools/list", ""), "< " + res("1", `{"tools":[{"name":"listed"},{"name":"echo"}],"nextCursor":"c"}`),
		"> " + call("2", "echo", `{"text":"hello","n":1}`), "< " + res("2", `2`), "> " + call("3", "echo", `{"text":"bye","n":[1,2]}`), "< " + res("3", `3`),
		"> " + req("4", "resources/read", `{"uri":"a:b"}`), "< " + res("4", `4`), "> " + req("5", "prompts/get", `{"name":"p"}`), "< " + res("5", `5`),
		"> " + req("6", "tasks/get", `{"taskId":"t"}`), "< " + res("6", `6`),
	}
	tests := []struct {
		name, live string
		code       int
		reason     string
		says       []string
	}{
		{"other arguments", call("9", "echo", `{"text":"hallo","n":1}`), -31000, "no_match",
			[]string{`tools/call echo was not recorded with these params (event 3): /params/arguments/text: recorded \"hello\", live \"hallo\"`, `"nearest":{"seq":3,"differences":[{"pointer":"/params/arguments/text","recorded":"hello","live":"hallo"}]}`}},
		{"the nearest one", call("9", "echo", `{"text":"bye","n":[1,3]}`), -31000, "no_match", []string{`"seq":5`, "/params/arguments/n/1: recorded 2, live 3"}},
		{"more and less", call("9", "echo", `{"n":1,"x":1}`), -31000, "no_match", []string{`/params/arguments/text: recorded \"hello\", live nothing; /params/arguments/x: recorded nothing, live 1`}},
		{"an unknown tool", call("9", "ecko", `{}`), -32602, "unknown", []string{"tools/call ecko was not recorded; recorded are echo"}},
		{"a tool that was only listed", call("9", "listed", `{}`), -31000, "no_match", []string{"/params/name"}},
		{"an unknown prompt", req("9", "prompts/get", `{"name":"q"}`), -32602, "unknown", []string{"recorded are p"}},
		{"an unknown resource", req("9", "resources/read", `{"uri":"c:d"}`), -32002, "unknown", []string{"recorded are a:b"}},
		{"an unknown cursor", req("9", "tools/list", `{"cursor":"d"}`), -32602, "unknown", []string{`/params/cursor: recorded nothing, live \"d\"`}},
		{"an unknown task", req("9", "tasks/get", `{"taskId":"u"}`), -32602, "unknown", []string{`/params/taskId: recorded \"t\", live \"u\"`}},
		{"an unknown method", req("9", "completion/complete", `{}`), -32601, "method", []string{"completion/complete was not recorded"}},
		{"a long value", call("9", "echo", `{"text":"`+strings.Repeat("ü, ", 100)+`","n":1}`), -31000, "no_match", []string{"ü,…"}},
		{"no params at all", req("9", "tools/call", ""), -31000, "no_match", []string{`/params/name: recorded \"echo\", live nothing`}},
		{"params that are no object", req("9", "tools/call", `[1]`), -31000, "no_match", []string{`: /params: recorded {\"name\":\"echo\",\"arguments\":{\"text\":\"hello\",\"n\":1}}, live [1]"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := greeted(t, replay.Options{}, session...)
			k.say(test.live)
			k.fails("9", test.code, append(shifted(test.says), `"origin":"replay"`, `"reason":"`+test.reason+`"`)...)
			r := k.ends()
			if r.Failed != 1 || r.Missed[0].Reason != test.reason || r.Err() == nil {
				t.Fatalf("report: %+v", r)
			}
			k.warns(r.Missed[0].Message)
		})
	}
}

// Of a long value only whole words are shown, as a part of one may be that of a secret.
func TestMissesOfLongValues(t *testing.T) {
	word, text := strings.Repeat("x", 300), strings.Repeat("a ", 150)
	for _, test := range []struct {
		recorded, live string
		says           []string
	}{
		{"hello", word, []string{`/params/arguments/v: recorded \"hello\", live 302 bytes"`, `"live":"302 bytes"`}},
		{word, word + "y", []string{`/params/arguments/v: recorded 302 bytes, live 303 bytes, which differ from byte 302 on"`}},
		{text + "a", text + "b", []string{`a a …, which differ from byte 302 on"`}},
	} {
		k := begin(t, replay.Options{}, "> "+call("1", "t", `{"v":"`+test.recorded+`"}`), "< "+res("1", `1`))
		k.say(call("9", "t", `{"v":"`+test.live+`"}`))
		k.fails("9", -31000, test.says...)
		k.ends()
	}
}

// Of very many methods, too, each is told from the others.
func TestMissesOfManyMethods(t *testing.T) {
	var lines []string
	for i := range 300 {
		lines = append(lines, "> "+req("1", fmt.Sprintf("x/%d", i), `{"n":1}`), "< "+res("1", fmt.Sprint(i)))
	}
	k := begin(t, replay.Options{}, lines...)
	k.say(req("7", "nope", ""), req("8", "x/280", `{"n":1}`), req("9", "x/299", `{"n":2}`))
	k.fails("7", -32601, "nope was not recorded")
	k.hears(res("8", "280"))
	k.fails("9", -31000, "/params/n: recorded 1, live 2")
	k.ends()
}

// shifted moves the events by those of the handshake.
func shifted(says []string) []string {
	var out []string
	for _, s := range says {
		for _, n := range []string{"5", "3"} {
			shifted := map[string]string{"3": "6", "5": "8"}[n]
			s = strings.ReplaceAll(s, "(event "+n+")", "(event "+shifted+")")
			s = strings.ReplaceAll(s, `"seq":`+n, `"seq":`+shifted)
		}
		out = append(out, s)
	}
	return out
}

func TestRulesThatAreWrong(t *testing.T) {
	path := recorded(t)
	for _, test := range []struct {
		options replay.Options
		says    string
	}{
		{replay.Options{Match: "loose"}, "loose"},
		{replay.Options{Exhausted: "never"}, "never"},
		{replay.Options{Speed: -1}, "-1"},
		{replay.Options{Speed: math.NaN()}, "NaN"},
		{replay.Options{Speed: math.Inf(1)}, "Inf"},
		{replay.Options{Ignore: []string{"params"}}, "params"},
		{replay.Options{Rules: []replay.Rule{{Ignore: []string{"/a~2"}}}}, "a~2"},
		{replay.Options{Rules: []replay.Rule{{Match: "x"}}}, `"x"`},
	} {
		if _, err := test.options.Open(path); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v", test.options, err)
		}
	}
}

func TestJunk(t *testing.T) {
	k := begin(t, replay.Options{}, "> {bad", `< {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"recorded"}}`, "> "+call("1", "a", `{}`), "< "+res("1", `1`))
	k.say("", "  ", "{bad")
	k.hears(`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"recorded"}}`)
	k.say("{bad")
	k.fails("null", -32700, "{bad", "no JSON-RPC message")
	k.say(call("2", "a", `{}`), "{}", "[ ]")
	k.hears(res("2", `1`))
	k.fails("null", -32600, "no JSON-RPC message: {}")
	k.fails("null", -32600, "no JSON-RPC message: [ ]")
	r := k.ends()
	if r.Failed != 3 || r.Missed[0].Reason != "junk" {
		t.Errorf("report: %+v", r)
	}
	if says := "a line that is no message, a line"; !strings.Contains(r.Err().Error(), says) {
		t.Errorf("%q is not in %v", says, r.Err())
	}
}

// A batch may be very long.
func TestLongBatch(t *testing.T) {
	k := begin(t, replay.Options{}, "> ["+strings.Repeat("1,", 1<<16)+call("1", "a", `{"x":1}`)+"]", "< ["+res("1", `1`)+"]")
	k.say(call("9", "a", `{"x":2}`))
	k.fails("9", -31000, "/params/arguments/x: recorded 1, live 2")
}

// An empty batch is a line that is no message, recorded or not.
func TestEmptyBatch(t *testing.T) {
	refused := `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"recorded"}}`
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), "< "+res("1", `1`), "> []", "< "+refused)
	k.say(call("1", "a", `{}`))
	k.hears(res("1", `1`))
	k.silent()
	k.say("[]")
	k.hears(refused)
	if r := k.ends(); r.Failed != 0 {
		t.Errorf("report: %+v", r)
	}
}

// The answers to a batch come in one line, recorded as a batch or not.
func TestBatches(t *testing.T) {
	session := []string{
		"> [" + call("1", "a", `{}`) + "," + note("notifications/roots/list_changed", "") + "," + call("2", "b", `{}`) + "]",
		"< [" + res("2", `"b"`) + "," + res("1", `"a"`) + "]",
		"< [" + note("notifications/message", `1`) + "]",
		"> " + call("3", "c", `{}`), "< " + res("3", `"c"`),
	}
	k := begin(t, replay.Options{}, session...)
	k.say("[" + call("7", "a", `{}`) + "," + call("8", "c", `{}`) + "," + call("9", "b", `{}`) + "]")
	k.hears(note("notifications/message", `1`), "["+res("9", `"b"`)+","+res("7", `"a"`)+","+res("8", `"c"`)+"]")
	k.ends()

	k = begin(t, replay.Options{}, session...)
	k.say(call("7", "b", `{}`))
	k.hears(res("7", `"b"`), note("notifications/message", `1`))
	k.say("["+call("8", "a", `{}`)+","+call("9", "z", `{}`)+"]", "["+note("notifications/x", "")+"]")
	if got := k.line(); !strings.HasPrefix(got, `[{"jsonrpc":"2.0","id":9,"error"`) && !strings.HasPrefix(got, "["+res("8", `"a"`)+`,{"jsonrpc":"2.0","id":9,"error"`) {
		t.Errorf("heard %s", got)
	}
}

// A batch waits for no call that gets no answer: when it is cancelled as it was, and else when the host says no more.
func TestBatchesWithoutAnAnswer(t *testing.T) {
	cancel := func(id string) string { return note("notifications/cancelled", `{"requestId":`+id+`}`) }
	fast, late := []string{"> " + call("2", "fast", `{}`), "< " + res("2", "2")}, "["+res("9", "2")+","+res("8", "1")+"]"
	for _, test := range []struct {
		name        string
		slow, live  []string // what follows the call that is slow, and the batch
		heard, last string   // then, and at the end
	}{
		{"cancelled", []string{"> " + cancel("1")}, []string{cancel("8")}, "[" + res("9", "2") + "]", ""},
		{"cancelled too late", []string{"> " + cancel("1"), "< " + res("1", "1")}, []string{cancel("8")}, late, ""},
		{"not cancelled", []string{"> " + cancel("1")}, nil, "", "[" + res("9", "2") + "]\n"},
		{"not cancelled, too late", []string{"> " + cancel("1"), "< " + res("1", "1")}, nil, "", "[" + res("9", "2") + "]\n"},
		{"never answered", nil, nil, "", "[" + res("9", "2") + "]\n"},
		{"the host does not answer", []string{"< " + req("0", "roots/list", ""), "> " + res("0", `{}`), "< " + res("1", "1")}, nil,
			req("1", "roots/list", ""), "[" + res("9", "2") + "]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := greeted(t, replay.Options{}, slices.Concat(fast, []string{"> " + call("1", "slow", `{}`)}, test.slow)...)
			k.say("[" + call("8", "slow", `{}`) + "," + call("9", "fast", `{}`) + "]")
			k.say(test.live...)
			if test.heard != "" {
				k.hears(test.heard)
			}
			k.s.CloseInput()
			if rest, err := io.ReadAll(k.in); err != nil || string(rest) != test.last {
				t.Errorf("at the end was heard %q, %v, want %q", rest, err, test.last)
			}
		})
	}
}

// What somebody else answers is no miss, but for a part of a batch, of which the answers come as one.
func TestMissing(t *testing.T) {
	var handed []string
	take := func(request []byte) bool {
		handed = append(handed, string(request))
		return len(handed) == 1
	}
	k := begin(t, replay.Options{Missing: take, AskPrefix: "p:"}, "> "+call("1", "a", `{}`), "< "+req("4", "roots/list", ""), "> "+res("4", `{}`), "< "+res("1", `1`))
	k.say(call("5", "b", `{}`))
	k.silent()
	k.say(call("6", "c", `{}`))
	k.fails("6", -32602)
	k.say("[" + call("7", "d", `{}`) + "]")
	if got := k.line(); !strings.HasPrefix(got, `[{"jsonrpc":"2.0","id":7,"error"`) {
		t.Errorf("heard %s", got)
	}
	k.say(call("8", "a", `{}`))
	k.hears(req(`"p:1"`, "roots/list", ""))
	k.say(res(`"p:1"`, `{}`))
	k.hears(res("8", `1`))
	if want := []string{call("5", "b", `{}`) + "\n", call("6", "c", `{}`) + "\n"}; !slices.Equal(handed, want) {
		t.Errorf("handed over %q, want %q", handed, want)
	}
	if r := k.ends(); r.Failed != 2 {
		t.Errorf("report: %+v", r)
	}
}

func TestReadRules(t *testing.T) {
	for text, says := range map[string]string{
		`{"rules":[{"method":"tools/call","name":"now","match":"method","exhausted":"cycle","ignore":["/params/arguments/*"]}]}`: "",
		`{"rules":[{"match":"loose"}]}`:     `"loose"`,
		`{"rules":[{"exhausted":"never"}]}`: `"never"`,
		`{"rules":[{"ignore":["params"]}]}`: "params",
		`{"rules":[{"tool":"now"}]}`:        "tool",
		`{"rules":[]} {}`:                   "follows",
		`[]`:                                "the file has an array where there should be an object",
		`{"rules":{}}`:                      "rules has an object where there should be an array",
		`{"rules":[{"ignore":"/"}]}`:        "rules.ignore has a string where there should be an array",
		`{"rules":[{"method":[]}]}`:         "rules.method has an array where there should be a string",
		`{"rules":[1]}`:                     "rules has a number where there should be an object",
		" ":                                 "the file is empty",
		`{"rules":[`:                        "the file ends too early",
	} {
		path := filepath.Join(t.TempDir(), "x.rules.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		rules, err := replay.ReadRules(path)
		if says == "" && (err != nil || len(rules) != 1 || rules[0].Exhausted != replay.Cycle) {
			t.Errorf("%s: %v, %v", text, rules, err)
		}
		if says != "" && (err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
