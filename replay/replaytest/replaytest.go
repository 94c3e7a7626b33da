// Package replaytest gives a test an MCP client that talks to a recording.
//
//	func TestSearch(t *testing.T) {
//		c := replaytest.Client(t, "testdata/search.jsonl")
//		result, err := c.CallTool(t.Context(), call)
//		…
//	}
//
// [Record] makes the recording when there is none, from the real server:
//
//	c := replaytest.Record(t, "testdata/search.jsonl", "npx", "-y", "some-server")
//
// In CI, WIRETAPE_MODE=none sees to it that no server is started: a test without
// a recording fails. [Mode] tells of the others.
//
// All of it is safe in parallel tests. A client belongs to its test, and is
// closed with it.
package replaytest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/vcr"
	"wiretape/replay"
)

// Options say how a test talks to a recording. The zero value is what is usually
// wanted.
type Options struct {
	// Replay says how the recording is played. Warnings are logged by the test,
	// and given to Replay.Warn besides.
	Replay replay.Options

	// MayMiss lets the test pass although it asked for what was not recorded. The
	// client gets an error from such a call in any case.
	MayMiss bool
	// Unused fails the test for each recorded call that it did not make.
	Unused bool

	ClientOptions []client.ClientOption // such as client.WithSamplingHandler
	Initialize    mcp.InitializeRequest // what the client says of itself; without a name it has ours

	// Notify gets the server's notifications from the first one on, in order,
	// and must not wait for the client. OnNotification of a client that is
	// initialized already may be too late for some.
	Notify func(mcp.JSONRPCNotification)

	// What follows is for Record only.

	Mode Mode     // what is recorded, and when; empty for what the command line says
	Dir  string   // working directory of the server; empty for the test's
	Env  []string // the whole environment of the server, as "NAME=value"; nil for the test's
}

// Client gives an initialized client of the recording at path, with the zero
// Options.
func Client(t testing.TB, path string) *client.Client {
	t.Helper()
	return Options{}.Client(t, path)
}

// Client gives an initialized client of the recording at path. It is closed with
// the test, after the cleanup functions that are added later. Without
// Replay.Rules, the rules in x.rules.json beside x.jsonl count.
//
// The test ends at once if the recording cannot be played, or the client not be
// initialized from it. It fails, but goes on to its end, if it asks for what was
// not recorded: each such call is an error that tells where the nearest recorded
// call differs.
func (o Options) Client(t testing.TB, path string) *client.Client {
	t.Helper()
	return o.play(&verdict{t: t, path: path, options: o})
}

// play gives an initialized client of a recording.
func (o Options) play(v *verdict) *client.Client {
	t, path := v.t, v.path
	t.Helper()
	o.Replay.Warn = v.warn
	rec, err := vcr.Open(path, o.Replay)
	if err != nil {
		t.Fatalf("replaytest: %v", err)
	}
	tape := rec.Transport()
	c, err := o.connect(t, tape)
	t.Cleanup(func() {
		t.Helper()
		err := tape.Close()
		v.say(tape.Report())
		if err = errors.Join(err, rec.Close()); err != nil {
			t.Errorf("replaytest: %v", err)
		}
	})
	if err != nil {
		t.Fatalf("replaytest: %s: %v", path, err)
	}
	return c
}

// connect gives an initialized client.
func (o Options) connect(t testing.TB, tape transport.Interface) (*client.Client, error) {
	c := client.NewClient(tape, o.ClientOptions...)
	if o.Notify != nil {
		c.OnNotification(o.Notify)
	}
	// The test's context ends before its cleanup functions are called, and they
	// may want the client.
	if err := c.Start(context.WithoutCancel(t.Context())); err != nil {
		return nil, err
	}
	if o.Initialize.Params.ClientInfo.Name == "" {
		o.Initialize.Params.ClientInfo = mcp.Implementation{Name: "wiretape replaytest", Version: "1"}
	}
	_, err := c.Initialize(t.Context(), o.Initialize)
	return c, err
}

// verdict is what a test gets to hear of its replay.
type verdict struct {
	t       testing.TB
	path    string
	options Options
	advice  string // if something was missed

	mu    sync.Mutex
	words []string
}

// warn keeps a sentence until it is known whether it is a miss, which is an
// error and not to be said twice. A test must not be told anything once it has
// ended, and calls may end later.
func (v *verdict) warn(sentence string) {
	v.mu.Lock()
	v.words = append(v.words, sentence)
	v.mu.Unlock()
	if v.options.Replay.Warn != nil {
		v.options.Replay.Warn(sentence)
	}
}

// say tells the test what came of a replay.
func (v *verdict) say(r replay.Report) {
	v.t.Helper()
	v.log(r.Missed)
	tell := v.t.Errorf
	if v.options.MayMiss {
		tell = v.t.Logf
	}
	for _, m := range r.Missed {
		tell("replaytest: %s: %s", v.path, m.Message)
	}
	if v.advice != "" && len(r.Missed) > 0 {
		v.t.Logf("replaytest: %s: %s", v.path, v.advice)
	}
	if more := r.Failed - len(r.Missed); more > 0 {
		tell("replaytest: %s: %d other answers of the client's differ from the recorded ones", v.path, more)
	}
	v.unused(r)
}

// log tells of all that was warned of, but for the misses.
func (v *verdict) log(missed []replay.Miss) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, sentence := range v.words {
		if !slices.ContainsFunc(missed, func(m replay.Miss) bool { return m.Message == sentence }) {
			v.t.Logf("replaytest: %s: %s", v.path, sentence)
		}
	}
	v.words = nil
}

// unused fails the test for what it should have asked for.
func (v *verdict) unused(r replay.Report) {
	v.t.Helper()
	if !v.options.Unused {
		return
	}
	for _, u := range r.Unused {
		what := u.Method
		if u.Name != "" {
			what += " " + u.Name
		}
		v.t.Errorf("replaytest: %s: %s (event %d) was recorded, but not asked for", v.path, what, u.Seq)
	}
	if more := r.UnusedSum - len(r.Unused); more > 0 {
		v.t.Errorf("replaytest: %s: %d more calls were recorded, but not asked for", v.path, more)
	}
}
