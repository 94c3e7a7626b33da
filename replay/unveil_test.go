package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"wiretape/replay"
)

// TestPlaceholders: one of a redacted recording stands for what the host says in its
// place, always for the same.
func TestPlaceholders(t *testing.T) {
	one, two := `{"pin":"[redacted:pin:1]","n":1}`, `{"pin":"[redacted:pin:2]","n":1}`
	for _, test := range []struct {
		name           string
		recorded, live []string // arguments; an empty live one finds nothing
		answers        string   // what is heard
	}{
		{"the secret", []string{one}, []string{`{"n":1.0,"pin":"hunter2"}`}, "1"},
		{"the placeholder", []string{one, two}, []string{two, one}, "21"},
		{"one secret, two calls", []string{one, `{"p":"[redacted:pin:1]"}`}, []string{`{"pin":"a\"b","n":1}`, `{"p":"a\u0022b"}`}, "12"},
		{"another secret", []string{one, `{"p":"[redacted:pin:1]"}`}, []string{`{"pin":"a","n":1}`, `{"p":"b"}`}, "1-"},
		{"two secrets", []string{one, two}, []string{`{"pin":"a","n":1}`, `{"pin":"b","n":1}`}, "12"},
		{"two secrets, turned around", []string{one, two, two, one}, []string{`{"pin":"a","n":1}`, `{"pin":"b","n":1}`, `{"pin":"b","n":1}`, `{"pin":"a","n":1}`}, "1234"},
		{"two of one secret", []string{`{"a":"[redacted:pin:1]","b":"[redacted:pin:1]"}`}, []string{`{"a":"x","b":"y"}`, `{"a":"x","b":"x"}`}, "-1"},
		{"within text", []string{`{"q":"key=[redacted:key:1]&x=[redacted:x:1]."}`}, []string{`{"q":"key=1&x=2"}`, `{"q":"key=1&x=2."}`}, "-1"},
		{"nothing in its place", []string{one}, []string{`{"pin":"","n":1}`, `{"n":1}`, `{"pin":null,"n":1}`}, "---"},
		{"a number", []string{`{"pin":"[redacted:pin:1:json]"}`, `{"t":"is [redacted:pin:1]"}`}, []string{`{"pin":1234}`, `{"t":"is 1234"}`}, "12"},
		{"an object", []string{`{"pin":"[redacted:pin:1:json]","z":1}`}, []string{`{"pin":{"b":[1],"a":"\"z\":1"},"z":1}`}, "1"},
		{"JSON in text", []string{`{"t":"{\"pin\":\"[redacted:pin:1:json]\",\"q\":\"[redacted:q:1]\"}"}`}, []string{`{"t":"{\"pin\":12,\"q\":\"x\"}"}`}, "1"},
		{"escaped more often", []string{`{"t":"[redacted:q:1]"}`, `{"t":"{\"q\":\"[redacted:q:1]\"}"}`}, []string{`{"t":"a\"b\\c"}`, `{"t":"{\"q\":\"a\\\"b\\\\c\"}"}`}, "12"},
		{"another value", []string{one}, []string{`{"pin":"a","n":2}`}, "-"},
		{"not within a value", []string{one}, []string{`{"pin":"a\",\"x\":\"","n":2}`}, "-"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines []string
			for i, arguments := range test.recorded {
				id := string(rune('1' + i))
				lines = append(lines, "> "+call(id, "t", arguments), "< "+res(id, id))
			}
			k := begin(t, replay.Options{}, lines...)
			for i, arguments := range test.live {
				k.say(call("9", "t", arguments))
				if want := test.answers[i : i+1]; want != "-" {
					k.hears(res("9", want))
				} else {
					k.fails("9", -31000)
				}
			}
			if r := k.ends(); r.Failed != strings.Count(test.answers, "-") {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// TestManyPlaceholders: each of many calls is found, whatever their order and whatever was used before.
func TestManyPlaceholders(t *testing.T) {
	const calls = 2500
	for name, secret := range map[string]struct{ recorded, live string }{
		"one secret":   {`{"n":%[1]d,"token":"[redacted:x:1]"}`, `{"n":%[1]d,"token":"SECRET"}`},
		"many secrets": {`{"n":%[1]d,"token":"[redacted:x:%[1]d]"}`, `{"n":%[1]d,"token":"SECRET%[1]d"}`},
	} {
		var lines []string
		for i := range calls {
			lines = append(lines, "> "+call("1", "t", fmt.Sprintf(secret.recorded, i)), "< "+res("1", fmt.Sprint(i)))
		}
		for order, first := range map[string]int{"in order": 0, "the last one first": calls - 1} {
			t.Run(name+" "+order, func(t *testing.T) {
				k := begin(t, replay.Options{}, lines...)
				for i := range calls {
					i = (first + i) % calls
					k.say(call("9", "t", fmt.Sprintf(secret.live, i)))
					k.hears(res("9", fmt.Sprint(i)))
				}
				k.ends()
			})
		}
	}
}

// TestPlaceholdersAndWhatIsLeftOut: of several calls that are the same, the one comes first that is the same in all,
// but for secrets.
func TestPlaceholdersAndWhatIsLeftOut(t *testing.T) {
	prompt := func(id, pin, said string) string {
		return req(id, "prompts/get", `{"name":"p","arguments":{"pin":"`+pin+`"},"inputResponses":{"k":"`+said+`"}}`)
	}
	k := begin(t, replay.Options{}, "> "+prompt("1", "[redacted:pin:1]", "red"), "< "+res("1", "1"), "> "+prompt("2", "[redacted:pin:1]", "blue"), "< "+res("2", "2"))
	for _, said := range []string{"blue", "red", "blue"} {
		k.say(prompt("9", "hunter2", said))
		k.hears(res("9", map[string]string{"red": "1", "blue": "2"}[said]))
	}
	k.ends()
}

// TestPlaceholderOfAResource: what is asked for again is answered again.
func TestPlaceholderOfAResource(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+req("1", "resources/read", `{"uri":"db://[redacted:key:1]/x"}`), "< "+res("1", "1"))
	for range 2 {
		k.say(req("9", "resources/read", `{"uri":"db://abc/x"}`))
		k.hears(res("9", "1"))
	}
	k.say(req("9", "resources/read", `{"uri":"db://abcd/x"}`))
	k.fails("9", -32002)
	k.ends()
}

// TestSecretsAreNotShown: a miss names what differs, but not what was said in place
// of a secret.
func TestSecretsAreNotShown(t *testing.T) {
	k := begin(t, replay.Options{},
		"> "+call("1", "t", `{"a":"[redacted:pin:1]","b":"[redacted:pin:1]","n":1}`), "< "+res("1", "1"))
	k.say(call("9", "t", `{"a":"hunter2","b":"hunter2","n":2}`))
	k.fails("9", -31000, `/params/arguments/n: recorded 1, live 2`)
	k.say(call("9", "t", `{"a":"hunter2","b":"hunter2","n":1}`))
	k.hears(res("9", "1"))
	k.say(call("9", "t", `{"a":"hunter3","b":"hunter2","n":1}`))
	k.fails("9", -31000, `/params/arguments/a: recorded \"[redacted:pin:1]\", live \"[redacted]\"`)
	r := k.ends()
	for _, m := range r.Missed {
		if strings.Contains(m.Message, "hunter") || len(m.Differences) != 1 || strings.Contains(string(m.Differences[0].Live), "hunter") {
			t.Errorf("%+v", m)
		}
	}
}

// TestPlaceholdersInAnswers of the host stand for what the live one answers.
func TestPlaceholdersInAnswers(t *testing.T) {
	asked := req("1", "sampling/createMessage", `{"messages":[]}`)
	for content, want := range map[string]int{`{"pin":"hunter2","n":1}`: 0, `{"pin":"hunter2","n":2}`: 1, `{"n":1}`: 1} {
		k := greeted(t, replay.Options{}, "> "+call("1", "a", `{}`), "< "+req("0", "sampling/createMessage", `{"messages":[]}`),
			"> "+res("0", `{"content":{"pin":"[redacted:pin:1]","n":1}}`), "< "+res("1", `1`))
		k.say(call("5", "a", `{}`))
		k.hears(asked)
		k.say(res("1", `{"content":`+content+`}`))
		k.hears(res("5", `1`))
		if r := k.ends(); len(r.Mismatched) != want {
			t.Errorf("%s: report: %+v", content, r)
		}
		if want > 0 {
			k.warns("/result/content")
		}
	}
}
