package proxy

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"

	"wiretape/internal/wire"
)

// stage is an Endpoint whose targets are played by the test itself, line by
// line, so that it alone decides what comes before what.
type stage struct {
	pipes
	t      *testing.T
	actors chan *actor
}

// actor is one life of a target. It ends at the end of its input, or earlier
// when the test says so.
type actor struct {
	t      *testing.T
	heard  chan string // what it is told; closed at the end of its input
	out    io.Writer
	stderr io.Writer
	bye    chan Exit
	busy   chan struct{} // if set, closed when it may end
}

// newStage joins a host with targets that the test plays.
func newStage(t *testing.T, adapt func(*Proxy)) (*rig, *stage) {
	s := &stage{t: t, actors: make(chan *actor, 100)}
	s.serve = s.play
	return newRig(t, s, adapt), s
}

func (s *stage) play(_ int, in *bufio.Reader, out, stderr io.Writer) Exit {
	a := &actor{t: s.t, heard: make(chan string, 1<<12), out: out, stderr: stderr, bye: make(chan Exit, 1)}
	over := make(chan struct{})
	s.actors <- a
	// Ends with the target's input.
	go func() {
		defer close(over)
		defer close(a.heard)
		for {
			line, err := in.ReadString('\n')
			if line != "" {
				a.heard <- line
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case e := <-a.bye:
		return e
	case <-over:
	}
	if a.busy != nil {
		<-a.busy
	}
	return Exit{}
}

// actor waits until the next target is started.
func (s *stage) actor() *actor {
	s.t.Helper()
	select {
	case a := <-s.actors:
		return a
	case <-time.After(patience):
		s.t.Fatal("no target was started")
	}
	panic("unreachable")
}

// next gives the next line that the target is told, without its newline.
func (a *actor) next() string {
	a.t.Helper()
	select {
	case line, ok := <-a.heard:
		if !ok {
			a.t.Fatal("the target's input ended")
		}
		return strings.TrimSuffix(line, "\n")
	case <-time.After(patience):
		a.t.Fatal("the target was told nothing")
	}
	panic("unreachable")
}

// hears checks that the next line that the target is told is this one.
func (a *actor) hears(want string) {
	a.t.Helper()
	if got := a.next(); got != want {
		a.t.Errorf("the target is told %s\nwant %s", got, want)
	}
}

// expect checks that the target is now told something with this method.
func (a *actor) expect(method string) wire.Message {
	a.t.Helper()
	line := a.next()
	m := wire.Parse([]byte(line))
	if m.Method != method {
		a.t.Fatalf("the target is told %s, want %s", line, method)
	}
	return m
}

// hearsNoMore checks that the target is told nothing up to the end of its input.
func (a *actor) hearsNoMore() {
	a.t.Helper()
	select {
	case line, ok := <-a.heard:
		if ok {
			a.t.Errorf("the target is told %s, want nothing", line)
		}
	case <-time.After(patience):
		a.t.Fatal("the target's input does not end")
	}
}

func (a *actor) say(lines ...string) {
	a.t.Helper()
	if _, err := io.WriteString(a.out, strings.Join(lines, "\n")+"\n"); err != nil {
		a.t.Fatalf("the target cannot say %s: %v", lines, err)
	}
}

// answer expects a request and gives it a result.
func (a *actor) answer(method, result string) wire.Message {
	a.t.Helper()
	m := a.expect(method)
	a.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + result + `}`)
	return m
}

// refuse expects a request and gives it an error.
func (a *actor) refuse(method, code string) {
	a.t.Helper()
	m := a.expect(method)
	a.say(`{"jsonrpc":"2.0","id":` + string(m.ID) + `,"error":{"code":` + code + `,"message":"no"}}`)
}

// hears checks that the next lines that the host hears are these.
func (r *rig) hears(want ...string) {
	r.t.Helper()
	for _, line := range want {
		if got := r.next(); got != line {
			r.t.Errorf("the host hears %s\nwant %s", brief(got), brief(line))
		}
	}
}

// brief keeps the definitions of the control tools out of what a test reports.
func brief(line string) string { return strings.ReplaceAll(line, ours("wiretape_"), "OURS") }

// hearsOnly checks that what the host hears next is said after everything
// before: nothing waits. The target answers a ping of the host for it.
func (r *rig) hearsOnly(a *actor) {
	r.t.Helper()
	r.send(`{"jsonrpc":"2.0","id":"only","method":"x/only"}`)
	a.hears(`{"jsonrpc":"2.0","id":"only","method":"x/only"}`)
	a.say(`{"jsonrpc":"2.0","id":"only","result":{}}`)
	r.hears(`{"jsonrpc":"2.0","id":"only","result":{}}`)
}

// handshake is an initialize result.
func handshake(capabilities string) string {
	return `{"protocolVersion":"2025-11-25","capabilities":` + capabilities + `,"serverInfo":{"name":"actor","version":"1"}}`
}

// legacy opens a session with a target that has these capabilities.
func (r *rig) legacy(s *stage, capabilities string) *actor {
	r.t.Helper()
	a := s.actor()
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.answer("initialize", handshake(capabilities))
	r.answer("0")
	r.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	a.expect("notifications/initialized")
	return a
}

// modernMeta are the members of _meta that every modern request has.
const modernMeta = `"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},` +
	`"io.modelcontextprotocol/clientInfo":{"name":"rig","version":"1"}`

// modernLine is a request of 2026-07-28; members are further ones of params, each
// with a comma behind it.
func modernLine(id, method, members string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"` + method + `","params":{` + members + `"_meta":{` + modernMeta + `}}}`
}

// discovery is a server/discover result.
func discovery(capabilities string) string {
	return `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":` + capabilities +
		`,"ttlMs":60000,"cacheScope":"public","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"actor","version":"1"}}}`
}

// modern opens a session with a target of 2026-07-28 that has these capabilities.
func (r *rig) modern(s *stage, capabilities string) *actor {
	r.t.Helper()
	a := s.actor()
	r.send(modernLine("0", "server/discover", ""))
	a.answer("server/discover", discovery(capabilities))
	r.answer("0")
	return a
}

// lists has the host list the target's tools, one page.
func (r *rig) lists(a *actor, request, tools string) wire.Message {
	r.t.Helper()
	r.send(request)
	m := a.answer("tools/list", `{"tools":[`+tools+`]}`)
	response, _ := r.answer(string(m.ID))
	return response
}

// control calls a control tool and gives the response, and what comes before.
func (r *rig) control(id, tool string) (wire.Message, []string) {
	r.t.Helper()
	r.send(controlLine(id, tool))
	return r.answer(id)
}

func controlLine(id, tool string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `"}}`
}

func isError(m wire.Message) bool { return string(wire.Get(m.Result, "isError")) == "true" }

// wantError checks that a response is an error with this code.
func wantError(t *testing.T, m wire.Message, code string) {
	t.Helper()
	if got := string(wire.Get(m.Error, "code")); got != code {
		t.Errorf("error %q (%s%s), want code %s", got, m.Error, m.Result, code)
	}
}

// wantPart checks a member of a JSON value.
func wantPart(t *testing.T, value []byte, want string, path ...string) {
	t.Helper()
	if got := string(wire.Get(value, path...)); got != want {
		t.Errorf("%s is %s, want %s, in %s", strings.Join(path, "."), got, want, value)
	}
}
