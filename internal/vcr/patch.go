package vcr

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"wiretape/internal/wire"
	"wiretape/proxy"
	"wiretape/replay"
)

// patch is a replay in which a live server answers what the recording lacks.
type patch struct {
	source   *source
	endpoint *Endpoint
	session  *replay.Session
	ctx      context.Context // of the live server
	stderr   io.Writer       // likewise
	out      *mouth          // what the host hears
	said     chan struct{}   // closed when all was said
	host     host
	end      end

	mu   sync.Mutex
	live *live // nil as long as nothing was missing; guarded by mu
	deaf bool  // it is not asked any more; guarded by mu
}

// host is what is known of the host. Its lines come one at a time.
type host struct {
	mu      sync.Mutex // held while a line is taken
	partial []byte
	opening *opening // nil without initialize; guarded by patch.mu
}

// opening is how a legacy session was opened.
type opening struct {
	line        []byte // the initialize request
	id          []byte // its raw id
	initialized bool   // the host said so; guarded by patch.mu

	met     chan struct{} // closed when the answer to line has come by
	over    bool          // it was closed; guarded by patch.mu
	version []byte        // raw, what was agreed on, once met is closed; nil if nothing was
}

// end is how a patch ends.
type end struct {
	once   sync.Once
	killed atomic.Bool
	exit   proxy.Exit
}

func newPatch(ctx context.Context, e *Endpoint, s *replay.Session, stderr io.Writer) *patch {
	p := &patch{
		source:   e.source,
		endpoint: e,
		session:  s,
		// The live server is started later, when whoever connects the replay
		// has long gone on.
		ctx:    context.WithoutCancel(ctx),
		stderr: stderr,
		out:    newMouth(),
		said:   make(chan struct{}),
	}
	// Ends with the session, at the latest after Stop.
	go p.relay()
	return p
}

// Read implements [proxy.Target].
func (p *patch) Read(b []byte) (int, error) { return p.out.Read(b) }

// Write implements [proxy.Target].
func (p *patch) Write(b []byte) (int, error) {
	p.host.mu.Lock()
	defer p.host.mu.Unlock()
	n := len(b)
	for {
		i := bytes.IndexByte(b, '\n') + 1
		if i == 0 {
			break
		}
		line := append(p.host.partial, b[:i]...)
		p.host.partial, b = nil, b[i:]
		p.hear(line)
	}
	p.host.partial = append(p.host.partial, b...)
	return n, nil
}

// hear takes a line of the host, which is for the replay, for the live server,
// or for both.
func (p *patch) hear(line []byte) {
	m := wire.Parse(line)
	l := p.notice(m, line)
	switch {
	case l == nil:
	case m.Kind == wire.Batch:
		for element := range wire.Elements(line) {
			p.tell(l, wire.Parse(element), element)
		}
	case p.tell(l, m, line):
		return
	}
	p.source.hear(p, func() {
		// A session takes all that it is given.
		_, _ = p.session.Write(line)
	})
}

// tell has the live server told a message of the host that is none of its requests,
// if it is to know it. It reports whether the message is for nobody else.
func (p *patch) tell(l *live, m wire.Message, line []byte) (alone bool) {
	switch {
	case m.Kind == wire.Response:
		alone = !p.asked(m.ID)
	case m.Method == "notifications/cancelled":
		alone = l.cancels(wire.Get(m.Params, "requestId"))
	case m.Kind == wire.Notification:
		l.say(line)
	}
	if alone {
		l.say(line)
	}
	return alone
}

// asked reports whether the replay asked the host something under the raw id.
func (p *patch) asked(id []byte) bool { return bytes.HasPrefix(id, []byte(`"`+p.source.prefix)) }

// notice takes note of how the session is opened. It gives the live server, if
// there is one.
func (p *patch) notice(m wire.Message, line []byte) *live {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.host.opening
	switch {
	case m.Method == "initialize" && m.Kind == wire.Request && o == nil:
		p.host.opening = &opening{line: line, id: m.ID, met: make(chan struct{})}
	case m.Method == "notifications/initialized" && o != nil:
		o.initialized = true
	}
	return p.live
}

// fetch asks the live server for what the recording has no answer to. It is
// called while the session takes a line, and must not wait for it.
func (p *patch) fetch(request []byte) bool {
	m := wire.Parse(request)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.deaf {
		return false
	}
	var err error
	if p.live == nil {
		p.live, err = p.start(m)
	}
	if err == nil && !p.live.ask(m, request) {
		err = errEnded
	}
	if err != nil {
		p.deaf = true
		p.endpoint.fail(fmt.Errorf("the live server could not be asked: %w", err))
	}
	return err == nil
}

// relay passes on what the replay says.
func (p *patch) relay() {
	defer close(p.said)
	in := bufio.NewReader(p.session)
	var err error
	for err == nil {
		var line []byte
		if line, err = in.ReadBytes('\n'); len(line) > 0 {
			p.meet(line)
			p.out.say(line)
		}
	}
	if !errors.Is(err, io.EOF) {
		p.endpoint.fail(fmt.Errorf("%s: %w", p.session.Path(), err))
	}
	p.meet(nil)
	p.leave()
	p.out.close()
}

// meet looks for the answer to initialize, which the live server is to repeat.
// Without a line there will be none.
func (p *patch) meet(line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.host.opening
	if o == nil || o.over {
		return
	}
	if line != nil {
		m, ok := wire.Peek(line)
		if !ok || m.Kind != wire.Response || !bytes.Equal(m.ID, o.id) {
			return
		}
		o.version = wire.Get(wire.Parse(line).Result, "protocolVersion")
		if p.live != nil {
			p.live.open(o)
		}
	}
	o.over = true
	close(o.met)
}

// readGrace is how long what is left to be said may take to be read.
const readGrace = 200 * time.Millisecond

// Stop implements [proxy.Target].
func (p *patch) Stop() proxy.Exit {
	p.end.once.Do(func() {
		p.host.mu.Lock()
		if len(p.host.partial) > 0 {
			p.hear(p.host.partial)
		}
		p.source.hear(p, p.session.CloseInput)
		p.host.mu.Unlock()
		p.leave()
		forced := !within(readGrace, p.said)
		p.session.Close()
		p.out.shut()
		p.end.exit = exitOf(p.session, forced, p.end.killed.Load())
	})
	return p.end.exit
}

// leave stops the live server, and waits until it has.
func (p *patch) leave() {
	p.mu.Lock()
	p.deaf = true
	l := p.live
	p.mu.Unlock()
	if l != nil {
		l.stop()
	}
}

// Kill ends the replay as a crash ends a process.
func (p *patch) Kill() {
	p.end.killed.Store(true)
	p.session.Close()
}
