package vcr

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"wiretape/internal/wire"
	"wiretape/proxy"
	"wiretape/record"
)

// live is the server that answers what a recording lacks.
type live struct {
	patch  *patch
	target proxy.Target
	rec    *record.Writer
	words  *words
	told   bool // the host had said that it is initialized
	opened bool // it is told how the session was opened, or need not be; guarded by patch.mu

	over   chan struct{} // closed when all that it said was passed on
	spoken chan struct{} // closed when it is told no more
	once   sync.Once     // to stop it
	talk   talk
}

// talk is what goes on between the host and a live server.
type talk struct {
	greeting chan wire.Message // the answer to our own initialize

	mu      sync.Mutex // guards what follows
	changed sync.Cond
	waiting [][]byte          // what the server is to be told
	first   *opening          // what it is to be told before that; nil for nothing
	open    map[string]string // methods of the host's requests that have no answer, by raw id
	lost    map[string]string // of those that were given up
	meeting []byte            // raw id of our own initialize; nil if none is open
	leaving bool              // nothing more comes to wait
	gone    bool              // nobody answers any more
}

// start starts the live server, the first request being m. The caller holds
// p.mu.
func (p *patch) start(m wire.Message) (*live, error) {
	rec, err := p.source.record(p.session.Path())
	if err != nil {
		return nil, err
	}
	l := &live{patch: p, rec: rec, words: &words{to: p.stderr, rec: rec}, over: make(chan struct{}), spoken: make(chan struct{})}
	if l.target, err = p.source.server.Connect(p.ctx, l.words); err != nil {
		_, unkept := rec.Close("exit")
		return nil, errors.Join(err, unkept, os.Remove(rec.Path()))
	}
	l.talk.changed.L = &l.talk.mu
	l.talk.open, l.talk.lost = make(map[string]string), make(map[string]string)
	l.talk.greeting = make(chan wire.Message, 1)
	if o := p.host.opening; o != nil && !isModern(m) {
		if l.opened = true; m.Method != "initialize" {
			l.talk.first, l.told = o, o.initialized
		}
	}
	// Both end with the target, at the latest after stop.
	go l.listen()
	go l.speak()
	return l, nil
}

// isModern reports whether a request is of 2026-07-28 or later, when a server
// needs to know nothing beforehand.
func isModern(m wire.Message) bool {
	return wire.Get(m.Params, "_meta", "io.modelcontextprotocol/protocolVersion") != nil
}

// ask has the server answer a request of the host, m. It reports whether anybody
// will.
func (l *live) ask(m wire.Message, request []byte) bool {
	l.talk.mu.Lock()
	defer l.talk.mu.Unlock()
	if l.talk.gone || l.talk.leaving {
		return false
	}
	l.talk.open[string(m.ID)] = m.Method
	l.queue(request)
	return true
}

// say has the server told a line of the host, unless it takes no more.
func (l *live) say(line []byte) {
	l.talk.mu.Lock()
	defer l.talk.mu.Unlock()
	l.queue(line)
}

func (l *live) queue(line []byte) {
	if l.talk.leaving || l.talk.gone {
		return
	}
	if !bytes.HasSuffix(line, []byte("\n")) {
		line = append(line[:len(line):len(line)], '\n')
	}
	l.talk.waiting = append(l.talk.waiting, line)
	l.talk.changed.Broadcast()
}

// cancels reports whether the server has a request of that raw id to cancel.
// Nobody waits for its answer then.
func (l *live) cancels(id []byte) bool {
	l.talk.mu.Lock()
	defer l.talk.mu.Unlock()
	_, has := l.talk.open[string(id)]
	delete(l.talk.open, string(id))
	return has
}

// speak tells the server what it is to be told.
func (l *live) speak() {
	defer close(l.spoken)
	var err error
	for err == nil {
		line, first := l.next()
		if line == nil {
			return
		}
		if first != nil {
			err = l.introduce(first)
		}
		if err == nil {
			err = l.tell(record.Host, line)
		}
	}
	l.giveUp(err)
}

// tell says a line to the server. How a pipe tells that nobody reads it any more
// is of no use to anybody.
func (l *live) tell(from record.Party, line []byte) error {
	l.rec.Line(from, record.Target, line)
	if _, err := l.target.Write(line); err != nil {
		return errEnded
	}
	return nil
}

