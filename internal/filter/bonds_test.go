package filter_test

import (
	"strings"
	"testing"

	"wiretape/internal/filter"
)

// What is asked for the sake of calls, alone and of several that are open.
const questions = `
h>t {"id":1,"method":"initialize"}
t>h {"id":1,"result":{}}
h>t {"method":"notifications/initialized"}
h>t {"id":2,"method":"tools/list"}
t>h {"id":1,"method":"roots/list"}
t>h {"id":2,"result":{}}
h>t {"id":1,"result":{"roots":[]}}
h>t {"id":3,"method":"tools/call","params":{"name":"one"}}
t>h {"id":2,"method":"sampling/createMessage"}
h>t {"id":4,"method":"tools/call","params":{"name":"two"}}
t>h {"id":3,"method":"elicitation/create","params":{"message":"two?"}}
h>t {"id":3,"result":{"action":"accept"}}
h>t {"id":2,"result":{}}
t>h {"id":4,"result":{}}
t>h {"id":3,"result":{"isError":true}}
h>t {"id":5,"method":"tools/call","params":{"name":"gone"}}
t>h {"id":4,"method":"roots/list"}
t>h {"method":"notifications/cancelled","params":{"requestId":4}}
h>t {"method":"notifications/cancelled","params":{"requestId":5}}
h>p {"id":6,"method":"tools/call","params":{"name":"wiretape_status"}}
p>h {"id":6,"result":{}}
h>t {"method":"notifications/roots/list_changed"}
t>h {"id":5,"method":"roots/list"}
h>t {"id":5,"result":{"roots":[]}}
t>h {"id":6,"method":"elicitation/create"}
h>t {"id":6,"result":{}}
t! Debug
.`

// What servers mint ties calls together; a subscription has an answer in the name of the server.
const handles = `
h>t {"id":1,"method":"tools/list"}
t>h {"id":1,"result":{"nextCursor":"2"}}
h>t {"id":2,"method":"prompts/list"}
t>h {"id":2,"result":{"nextCursor":"2"}}
h>t {"id":3,"method":"tools/list","params":{"cursor":"2"}}
t>h {"id":3,"error":{}}
h>t {"id":4,"method":"tools/call","params":{"name":"ask"}}
t>h {"id":4,"result":{"resultType":"input_required","requestState":"s"}}
h>t {"id":5,"method":"tools/call","params":{"name":"ask","requestState":"s"}}
t>h {"id":5,"result":{"isError":true}}
h>t {"id":6,"method":"tools/call","params":{"name":"slow","task":{}}}
t>h {"id":6,"result":{"task":{"taskId":"t"}}}
t>h {"method":"notifications/tasks/status","params":{"taskId":"t"}}
t>h {"id":1,"method":"elicitation/create","params":{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}}}
h>t {"id":1,"result":{}}
h>t {"id":7,"method":"tasks/result","params":{"taskId":"t"}}
t>h {"id":7,"result":{}}
h>t {"id":8,"method":"subscriptions/listen"}
p>h {"method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":8}}}
t>h {"method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":8}}}
t>p {"id":8,"error":{}}
h>t [{"id":9,"method":"tools/call","params":{"name":"a"}},{"id":10,"method":"tools/call","params":{"name":"b"}}]
h>t {"id":11,"method":"tools/call","params":{"name":"c"}}
t>h [{"id":9,"result":{}},{"id":11,"result":{}}]
t>h {"id":10,"result":{}}`

// Two calls ask three questions at once: the first call to be answered takes one,
// and the last takes what is left.
const overlapping = `
h>t {"id":1,"method":"tools/call","params":{"name":"one"}}
h>t {"id":2,"method":"tools/call","params":{"name":"two"}}
t>h {"id":1,"method":"roots/list"}
t>h {"id":2,"method":"roots/list"}
t>h {"id":3,"method":"roots/list"}
h>t {"id":1,"result":{}}
h>t {"id":2,"result":{}}
h>t {"id":3,"result":{}}
t>h {"id":1,"result":{}}
t>h {"id":2,"result":{}}`

