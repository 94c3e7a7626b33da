package verify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"wiretape/internal/wire"
	"wiretape/proxy"
)

// live is the server that is questioned.
type live struct {
	proxy.Target
	over  chan struct{} // closed when it says no more
	news  chan struct{} // has something when something was heard
	words lastWords

	mu      sync.Mutex // guards what follows
	answers map[string]answer
	asks    []*question        // that were not taken yet
	notes   map[string]int     // how many notifications came, by noteKey
	last    map[string]float64 // the last progress, by raw token
	fell    map[string]bool    // tokens of progress that did not rise
	junk    int                // lines that are no messages
	odd     []byte             // the first of them
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
}

func newLive() *live {
	return &live{
		over: make(chan struct{}), news: make(chan struct{}, 1),
		answers: map[string]answer{}, notes: map[string]int{}, last: map[string]float64{}, fell: map[string]bool{},
	}
}

// connect starts a server, and listens to it until stop is called or ctx ends.
func (l *live) connect(ctx context.Context, server proxy.Endpoint) (stop func(), err error) {
	if l.Target, err = server.Connect(ctx, &l.words); err != nil {
		return nil, fmt.Errorf("the server could not be started: %w", err)
	}
	// Ends with the target, at the latest after Stop.
	go l.listen()
	release := context.AfterFunc(ctx, func() { l.Target.Stop() })
	return func() {
		release()
		l.Target.Stop()
		<-l.over
	}, nil
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
	select {
	case l.news <- struct{}{}:
	default: // there are news that nobody has taken note of yet
	}
}

func (l *live) hear(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	spoken(line, func(m wire.Message, whole []byte) {
		switch m.Kind {
		case wire.Response:
			if _, ok := l.answers[string(m.ID)]; !ok {
				l.answers[string(m.ID)] = answer{m, whole, time.Now()}
			}
		case wire.Request:
			l.asks = append(l.asks, &question{id: m.ID, method: m.Method, params: m.Params})
		case wire.Notification:
			l.note(m)
		default:
			if l.junk++; l.junk == 1 {
				l.odd = bytes.TrimSpace(line)
			}
		}
	})
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

// wait waits until what is wanted was heard. That is called behind mu. Only one
// goroutine may wait at a time.
func (l *live) wait(ctx context.Context, d time.Duration, wanted func() bool) error {
	var timer *time.Timer
	for {
		l.mu.Lock()
		done, ended := wanted(), l.ended
		l.mu.Unlock()
		switch {
		case done:
			return nil
		case ended:
			return errEnded
		case timer == nil:
			timer = time.NewTimer(d)
			defer timer.Stop()
		}
		select {
		case <-l.news:
		case <-timer.C:
			return errLate
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answered reports whether a call was. It is called behind mu.
func (l *live) answered(c *call) bool {
	_, ok := l.answers[string(c.id)]
	return ok
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

// lastWords is the end of what a server writes to stderr.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// mostWords is how many bytes of it are kept.
const mostWords = 2000

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p[max(0, len(p)-mostWords):]...)
	w.text = append(w.text[:0], w.text[max(0, len(w.text)-mostWords):]...)
	return len(p), nil
}

// String gives whole lines, if there is one.
func (w *lastWords) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.text
	if _, rest, ok := bytes.Cut(text, []byte("\n")); ok && len(text) == mostWords {
		text = rest
	}
	return string(bytes.TrimSpace(text))
}
