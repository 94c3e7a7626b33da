package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"wiretape/internal/wire"
	"wiretape/record"
)

var errEnded = errors.New("the server ended")

// line joins one host with one target after another.
type line struct {
	*Proxy
	session *session  // nil under NoControl
	open    *requests // the session's; under NoControl only those that faults are about
	tools   func() *server.MCPServer
	host    *outlet

	life sync.Mutex  // held while a connection begins or ends
	conn *connection // guarded by life; nil while nothing is connected
	last int         // exit status of a target that ended by itself; guarded by life
	n    int         // connections begun; guarded by life

	hostGone  chan struct{} // closed when the host takes no more
	leaving   chan struct{} // closed when the line is to end
	abandoned chan int      // the target ended, and so shall the line, with this status
}

func newLine(p *Proxy) *line {
	l := &line{Proxy: p, hostGone: make(chan struct{}), leaving: make(chan struct{}), abandoned: make(chan int, 1)}
	l.host = newOutlet(p.Out, func() { close(l.hostGone) })
	l.open = &requests{}
	gate := sync.Locker(new(sync.Mutex))
	if !p.NoControl {
		l.session = newSession(l)
		l.tools = sync.OnceValue(l.dispatcher)
		l.open, gate = &l.session.open, &l.session.mu
	}
	l.open.faulty = newFaulty(p, l.host, gate)
	return l
}

// begin starts a target and listens to it. Its recording begins with the call
// that asked for it, if there was one. The caller holds life.
func (l *line) begin(ctx context.Context, asked *call) (*connection, error) {
	c, err := l.dial(ctx, l.n+1)
	if err != nil {
		return nil, err
	}
	l.n++
	l.conn = c
	if asked != nil {
		c.tape.Line(record.Host, record.Proxy, asked.line)
	}
	if l.session != nil {
		l.session.turn(c)
	}
	// Ends when the target says no more, at the latest after Stop.
	go c.listen(l.targetPump(c), l.open.faulty)
	// Ends with the connection.
	go func() {
		<-c.over
		l.targetEnded(c)
	}()
	return c, nil
}

// targetPump moves what the target of c says.
func (l *line) targetPump(c *connection) *pump {
	p := &pump{in: wire.NewReader(c.target), out: l.host}
	switch {
	case l.session != nil:
		p.take = func(line wire.Line) verdict { return l.session.fromTarget(c, line) }
		p.holds = func(line wire.Line) bool { return l.session.holds(c, line) }
	case l.open.faulty != nil:
		u := uncontrolled{l.open, c}
		p.take, p.holds = u.fromTarget, u.holds
	default:
		p.take = func(line wire.Line) verdict {
			c.tape.Line(record.Target, record.Host, line...)
			return verdict{to: l.host}
		}
	}
	return p
}

// hostPump moves what the host says. Under NoControl there is one target and
// nothing is read for meaning, unless faults ask for it.
func (l *line) hostPump(c *connection) *pump {
	p := &pump{in: wire.NewReader(l.In), out: c.in}
	whole := func(wire.Line) bool { return true }
	switch {
	case l.session != nil:
		p.take, p.holds = l.session.fromHost, whole
	case l.open.faulty != nil:
		p.take, p.holds = uncontrolled{l.open, c}.fromHost, whole
	default:
		p.take = func(line wire.Line) verdict {
			c.tape.Line(record.Host, record.Target, line...)
			return verdict{to: c.in}
		}
	}
	return p
}

// ending is what there is to tell of a connection that has ended.
type ending struct {
	conn     *connection
	reason   string
	exit     Exit
	duration time.Duration
	tape     record.Summary
	problem  error  // of the recording
	words    string // the last lines of stderr
	fault    string // that ended the target; empty if none did
}