// next waits for the next line that the server is to be told, nil for none, and
// gives how the session was opened if it is to be told of that first.
func (l *live) next() (line []byte, first *opening) {
	l.talk.mu.Lock()
	defer l.talk.mu.Unlock()
	for len(l.talk.waiting) == 0 {
		if l.talk.leaving || l.talk.gone {
			return nil, nil
		}
		l.talk.changed.Wait()
	}
	line, first = l.talk.waiting[0], l.talk.first
	l.talk.waiting, l.talk.first = l.talk.waiting[1:], nil
	return line, first
}

// listen passes on what the server says.
func (l *live) listen() {
	defer close(l.over)
	in := bufio.NewReader(l.target)
	var err error
	for err == nil {
		var line []byte
		if line, err = in.ReadBytes('\n'); len(line) > 0 {
			l.heard(line)
		}
	}
	l.giveUp(errEnded)
}

func (l *live) heard(line []byte) {
	m := wire.Parse(line)
	to := record.Host
	if m.Kind == wire.Response {
		to = l.talk.answered(m)
	}
	switch to {
	case record.Host:
		l.rec.Line(record.Target, record.Host, line)
		l.patch.out.say(line)
	case record.Proxy:
		l.rec.Line(record.Target, record.Proxy, line)
		l.talk.greeting <- m
	}
}

// answered takes note of a response, and tells whom it is for: nobody, if it was
// given up.
func (t *talk) answered(m wire.Message) record.Party {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := string(m.ID)
	if id != "" && id == string(t.meeting) {
		t.meeting = nil
		return record.Proxy
	}
	if _, lost := t.lost[id]; lost {
		return ""
	}
	delete(t.open, id)
	return record.Host
}

var (
	errEnded = errors.New("it ended")
	errLeft  = errors.New("the session ended before it did")
)

// giveUp answers what the server will not answer any more, and tells of it. When the
// session ends nobody hears an answer, and a subscription has none.
func (l *live) giveUp(why error) {
	open, leaving := l.talk.abandon()
	n := len(open)
	for _, id := range slices.Sorted(maps.Keys(open)) {
		switch {
		case !leaving:
			l.patch.out.say(refusal([]byte(id), "this was not recorded, and the live server did not answer it: "+why.Error()))
		case open[id] == methodListen:
			n--
		}
	}
	if leaving {
		why = errLeft
	}
	if n > 0 && !l.patch.end.killed.Load() {
		l.patch.endpoint.fail(fmt.Errorf("calls that were not recorded were not answered by the live server either (%d): %w", n, why))
	}
}

// abandon ends the talk. It gives the methods of the requests that somebody
// still waits for, by their raw ids, and whether the session ends.
func (t *talk) abandon() (open map[string]string, leaving bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone, t.waiting = true, nil
	t.changed.Broadcast()
	maps.Copy(t.lost, t.open)
	open, t.open = t.open, make(map[string]string)
	return open, t.leaving
}

// refusal answers a request with an error, with the code that replays have.
func refusal(id []byte, why string) []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"error":{"code":-31000,"message":%s,"data":{"origin":"replay","reason":"live"}}}`+"\n",
		id, wire.Quote(why))
}

// speakGrace is how long it may take to tell the server what the host had said
// by the time it went.
const speakGrace = 300 * time.Millisecond

// stop stops the server, and sees to what was said with it.
func (l *live) stop() {
	l.once.Do(func() {
		l.talk.mu.Lock()
		l.talk.leaving = true
		l.talk.changed.Broadcast()
		l.talk.mu.Unlock()
		within(speakGrace, l.spoken)
		exit := l.target.Stop()
		within(readGrace, l.over)
		l.giveUp(errLeft)
		l.words.end()
		l.rec.Exit(record.Exit{Code: exit.Code, Signal: exit.Signal})
		if _, err := l.rec.Close("host"); err != nil {
			l.patch.endpoint.fail(fmt.Errorf("what the live server said could not be recorded: %w", err))
		}
		l.patch.source.add(part{path: l.rec.Path(), to: l.patch.session.Path()})
	})
}
