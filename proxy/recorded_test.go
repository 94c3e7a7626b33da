package proxy

import (
	"slices"
	"strings"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
)

// tale gives what a recording says passed, each as "from>to what".
func tale(rec *record.Recording) []string {
	var lines []string
	for _, e := range rec.Events {
		if e.Line == nil {
			lines = append(lines, e.Name)
			continue
		}
		m := wire.Parse(e.Line)
		what := m.Method
		if name := text(wire.Get(m.Params, "name")); name != "" {
			what += " " + name
		}
		if m.Kind == wire.Response {
			what = "= " + string(m.ID)
			if strings.Contains(what, "wiretape:") {
				what = "= own"
			}
		}
		lines = append(lines, string(e.From)+">"+string(e.To)+" "+what)
	}
	return lines
}

func wantTale(t *testing.T, rec *record.Recording, want ...string) {
	t.Helper()
	if got := tale(rec); !slices.Equal(got, want) {
		t.Errorf("recorded\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What wiretape says and is asked is recorded as its own, and its handshake
// with the new target too; each recording ends for its reason.
func TestBothSidesAndWiretapeItselfAreRecorded(t *testing.T) {
	r, s := newStage(t, nil)
	a := r.legacy(s, `{"tools":{}}`)
	r.lists(a, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, named("a"))
	r.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a"}}`)
	a.expect("tools/call")
	a.say(`{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	r.next()
	r.control("3", "wiretape_status")
	r.send(controlLine("4", "wiretape_connect"))
	b := s.actor()
	b.answer("initialize", handshake(`{"tools":{}}`))
	b.expect("notifications/initialized")
	b.answer("tools/list", `{"tools":[`+named("b")+`]}`)
	r.answer("4")
	r.next()
	r.hearsOnly(b)
	r.end()

	first, second := r.load(1), r.load(2)
	wantTale(t, first,
		"host>target initialize", "target>host = 0", "host>target notifications/initialized",
		"host>target tools/list", "target>host = 1",
		"host>target tools/call a", "target>host roots/list",
		"host>proxy tools/call wiretape_status", "proxy>host = 3",
		"host>proxy tools/call wiretape_connect",
		"proxy>target = 0", "proxy>host = 2", "proxy>host notifications/cancelled",
		"exit", "end")
	wantTale(t, second,
		"host>proxy tools/call wiretape_connect",
		"proxy>target initialize", "target>proxy = own", "proxy>target notifications/initialized",
		"proxy>target tools/list", "target>proxy = own",
		"proxy>host = 4", "proxy>host notifications/tools/list_changed",
		"host>target x/only", "target>host = \"only\"",
		"exit", "end")
	for n, rec := range []*record.Recording{first, second} {
		if want := []string{"connect", "host"}[n]; rec.End == nil || rec.End.Reason != want {
			t.Errorf("recording %d ends with %+v, want %s", n+1, rec.End, want)
		}
	}
}

// What the target said is recorded as it said it, not as the host heard it.
func TestWhatTheTargetReallySaidIsRecorded(t *testing.T) {
	r, s := newStage(t, nil)
	a := s.actor()
	said := []string{
		`{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{ "tools" : {} }}}` + "\r\n",
		`{"jsonrpc":"2.0","id":1,"result":{"tools":[ ],"ttlMs":1e3}}` + "\n",
		`junk` + "\n",
	}
	r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
	a.next()
	r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	a.next()
	for _, line := range said {
		if _, err := a.out.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		if got := r.next() + "\n"; (got == line) != (line == said[2]) {
			t.Errorf("the host hears %s", brief(got))
		}
	}
	r.end()
	if got := string(record.Wire(r.load(1).Events, record.Target, record.Host)); got != strings.Join(said, "") {
		t.Errorf("recorded %s", got)
	}
}

// While nothing is connected nothing is recorded; a target that could not take
// over has a recording of its own, which says so.
func TestAConnectThatFailedHasARecording(t *testing.T) {
	r, s := newStage(t, nil)
	r.legacy(s, `{"tools":{}}`)
	r.control("1", "wiretape_disconnect")
	r.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
	r.next()
	r.send(controlLine("3", "wiretape_connect"))
	b := s.actor()
	b.refuse("initialize", "-32600")
	r.answer("3")
	wantTale(t, r.load(1), "host>target initialize", "target>host = 0", "host>target notifications/initialized",
		"host>proxy tools/call wiretape_disconnect", "exit", "end")
	second := r.load(2)
	wantTale(t, second, "host>proxy tools/call wiretape_connect", "proxy>target initialize", "target>proxy = own", "exit", "end")
	if first := r.load(1).End.Reason; first != "disconnect" || second.End.Reason != "connect failed" {
		t.Errorf("they end with %q and %q", first, second.End.Reason)
	}
}
