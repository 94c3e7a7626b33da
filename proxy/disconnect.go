package proxy

import (
	"fmt"
	"time"
)

// disconnect carries out the control tool of that name. It never fails.
func (l *line) disconnect(call *call) (reply, bool) {
	l.report(call, "stopping the server")
	l.life.Lock()
	e := l.end("disconnect", true)
	l.last = 0
	l.life.Unlock()

	was := e != nil
	r := &disconnectReply{Success: true, WasConnected: was, Message: "Nothing was connected."}
	r.Metadata.WasConnected = &was
	if was {
		r.Metadata.Previous, r.Metadata.Warning = l.past(e), e.warning()
		r.Message = fmt.Sprintf("Disconnected after %.1f s (%v). %s Call %s to start the server again.",
			e.duration.Seconds(), e.exit, e.summary(), l.session.nameOf(connect))
	}
	l.report(call, "disconnected")
	return r, true
}

func (e *ending) summary() string {
	s := e.tape.Statistics
	what := counted(s.ToolsCalled, "tool call") + ", " + counted(s.Errors, "error") + "."
	switch {
	case e.problem != nil:
		what += " The recording is not complete: " + e.problem.Error() + "."
	case e.tape.Path != "":
		what += fmt.Sprintf(" %s recorded in %s.", counted(e.tape.Events, "event"), e.tape.Path)
	}
	return what
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// status carries out the control tool of that name.
func (l *line) status(*call) (reply, bool) {
	l.life.Lock()
	defer l.life.Unlock()
	r := &statusReply{Success: true, Connected: l.conn != nil}
	c := l.conn
	if c == nil {
		l.session.mu.Lock()
		r.Message = l.session.ended + " Call " + l.session.tools.name(connect) + " to start it again."
		l.session.mu.Unlock()
		return r, true
	}
	r.Connection = l.present(c)
	lasted := seconds(time.Since(c.started))
	r.Metadata.Duration = &lasted
	s := r.Connection.Statistics
	r.Message = fmt.Sprintf("Connected for %.1f s: %s, %s.", lasted, counted(s.ToolsCalled, "tool call"), counted(s.Errors, "error"))
	if problem := c.problem(); problem != nil {
		r.Message += " The recording is not complete: " + problem.Error() + "."
	}
	return r, true
}
