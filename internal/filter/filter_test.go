package filter_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wiretape/internal/filter"
	"wiretape/record"
)

// The conversation that the tables are about. A line begins with who said it to
// whom: h, t, p are the parties, "!" is stderr, "." is the exit.
const conversation = `
h>t {"id":1,"method":"initialize","params":{"clientInfo":{"name":"Ünï"}}}
t>h {"id":1,"result":{"serverInfo":{}}}
h>t {"method":"notifications/initialized"}
t! Listening on stdio
h>t {"id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"Say \"hi\""},"_meta":{"progressToken":"p"}}}
h>t {"id":3,"method":"tools/call","params":{"name":"get-sum","_meta":{"progressToken":3}}}
t>h {"id":2,"method":"sampling/createMessage","params":{}}
t>h {"method":"notifications/progress","params":{"progressToken":3,"progress":1,"message":"halfway"}}
h>t {"id":2,"error":{"code":-1}}
t>h {"id":3,"result":{"content":[]}}
t>h {"id":2,"result":{"content":[],"isError":true}}
t>h {"method":"notifications/progress","params":{"progressToken":"p","progress":1}}
t>h {"method":"notifications/progress","params":{"progressToken":"q","progress":1}}
t>h Debug: /tmp/x
t>h
h>p {"id":4,"method":"tools/call","params":{"name":"wiretape_status"}}
p>h {"id":4,"result":{}}
h>t {"id":"7","method":"resources/read","params":{"uri":"file:///a"}}
h>t {"method":"notifications/cancelled","params":{"requestId":"7"}}
h>t {"id":7,"method":"ping"}
t>h {"id":7,"result":{}}
h>t [{"id":8,"method":"tools/call","params":{"name":"a"}},{"id":9,"method":"tools/call","params":{"name":"b"}}]
t>h {"id":9,"result":{}}
t>h {"id":99,"error":{}}
h>p {"id":10,"method":"tools/call","params":{"name":"wiretape_disconnect"}}
.`

// TestWords says which events the words choose; event 27 is the end.
func TestWords(t *testing.T) {
	tests := []struct{ words, want string }{
		{``, `1-27`},
		{`tool:echo`, `5 11 12`},
		{`tool:get-*`, `6 8 10`},
		{`tool:*`, `5 6 8 10 11 12 16 17 22 23 25`},
		{`tool:Echo`, ``},
		{`tool:initialize`, ``},
		{`tool:b`, `22 23`},
		{`method:initialize`, `1 2`},
		{`method:notifications/*`, `3 5 6 8 10 11 12 13 18 19`},
		{`method:sampling/*`, `7 9`},
		{`method:*l*`, `1 2 3 5 6 7 8 9 10 11 12 16 17 18 19 22 23 25`},
		{`method:*`, `1 2 3 5-13 16-23 25`},
		{`from:host`, `1 2 3 5 6 8 10 11 12 16-24 25`},
		{`from:target`, `4 7 9 13 14 15`},
		{`from:proxy`, `16 17 25`},
		{`is:error`, `5 7 9 11 12 24`},
		{`is:unanswered`, `18 19 22 23`},
		{`is:request`, `1 2 5-12 16-23 25`},
		{`is:response`, `1 2 5-12 16 17 20-24`},
		{`is:notification`, `3 5 6 8 10-13 18 19`},
		{`is:batch`, `22 23`},
		{`is:junk`, `14 15`},
		{`is:stderr`, `4`},
		{`id:7`, `20 21`},
		{`id:"7"`, `18 19`},
		{`id:2`, `5 7 9 11 12`},
		{`id:99`, `24`},
		{`listening`, `4`},
		{`HALFWAY`, `6 8 10`},
		{`ünÏ`, `1 2`},
		{`say "hi"`, `5 11 12`},
		{`say \"hi\"`, `5 11 12`},
		{`"file:///a"`, `18 19`},
		{`"""`, `1 2 3 5-13 16-25`},
		{`/tmp`, `14`},
		{`nowhere`, ``},
		{`tool:echo|is:error`, `5 11 12`},
		{`tool:get-*|is:error`, ``},
		{`is:request|is:response|from:host|"e"`, `1 2 5 6 8 10 11 12 16 17 20-23`},
		{`-is:request`, `3 4 13-15 24 26 27`},
		{`-tool:*`, `1-4 7 9 13-15 18-21 24 26 27`},
		{`-tool:b`, `1-21 24-27`},
		{`-is:notification`, `1 2 4-7 9-11 14-18 20-27`},
		{`-halfway`, `1-7 9-27`},
		{`-from:proxy`, `1-15 18-24 26 27`},
		{`-from:host`, `4 7 9 13-15 26 27`},
		{`-is:unanswered`, `1-17 20 21 24-27`},
		{`tool:*|-is:error|-from:proxy`, `6 8 10 22 23`},
		{`-"tool"|-is:stderr|is:junk`, `14 15`},
	}
	path := written(t, conversation)
	for _, test := range tests {
		var words []string
		if test.words != "" {
			words = strings.Split(test.words, "|")
		}
		f, err := filter.Parse(words)
		if err != nil {
			t.Error(err)
			continue
		}
		choice, err := f.Choose(path)
		if err != nil {
			t.Error(err)
			continue
		}
		for seq := range int64(30) {
			if want := within(test.want, seq); choice.Has(seq) != want {
				t.Errorf("%s: event %d is chosen: %v, want %v", test.words, seq, !want, want)
			}
		}
	}
}

