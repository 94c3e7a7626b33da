package replay

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"time"

	"wiretape/internal/redact"
	"wiretape/internal/wire"
)

// Session is one host's talk with a recording. What the host says is written to
// it, what the server says is read from it, as on the standard input and output
// of a server. Read, Write and Close may be called at the same time.
type Session struct {
	*Recording
	clock Clock

	mu      sync.Mutex
	partial []byte       // a line of the host that has no end yet
	turns   turns        // which recorded calls and notifications were played
	secrets redact.Known // what placeholders in the recording stand for
	cast    cast         // the calls in progress
	host    host
	free    []item   // what the present message of the host sets free
	words   []string // warnings that the present message causes
	out     outbox
	report  Report
}

// cast is what takes part in a session at present.
type cast struct {
	live  map[string]*live    // the host's calls that wait for an answer, by raw id
	subs  map[int32]*live     // the last one that plays a recorded subscription
	asked map[string]*inquiry // what the host has still to answer, by our raw id
	asks  int                 // how many there have been
	held  []item              // what waits for its subscription
}

// host is what is known of the live host.
type host struct {
	capabilities []byte // of a legacy session, raw; nil before initialize
	logs         bool   // its last modern request asked for log messages
}

// live is a call of the live host that plays a recorded one.
type live struct {
	call      int32
	id        []byte // raw
	token     []byte // raw progress token; nil if it has none
	next      int32  // the next message of the call
	asks      map[int32]*inquiry
	base      moment
	listens   bool  // it is a subscriptions/listen
	logs      bool  // it asked for log messages
	cancelled int32 // the message that cancelled it when it was recorded, if this host has done so too
	dropped   bool  // nothing more is said of it
	batch     *batch
}

// inquiry is what the server asks the live host.
type inquiry struct {
	ask   int32
	id    []byte
	owner *live // the call that waits for the answer; nil if none does
	done  bool
}

// moment is a time of the recording and when it is now.
type moment struct {
	live     time.Time
	recorded time.Duration
}

// item is what is to be said: a message of the recording, or words of our own.
type item struct {
	message          // a copy, as the index grows
	number  int32    // of the message
	live    *live    // the call that it belongs to; nil for none
	inquiry *inquiry // what is asked, or taken back
	base    moment
	text    []byte // our own words
}

// Start begins a session, in which nothing was played so far. Close must be
// called.
func (r *Recording) Start() *Session {
	s := &Session{
		Recording: r,
		clock:     r.options.Clock,
		turns:     newTurns(),
		secrets:   make(redact.Known),
		cast: cast{
			live:  make(map[string]*live),
			subs:  make(map[int32]*live),
			asked: make(map[string]*inquiry),
		},
	}
	if s.clock == nil {
		s.clock = systemClock{}
	}
	r.sessionsMu.Lock()
	r.sessions[s] = true
	r.sessionsMu.Unlock()
	s.out.changed.L = &s.mu
	s.report.begin(r)
	s.enter()
	defer s.leave()
	s.pass(opening, moment{live: s.clock.Now()})
	s.release()
	return s
}

// enter passes the gates.
func (s *Session) enter() {
	s.mu.Lock()
	s.index.mu.Lock()
}

// leave opens them again, and tells the user what there is to tell.
func (s *Session) leave() {
	if err := s.index.troubled(s.options.Torn); err != nil {
		s.end(fmt.Errorf("%s: %w", s.path, err)) // found only now
	}
	s.out.changed.Broadcast()
	words := s.words
	s.words = nil
	s.index.mu.Unlock()
	s.mu.Unlock()
	// Nobody who is slow to read them may hold the session up.
	for _, sentence := range words {
		s.options.Warn(sentence)
	}
}

// Write takes what the host says, in whatever pieces.
func (s *Session) Write(p []byte) (int, error) {
	s.enter()
	defer s.leave()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n') + 1
		if i == 0 {
			break
		}
		line := append(s.partial, p[:i]...)
		s.partial, p = nil, p[i:]
		s.hear(line)
	}
	s.partial = append(s.partial, p...)
	return n, nil
}

// CloseInput says that the host says no more. What was to be said later is said
// at once, and then Read gives io.EOF.
func (s *Session) CloseInput() {
	s.enter()
	defer s.leave()
	if len(s.partial) > 0 {
		s.hear(s.partial)
		s.partial = nil
	}
	s.giveUp()
	s.out.hurry()
	s.end(nil)
}

// hear takes a whole line of the host, and sends what it sets free.
func (s *Session) hear(line []byte) {
	if s.report.Exit != nil {
		return // the server has ended
	}
	m := wire.Parse(line)
	if m.Kind == wire.Batch {
		s.batch(line)
	} else {
		s.message(m, line)
	}
	s.release()
}

func (s *Session) message(m wire.Message, line []byte) {
	switch m.Kind {
	case wire.Request:
		s.request(m, line, nil)
	case wire.Response:
		s.answer(m)
	case wire.Notification:
		s.note(m)
	default:
		s.junk(line)
	}
}

func (s *Session) warn(format string, args ...any) {
	if s.options.Warn != nil {
		s.words = append(s.words, fmt.Sprintf(format, args...))
	}
}

// release sends what was set free, in the order in which it was recorded.
func (s *Session) release() {
	slices.SortStableFunc(s.free, func(a, b item) int { return int(a.number - b.number) })
	for _, it := range s.free {
		s.send(it)
	}
	clear(s.free)
	s.free = s.free[:0]
}
