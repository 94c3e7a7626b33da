package verify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"wiretape/internal/wire"
	"wiretape/proxy"
)

// live is the server that is questioned.
type live struct {
	proxy.Target
	over chan struct{} // closed when it says no more

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when something was heard
	answers map[string]answer
	asks    []*question
	notes   map[string]int     // how many notifications came, by noteKey
	last    map[string]float64 // the last progress, by raw token
	fell    map[string]bool    // tokens of progress that did not rise
	junk    int                // lines that are no messages
	ended   bool
}

// answer is what the server answered.
type answer struct {
	wire.Message
	line []byte // nil if it is part of a batch
	at   time.Time
}

// question is what the server asks the host.
type question struct {
	id     []byte
	method string
	params []byte
	taken  bool // it is a recorded one, or was refused
}

func newLive(t proxy.Target) *live {
	return &live{
		Target: t, over: make(chan struct{}), changed: make(chan struct{}),
		answers: map[string]answer{}, notes: map[string]int{}, last: map[string]float64{}, fell: map[string]bool{},
	}
}

// listen hears what the server says until it says no more.
func (l *live) listen() {
	defer close(l.over)
	in := bufio.NewReader(l.Target)
	var err error
	for err == nil {
		var line []byte
		line, err = in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			l.hear(line)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.wake()
}

func (l *live) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *live) hear(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, batch := spoken(line)
	if batch {
		line = nil
	}
	for _, m := range all {
		switch m.Kind {
		case wire.Response:
			if _, ok := l.answers[string(m.ID)]; !ok {
				l.answers[string(m.ID)] = answer{m, line, time.Now()}
			}
		case wire.Request:
			l.asks = append(l.asks, &question{id: m.ID, method: m.Method, params: m.Params})
		case wire.Notification:
			l.note(m)
		default:
			l.junk++
		}
	}
	l.wake()
}

func (l *live) note(m wire.Message) {
	key := noteKey(m)
	l.notes[key]++
	if m.Method != "notifications/progress" {
		return
	}
	// MCP 2025-11-25, progress: "The progress value MUST increase with each
	// notification"
	progress, err := strconv.ParseFloat(string(wire.Get(m.Params, "progress")), 64)
	if before, ok := l.last[key]; err != nil || ok && progress <= before {
		l.fell[key] = true
	}
	l.last[key] = progress
}

var (
	errEnded = errors.New("the server ended")
	errLate  = errors.New("the server did not answer in time")
)

// wait waits until what is wanted was heard. It is called behind mu.
func (l *live) wait(ctx context.Context, d time.Duration, wanted func() bool) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		l.mu.Lock()
		done, ended, changed := wanted(), l.ended, l.changed
		l.mu.Unlock()
		switch {
		case done:
			return nil
		case ended:
			return errEnded
		}
		select {
		case <-changed:
		case <-timer.C:
			return errLate
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// say tells the server a line.
func (l *live) say(line []byte) error {
	if !bytes.HasSuffix(line, []byte("\n")) {
		line = append(bytes.Clone(line), '\n')
	}
	if _, err := l.Target.Write(line); err != nil {
		return errEnded
	}
	return nil
}