// TestWhole says what is chosen to be played.
func TestWhole(t *testing.T) {
	for _, test := range []struct {
		conversation, words string
		from, to            int64
		want                string
	}{
		{questions, ``, 0, 0, `1-19 22-26`},
		{questions, `tool:one`, 0, 0, `1 2 3 5 7 8 9 13 15 22-24`},
		{questions, `tool:two`, 0, 0, `1 2 3 5 7 10 11 12 14 22-24`},
		{questions, `method:sampling/*`, 0, 0, `1 2 3 5 7 8 9 13 15 22-24`},
		{questions, `two?`, 0, 0, `1 2 3 5 7 10 11 12 14 22-24`},
		{questions, `tool:gone`, 0, 0, `1 2 3 5 7 16-19 22-24`},
		{questions, `-tool:one`, 0, 0, `1-7 10-12 14 16-19 22-26`},
		{questions, `-is:notification`, 0, 0, `1-19 22-26`},
		{questions, `is:error`, 0, 0, `1 2 3 5 7 8 9 13 15 22-24`},
		{questions, `is:unanswered`, 0, 0, `1 2 3 5 7 16-19 22-24`},
		{questions, `-from:target`, 0, 0, `1-7 22-24`},
		{questions, ``, 9, 15, `1 2 3 5 7 10 11 12 14 22-24`},
		{questions, ``, 16, 0, `1 2 3 5 7 16-19 22-26`},
		{questions, ``, 0, 4, `1-7 22-24`},
		{questions, `from:proxy`, 0, 0, `1 2 3 5 7 22-24`},
		{handles, `method:tools/list`, 0, 0, `1 2 5 6`},
		{handles, `method:prompts/list`, 0, 0, `3 4`},
		{handles, `is:error|method:tools/*`, 0, 0, `1 2 5-10`},
		{handles, `tool:slow`, 0, 0, `11-17`},
		{handles, `method:tasks/*`, 0, 0, `11-17`},
		{handles, `tool:slow|-is:notification`, 0, 0, `11 12 14-17`},
		{handles, `method:subscriptions/*`, 0, 0, `18 20 21`},
		{handles, `tool:c`, 0, 0, `22-25`},
		{handles, `-tool:a`, 0, 0, `1-18 20 21`},
		{handles, `id:7`, 16, 0, ``},
		{overlapping, `tool:one`, 0, 0, `1 3 6 9`},
		{overlapping, `tool:two`, 0, 0, `2 4 5 7 8 10`},
	} {
		var words []string
		if test.words != "" {
			words = strings.Split(test.words, "|")
		}
		f, err := filter.Parse(words)
		if err != nil {
			t.Fatal(err)
		}
		choice, err := f.Whole(test.from, test.to).Choose(written(t, test.conversation))
		if err != nil {
			t.Fatal(err)
		}
		for seq := range int64(30) {
			if want := within(test.want, seq); choice.Has(seq) != want {
				t.Errorf("%s, %d to %d: event %d is chosen: %v, want %v", test.words, test.from, test.to, seq, !want, want)
			}
		}
		if opens := !strings.HasPrefix(test.want, "1 2 3 5 7 22"); (choice.Len() > 0) != (opens && test.want != "") {
			t.Errorf("%s: %d events are chosen, without what opens the session", test.words, choice.Len())
		}
	}
}

// What is tagged with a subscription is shown with it.
func TestSubscriptions(t *testing.T) {
	choice := choose(t, written(t, handles), "method:subscriptions/listen")
	for seq := range int64(30) {
		if want := within("18 19 20", seq); choice.Has(seq) != want {
			t.Errorf("event %d is chosen: %v, want %v", seq, !want, want)
		}
	}
}
