package vcr_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wiretape/internal/vcr"
	"wiretape/proxy"
	"wiretape/record"
	"wiretape/replay"
)

// endpoint plays a recording in which a was answered, and then b, after which
// the server ended with status 3.
func endpoint(t *testing.T) *vcr.Endpoint { return endpointOf(t, "a", "b") }

func endpointOf(t *testing.T, methods ...string) *vcr.Endpoint {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	w, err := record.Create(path, record.Header{}, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range methods {
		w.Line(record.Host, record.Target, []byte(`{"jsonrpc":"2.0","id":1,"method":"`+name+`"}`+"\n"))
		w.Line(record.Target, record.Host, []byte(`{"jsonrpc":"2.0","id":1,"result":{}}`+"\n"))
	}
	w.Exit(record.Exit{Code: 3})
	if _, err := w.Close("exit"); err != nil {
		t.Fatal(err)
	}
	rec, err := replay.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	e := &vcr.Endpoint{Recordings: []*replay.Recording{rec}}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestUnusedByAnyConnection(t *testing.T) {
	e := endpoint(t)
	for _, c := range []struct{ asks, unused string }{
		{"", "2 recorded calls were not asked for in "},
		{"a", "1 recorded call was not asked for in "},
		{"b", ""},
	} {
		if c.asks != "" {
			h := join(t, e, nil)
			h.call(c.asks, `{}`)
			h.leave()
		}
		err := e.Unused()
		if c.unused == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.unused) {
			t.Errorf("after %s: %v", c.asks, err)
		}
	}
	if n := len(e.Reports()); n != 2 {
		t.Errorf("%d reports", n)
	}
}

// TestUnusedOfManyCalls has more calls than a report lists.
func TestUnusedOfManyCalls(t *testing.T) {
	var methods []string
	for n := range 2500 {
		methods = append(methods, fmt.Sprint("m", n))
	}
	e := endpointOf(t, methods...)
	for _, asked := range [][]string{methods[:1000], methods[1000:2000]} {
		h := join(t, e, nil)
		for _, method := range asked {
			h.wants(h.call(method, `{}`), `"result"`)
		}
		h.leave()
	}
	want := "500 recorded calls were not asked for in " + e.Recordings[0].Path() + ": m2000 (event 4001), "
	if err := e.Unused(); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("err = %v, want %s", err, want)
	}
}

func TestExitStatusIsTheRecordedOne(t *testing.T) {
	e := endpoint(t)
	h := join(t, e, nil)
	h.call("a", `{}`)
	h.call("b", `{}`)
	if err := <-h.done; err != nil || h.status != 3 {
		t.Errorf("status %d, %v", h.status, err)
	}
	if d := e.Describe(); d.Transport != vcr.Transport || d.URL != e.Recordings[0].Path() {
		t.Errorf("described as %+v", d)
	}
}

func TestKilledReplay(t *testing.T) {
	e := endpoint(t)
	target, err := e.Connect(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	target.(interface{ Kill() }).Kill()
	if _, err := target.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("err = %v", err)
	}
	for range 2 {
		if exit := target.Stop(); exit.Code != 137 || exit.Signal != "SIGKILL" {
			t.Errorf("exit = %+v", exit)
		}
	}
}

func stopUnread(t *testing.T, e proxy.Endpoint) {
	t.Helper()
	target, err := e.Connect(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"a", "ping", "tools/list"} {
		if _, err := io.WriteString(target, `{"jsonrpc":"2.0","id":1,"method":"`+method+`"}`+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if exit := target.Stop(); !exit.Forced {
			t.Errorf("exit = %+v", exit)
		}
	}
	if _, err := target.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("err = %v", err)
	}
}

// TestStopOfATargetThatNobodyReads must not take two seconds. It is measured without
// a live server, which takes the time that its machine takes.
func TestStopOfATargetThatNobodyReads(t *testing.T) {
	e := endpoint(t)
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		stopUnread(t, e)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
	tape := &vcr.Tape{Path: recorded(t), Mode: vcr.New, Live: demoServer()}
	patched, _, err := tape.Open()
	if err != nil {
		t.Fatal(err)
	}
	stopUnread(t, patched)
	// It may be stopped before its live server has answered.
	if err := tape.Close(); err != nil && !strings.Contains(err.Error(), "the session ended before") {
		t.Error(err)
	}
}

func TestConnectToNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := endpoint(t).Connect(ctx, io.Discard); err == nil {
		t.Error("it is connected")
	}
}