// end ends the present connection, if there is one, and answers all that it
// leaves open, if anybody is left to be answered. The caller holds life.
func (l *line) end(reason string, answer bool) *ending {
	c := l.conn
	if c == nil {
		return nil
	}
	l.conn = nil
	if l.session != nil {
		refusals := l.session.disconnect(c)
		// A host that hung up leaves a target without answers, and a target
		// that ended needs none.
		if answer && reason != "exit" {
			c.refuse(refusals)
		}
	}
	e := &ending{conn: c, reason: reason, exit: c.target.Stop()}
	l.drain(c)
	e.duration, e.words, e.fault = time.Since(c.started), c.words.end(), l.open.faulty.felledBy(c)
	if l.session != nil {
		l.session.finish(c, e.why(), answer)
	}
	c.tape.Exit(e.exit.recorded())
	e.tape, e.problem = c.tape.Close(reason)
	if c.lost != nil {
		e.problem = c.lost
	}
	if warning := e.warning(); warning != "" {
		l.warn("%s", warning)
	}
	return e
}

// why tells those who call the target that it is not there.
func (e *ending) why() string {
	if e.reason != "exit" {
		return "The server is disconnected."
	}
	why := fmt.Sprintf("The server ended by itself (%v).", e.exit)
	if e.fault != "" {
		why = fmt.Sprintf("The server was ended by a fault that wiretape injected, %s (%v).", e.fault, e.exit)
	}
	if e.words != "" {
		why += " Its last words on stderr:\n" + e.words + "\n"
	}
	return why
}

// warning tells what was not cleaned up or not recorded, "" if all was.
func (e *ending) warning() string {
	var warnings []string
	if e.exit.Problem != "" {
		warnings = append(warnings, e.exit.Problem)
	}
	if e.problem != nil {
		warnings = append(warnings, "the recording is not complete: "+e.problem.Error())
	}
	return strings.Join(warnings, "; ")
}

// drain waits until all that the target said was passed on. A host that is
// leaving may not be reading any more.
func (l *line) drain(c *connection) {
	select {
	case <-c.over:
	case <-l.leaving:
		within(killGrace, c.over)
	}
}

// refuse answers what the target has asked for, and waits until it was told all
// that it was to be told, for as long as it takes it.
func (c *connection) refuse(lines []byte) {
	if len(lines) > 0 {
		c.tell(lines)
	}
	c.in.settle(killGrace)
}

// targetEnded is for a target that ended without being told to.
func (l *line) targetEnded(c *connection) {
	l.life.Lock()
	defer l.life.Unlock()
	if l.conn != c {
		return
	}
	if l.session == nil || l.OnExit == Leave || !l.session.isOpen() {
		l.last = l.end("exit", false).exit.Code
		l.abandoned <- l.last
		return
	}
	e := l.end("exit", true)
	l.last = e.exit.Code
	what := "the server ended"
	if e.fault != "" {
		what = "the fault " + e.fault + " ended the server"
	}
	l.warn("%s (%v); call %s to start it again", what, e.exit, l.session.nameOf(connect))
}

// leaveInTime is leave, but does not wait for ever for a disk that does not
// take the rest of the recording.
func (l *line) leaveInTime(reason string) int {
	left := make(chan int, 1)
	// Ends when everything is closed, or with the process.
	go func() { left <- l.leave(reason) }()
	select {
	case status := <-left:
		return status
	case <-time.After(lastResort):
		l.warn("the recording could not be closed within %v; its end may be missing", lastResort)
		return 0
	}
}

// lastResort is far more than the steps of leave take, which have a bound of
// their own each, but for the recording: by then the target is gone, and a host
// that is in a hurry can kill us.
const lastResort = 10 * time.Second

// leave ends the line: the host is gone, or somebody told us to go. It gives
// wiretape's exit status.
func (l *line) leave(reason string) int {
	close(l.leaving)
	l.life.Lock()
	defer l.life.Unlock()
	e := l.end(reason, false)
	switch {
	case e == nil:
		return l.last
	case e.exit.Forced:
		return 0
	}
	return e.exit.Code
}
