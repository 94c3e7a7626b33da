package record

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestPairingIsThatOfCalls reads every recording that there is event by event.
func TestPairingIsThatOfCalls(t *testing.T) {
	sessions, err := filepath.Glob("../fixtures/sessions/*.jsonl")
	if err != nil || len(sessions) == 0 {
		t.Fatalf("there are no sessions: %v", err)
	}
	for _, path := range append(vectors(t), sessions...) {
		r, _ := Load(path)
		if r == nil {
			continue
		}
		if calls := paired(t, r.Events); len(calls)+len(r.Calls) > 0 && !reflect.DeepEqual(calls, r.Calls) {
			t.Errorf("%s:\n%+v\nwant\n%+v", path, calls, r.Calls)
		}
	}
}

// paired gives what Calls should.
func paired(t *testing.T, events []Event) (calls []Call) {
	var p Pairing
	for i := range events {
		e := &events[i]
		asked, answered := p.See(e)
		for _, call := range asked {
			if call.Request != e.Seq || call.Response != 0 {
				t.Errorf("event %d asks %+v", e.Seq, call)
			}
		}
		calls = settle(t, append(calls, asked...), answered)
	}
	return calls
}

// settle puts the calls that were answered in the place of those that were asked.
func settle(t *testing.T, calls, answered []Call) []Call {
	for _, call := range answered {
		if call.Request == 0 {
			continue
		}
		// From the end, as a damaged recording may have a Seq twice.
		for i, c := range slices.Backward(calls) {
			if c.Request == call.Request && c.Response == 0 && string(c.ID) == string(call.ID) {
				calls[i] = call
				break
			}
			if i == 0 {
				t.Errorf("%+v was never asked", call)
			}
		}
	}
	return calls
}

func TestPairing(t *testing.T) {
	events := []*Event{
		said(1, Host, Target, `{"id":1,"method":"tools/call","params":{"name":"x"}}`),
		said(2, Target, Host, `{"id":1,"method":"ping"}`),
		said(3, Host, Target, `{"id":1,"result":{}}`),
		said(4, Target, Host, `{"id":1,"result":{"isError":true}}`),
		said(5, Target, Host, `{"id":1,"result":{"isError":true}}`),
		said(6, Host, Target, `[{"id":2,"method":"a"},{"method":"n"},{"id":3,"method":"b"},{"id":"3","result":0}]`),
		said(7, Target, Host, `[{"id":3,"error":{}},7,{"id":2,"result":0}]`),
		said(8, Host, Target, `{"id":4,"method":"ping"}`),
		said(9, Host, Target, `{"id":4,"method":"ping"}`),
		said(10, Target, Host, `{"id":4,"result":{}}`),
		said(11, Target, Host, `junk`),
		{Seq: 12, From: Target, Stderr: true, Line: []byte(`{"id":5,"method":"ping"}`)},
		{Seq: 13, Name: EventExit},
	}
	want := []string{
		"asked 1 x id 1", "asked 2 ping id 1", "answered 2 ping id 1", "answered 1 x id 1 error", "answered 0 id 1 error",
		"asked 6 a id 2, asked 6 b id 3, answered 0 id \"3\"", "answered 6 b id 3 error, answered 6 a id 2",
		"asked 8 ping id 4", "asked 9 ping id 4", "answered 9 ping id 4", "", "", "",
	}
	var p Pairing
	for i, e := range events {
		asked, answered := p.See(e)
		var got []string
		for _, c := range asked {
			got = append(got, spell("asked", c))
		}
		for _, c := range answered {
			got = append(got, spell("answered", c))
			if c.Response != e.Seq || c.To != e.From || c.From != e.To {
				t.Errorf("event %d answers %+v", e.Seq, c)
			}
		}
		if strings.Join(got, ", ") != want[i] {
			t.Errorf("event %d: %s, want %s", e.Seq, strings.Join(got, ", "), want[i])
		}
	}
}

func spell(what string, c Call) string {
	method := c.Method
	if c.Tool != "" {
		method = c.Tool
	}
	words := []string{what, fmt.Sprint(c.Request), method, "id", string(c.ID)}
	if c.Error {
		words = append(words, "error")
	}
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}
