package sessions_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
)

// load reads a recording, which must be whole and sound.
func load(t *testing.T, path string) *record.Recording {
	t.Helper()
	r, err := record.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if r.End == nil {
		t.Fatalf("%s has no end", path)
	}
	sound(t, r)
	return r
}

// sound checks that a recording agrees with itself and that all traffic is JSON-RPC.
func sound(t *testing.T, r *record.Recording) {
	t.Helper()
	var want record.Statistics
	if err := json.Unmarshal(r.End.Raw, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Statistics, want) {
		t.Errorf("the statistics are\n%+v, but the end event says\n%+v", r.Statistics, want)
	}
	if r.Statistics.JunkLines != 0 {
		t.Errorf("%d lines are junk", r.Statistics.JunkLines)
	}
	for i, e := range r.Events {
		if i > 0 && e.At < r.Events[i-1].At {
			t.Errorf("event %d is earlier than the one before it", e.Seq)
		}
		version, _ := wire.Text(wire.Get(e.Line, "jsonrpc"))
		if e.Line != nil && !e.Stderr && (wire.Parse(e.Line).Kind == wire.Junk || version != "2.0") {
			t.Errorf("event %d is no JSON-RPC message: %s", e.Seq, e.Line)
		}
	}
	paired(t, r)
}

// paired checks that what host and target answered had been asked, and before.
func paired(t *testing.T, r *record.Recording) {
	t.Helper()
	answers := map[int64]bool{}
	repeated := map[string]bool{}
	for _, call := range r.Calls {
		answers[call.Response] = true
		if call.From == record.Proxy {
			// A subscription that a new target was given in the host's name is answered to the host.
			repeated[string(call.ID)] = true
		}
		if call.Response > 0 && call.Response <= call.Request {
			t.Errorf("the answer to %s %s, event %d, stands before it", call.Method, call.ID, call.Request)
		}
	}
	for _, e := range r.Events {
		if e.Line == nil || e.Stderr || e.From == record.Proxy || e.To == record.Proxy {
			continue
		}
		m := wire.Parse(e.Line)
		if m.Kind == wire.Response && !answers[e.Seq] && !repeated[string(m.ID)] {
			t.Errorf("event %d answers what nobody asked: %s", e.Seq, e.Line)
		}
	}
}

// loadAll reads the recordings of a session and checks how many requests have no answer.
func loadAll(t *testing.T, paths []string, unanswered int) []*record.Recording {
	t.Helper()
	var all []*record.Recording
	var open int64
	for i, path := range paths {
		r := load(t, path)
		if r.Header.Connection != i+1 || r.Header.Session != load(t, paths[0]).Header.Session {
			t.Errorf("%s is connection %d of %s", path, r.Header.Connection, r.Header.Session)
		}
		all = append(all, r)
		open += r.Statistics.Unanswered
	}
	if open != int64(unanswered) {
		t.Errorf("%d requests have no answer, want %d: %v", open, unanswered, openCalls(all))
	}
	return all
}

func openCalls(recordings []*record.Recording) (open []string) {
	for _, r := range recordings {
		for _, call := range r.Calls {
			if call.Response == 0 {
				open = append(open, string(call.From)+" "+call.Method+" "+call.Tool)
			}
		}
	}
	return open
}
