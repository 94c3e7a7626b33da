package demo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"wiretape/internal/wire"
)

// Host plays one short session with the demo server behind wiretape: it lists
// the tools, calls some, has the server disconnected and connected again, and
// ends the input.
type Host struct {
	In   io.Reader      // what the server says
	Out  io.WriteCloser // what the server hears; Play closes it
	Tell func(Remark)   // is given the commentary, as it happens
}

// Remark is one line of the commentary on a session.
type Remark struct {
	Kind RemarkKind
	Text string // may hold what the server said, control characters too
}

// RemarkKind says what a remark tells.
type RemarkKind uint8

// The kinds of a remark.
const (
	Scene   RemarkKind = iota // what the host is about to do
	Sent                      // a message of the host
	Came                      // an answer
	Refused                   // an answer that says that something failed
	Aside                     // a message that nobody asked for
)

// Play runs the session to its end. It gives an error when the server goes
// before that, or answers a step otherwise than the script has it.
func (h *Host) Play() error {
	p := &play{Host: h, in: bufio.NewReader(h.In)}
	p.opening()
	p.tools()
	p.reconnecting()
	p.scene("The host goes, and the server with it.")
	return errors.Join(p.err, h.Out.Close(), p.drain())
}

// play is a session under way. After an error its steps do nothing.
type play struct {
	*Host
	in    *bufio.Reader
	calls int
	err   error
}

func (p *play) opening() {
	p.scene("A host opens a session.")
	result := p.request("initialize", `{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},`+
		`"clientInfo":{"name":"demo-host","version":"1.0.0"}}`)
	p.tell(Came, say(result, "serverInfo", "name")+" speaks "+say(result, "protocolVersion"))
	p.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	p.scene("It asks what tools there are: the server's own, then three that wiretape adds.")
	var names []string
	for tool := range wire.Elements(wire.Get(p.request("tools/list", `{}`), "tools")) {
		names = append(names, say(tool, "name"))
	}
	p.tell(Came, strings.Join(names, ", "))
}

func (p *play) tools() {
	p.scene("It calls some: one fails, one reports progress, one asks the host back.")
	p.works("echo", `{"text":"hello, wire"}`)
	p.works("add", `{"a":2,"b":40}`)
	p.fails("fail", `{"reason":"out of coffee"}`)
	p.works("countdown", `{"from":3}`)
	p.works("ask", `{"question":"Who is there?"}`)
}

func (p *play) reconnecting() {
	p.scene("It has the server stopped, say to build a new one. The session goes on.")
	p.works("wiretape_status", `{}`)
	p.works("wiretape_disconnect", `{}`)
	p.fails("echo", `{"text":"anybody there?"}`)
	p.scene("It has the server started again.")
	p.works("wiretape_connect", `{}`)
	p.works("echo", `{"text":"back on the wire"}`)
}

// works calls a tool, which must not fail.
func (p *play) works(tool, arguments string) {
	if said, failed := p.call(tool, arguments); failed {
		p.stop(fmt.Errorf("the tool %s failed: %s", tool, said))
	}
}

// fails calls a tool, which must.
func (p *play) fails(tool, arguments string) {
	if said, failed := p.call(tool, arguments); !failed {
		p.stop(fmt.Errorf("the tool %s did not fail: %s", tool, said))
	}
}

func (p *play) call(tool, arguments string) (said string, failed bool) {
	if arguments == "{}" {
		p.tell(Sent, tool)
	} else {
		p.tell(Sent, tool+" "+arguments)
	}
	result := p.request("tools/call", fmt.Sprintf(
		`{"name":%s,"arguments":%s,"_meta":{"progressToken":"step-%d"}}`, wire.Quote(tool), arguments, p.calls+1))
	for content := range wire.Elements(wire.Get(result, "content")) {
		said += say(content, "text")
	}
	if brief := say(result, "structuredContent", "message"); brief != "" {
		said = brief
	}
	failed = string(wire.Get(result, "isError")) == "true"
	if failed {
		p.tell(Refused, said)
	} else {
		p.tell(Came, said)
	}
	return said, failed
}

// request asks the server and gives the result. What comes before that is told
// or answered.
func (p *play) request(method, params string) []byte {
	if method != "tools/call" {
		p.tell(Sent, method)
	}
	p.calls++
	id := fmt.Sprint(p.calls)
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%s,"params":%s}`, id, wire.Quote(method), params))
	for p.err == nil {
		m := p.next()
		switch {
		case m.Kind == wire.Request:
			p.answer(m)
		case m.Kind == wire.Notification:
			p.tell(Aside, describe(m))
		case m.Kind == wire.Response && string(m.ID) == id && m.Error == nil:
			return m.Result
		case m.Kind == wire.Response && string(m.ID) == id:
			p.stop(fmt.Errorf("%s was refused: %s", method, m.Error))
		}
	}
	return nil
}

// answer plays the user who is asked by the server.
func (p *play) answer(m wire.Message) {
	if m.Method != "elicitation/create" {
		p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":"Method not found"}}`, m.ID, methodNotFound))
		return
	}
	p.tell(Aside, "the server asks: "+say(m.Params, "message"))
	p.tell(Sent, "the user answers: Ada")
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":{"name":"Ada"}}}`, m.ID))
}

func describe(m wire.Message) string {
	switch m.Method {
	case "notifications/progress":
		return "progress: " + say(m.Params, "message")
	case "notifications/message":
		if text := say(m.Params, "data"); text != "" {
			return "log: " + text
		}
		return "log: " + string(wire.Get(m.Params, "data"))
	}
	return strings.TrimPrefix(m.Method, "notifications/")
}

func (p *play) next() wire.Message {
	line, err := p.in.ReadBytes('\n')
	if err != nil {
		p.stop(fmt.Errorf("the server went away: %w", err))
	}
	return wire.Parse(line)
}

// drain reads what the server still says, up to its end.
func (p *play) drain() error {
	_, err := io.Copy(io.Discard, p.in)
	return err
}

func (p *play) send(line string) {
	if p.err != nil {
		return
	}
	if _, err := io.WriteString(p.Out, line+"\n"); err != nil {
		p.stop(fmt.Errorf("the server does not listen: %w", err))
	}
}

// stop ends the session at its first error.
func (p *play) stop(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *play) scene(text string) { p.tell(Scene, text) }

func (p *play) tell(kind RemarkKind, text string) {
	if p.err == nil {
		p.Tell(Remark{kind, text})
	}
}

// say gives the string at path, empty if there is none.
func say(value []byte, path ...string) string {
	text, _ := wire.Text(wire.Get(value, path...))
	return text
}
