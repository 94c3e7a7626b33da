// Package proxy is the line between an MCP host and a target MCP server: it
// passes every byte, records every message, and offers the host three tools to
// disconnect the target, to connect it again, and to ask for its status.
//
// What host and target see is what they would see without it, byte for byte
// and in the same order, with these exceptions: the capabilities in an
// initialize or server/discover result, the first page of tools/list, calls of
// the control tools, what is said in the name of a target that is gone, the
// acknowledgement of a subscriptions/listen, and what Faults ask for. Under
// NoControl there are only those of Faults.
//
//	p := proxy.Proxy{
//		Endpoint: &proxy.Command{Args: []string{"npx", "-y", "@modelcontextprotocol/server-everything"}},
//		In:       os.Stdin,
//		Out:      os.Stdout,
//	}
//	status, err := p.Run(ctx)
package proxy

import (
	"context"
	"fmt"
	"io"

	"wiretape/record"
)

// Proxy says what is joined, and how. Endpoint, In and Out have to be set.
type Proxy struct {
	Endpoint Endpoint  // where the target is
	In       io.Reader // what the host says
	Out      io.Writer // what the host hears
	Stderr   io.Writer // gets what the target writes to stderr; nil drops it

	// Record opens the recording of the nth connection, from 1. The Proxy
	// closes it. After an error the connection goes on without one. A nil
	// Record records nothing.
	Record func(n int) (*record.Writer, error)

	// Warn gets what the user has to know, a sentence without a prefix. It
	// may be called from several goroutines. A nil Warn drops it.
	Warn func(sentence string)

	NoControl bool   // no tools, and nothing is read for meaning
	Prefix    string // of the control tools' names; they are bare without one
	Version   string // wiretape's own
	OnExit    OnExit // what follows when the target ends by itself

	// Faults are what goes wrong on purpose. With them the line reads messages
	// for meaning even under NoControl.
	Faults []Fault
	// Seed makes what faults choose by chance, and the junk they say, the same
	// each time: the same requests in the same order meet the same faults.
	Seed uint64
}

// OnExit says what follows when the target ends by itself in an open session.
type OnExit int

const (
	// Stay keeps the session: calls are answered with an error that says how
	// to start the target again.
	Stay OnExit = iota
	// Leave ends the line with the target's exit status. It is what always
	// follows under NoControl, and before a session is open.
	Leave
)

// Run starts the target and joins it with the host until one of them ends or
// ctx does; the target is stopped then. It gives the exit status of the target,
// or 0 if the target had to be stopped because the host went. The error says
// why the target could not be started at all. A Read of In may be pending when
// Run returns.
func (p *Proxy) Run(ctx context.Context) (status int, err error) {
	q := *p
	if q.Stderr == nil {
		q.Stderr = io.Discard
	}
	l := newLine(&q)
	l.life.Lock()
	c, err := l.begin(ctx, nil)
	l.life.Unlock()
	if err != nil {
		return 0, err
	}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	controlled := l.control(work)
	defer l.hangUp()
	// What was said for the host is heard, if it still listens.
	defer l.host.settle(killGrace)

	hostEnded := make(chan struct{})
	pump := l.hostPump(c)
	// Ends with In.
	go func() {
		// A host that cannot be heard has gone, whatever the error.
		_ = pump.run()
		close(hostEnded)
	}()
	reason := "host"
	select {
	case status := <-l.abandoned:
		return status, nil
	case <-hostEnded:
		// What the host asked for before it went is done first, but it needs
		// no new connection.
		l.hangUp()
		cancel()
		within(endGrace, controlled)
	case <-l.hostGone:
	case <-ctx.Done():
		reason = "signal"
	}
	cancel()
	return l.leaveInTime(reason), nil
}

func (p *Proxy) warn(format string, args ...any) {
	if p.Warn == nil {
		return
	}
	said := make(chan struct{})
	// Ends when the user's side takes the sentence. It must hold up nothing.
	go func() {
		defer close(said)
		p.Warn(fmt.Sprintf(format, args...))
	}()
	within(killGrace, said)
}