// within reports whether a list such as "1 4-7" holds n.
func within(list string, n int64) bool {
	for item := range strings.FieldsSeq(list) {
		var from, to int64
		if m, _ := fmt.Sscanf(item, "%d-%d", &from, &to); m == 1 {
			to = from
		}
		if from <= n && n <= to {
			return true
		}
	}
	return false
}

// written makes a recording of a conversation.
func written(t testing.TB, conversation string) (path string) {
	path = filepath.Join(t.TempDir(), "x.jsonl")
	parties := map[byte]record.Party{'h': record.Host, 't': record.Target, 'p': record.Proxy}
	_, err := record.Rewrite(path, record.Header{ID: "x", Started: time.Unix(0, 0)}, func(yield func(record.Event, error) bool) {
		for line := range strings.SplitSeq(strings.TrimSpace(conversation), "\n") {
			var e record.Event
			way, said, _ := strings.Cut(line, " ")
			switch {
			case line == ".":
				e.Name, e.Exit = record.EventExit, &record.Exit{}
			case way[1] == '!':
				e = record.Event{From: parties[way[0]], Stderr: true, Line: []byte(said + "\n")}
			default:
				e = record.Event{From: parties[way[0]], To: parties[way[2]], Line: []byte(said + "\n")}
			}
			if !yield(e, nil) {
				return
			}
		}
	}, "exit")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ word, want string }{
		{``, `filter word "" cannot be used: it is empty`},
		{`-`, `filter word "-" cannot be used: it is empty`},
		{`""`, `it is empty`},
		{`"`, `does not end with one`},
		{`-"a`, `does not end with one`},
		{`"a"b`, `does not end with one`},
		{`tool:`, `nothing stands behind the colon`},
		{`-is:`, `nothing stands behind the colon`},
		{`tol:echo`, `"tol" is none of tool, method, from, is and id; text that has a colon is put in quotes`},
		{`http://x`, `put in quotes`},
		{`Tool:x`, `"Tool" is none of`},
		{`:x`, `"" is none of`},
		{`from:server`, `from: stands one of host, target, proxy`},
		{`is:Error`, `is: stands one of error, unanswered, batch, request, response, notification, junk, stderr`},
	}
	for _, test := range tests {
		f, err := filter.Parse([]string{"tool:fine", test.word, "is:later"})
		if err == nil || f != nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", test.word)) {
			t.Errorf("%s: %v, want %q", test.word, err, test.want)
		}
	}
}

// TestDamage chooses among what can be read.
func TestDamage(t *testing.T) {
	whole := written(t, conversation)
	r, err := record.Load(whole)
	if err != nil {
		t.Fatal(err)
	}
	f, err := filter.Parse([]string{"tool:echo"})
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(t.TempDir(), "torn.jsonl")
	writeLines(t, torn, r, 11)
	choice, err := f.Choose(torn)
	if damage := (*record.DamageError)(nil); !errors.As(err, &damage) || !strings.Contains(err.Error(), torn) {
		t.Errorf("the error is %v", err)
	}
	if choice == nil || choice.Len() != 2 || !choice.Has(5) || !choice.Has(11) {
		t.Errorf("the choice is %+v", choice)
	}
	writeLines(t, torn, r, 0)
	if choice, err := f.Choose(torn); choice != nil || err == nil {
		t.Errorf("of nothing is chosen %+v, %v", choice, err)
	}
	if choice, err := f.Choose(torn + "x"); choice != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of no file is chosen %+v, %v", choice, err)
	}
}
