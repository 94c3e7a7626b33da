package verify

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"wiretape/internal/wire"
	"wiretape/proxy"
)

// live is the server that is questioned. It may flood who listens: of what nobody
// waits for, little is held.
type live struct {
	proxy.Target
	over  chan struct{} // closed when it says no more
	news  chan struct{} // has something when something was heard
	words lastWords

	mu      sync.Mutex  // guards what follows
	calls   []heard     // by their numbers
	callers             // that were sent
	asks    []*question // that were not taken yet
	odd     odd
	stirred time.Time // when something was said last, by it or to it
	ended   error     // why it says no more; nil while it does
}

// heard is what a call brought so far.
type heard struct {
	wire.Message           // the answer
	line         []byte    // of the answer; nil if it is part of a batch
	at           time.Time // the zero Time while there is no answer
	notes        notes
}

func (h *heard) answered() bool { return !h.at.IsZero() }

// question is what the server asks the host.
type question struct {
	id     []byte
	method string
	params []byte
}

const (
	mostAsks = 1000      // questions that were not taken yet
	longest  = 512 << 20 // bytes of a line, as in a recording
)

func newLive(calls int) *live {
	return &live{
		over: make(chan struct{}), news: make(chan struct{}, 1),
		calls: make([]heard, calls), callers: newCallers(),
	}
}

// connect starts a server, and listens to it until stop is called or ctx ends.
func (l *live) connect(ctx context.Context, server proxy.Endpoint) (stop func() proxy.Exit, err error) {
	if l.Target, err = server.Connect(ctx, &l.words); err != nil {
		return nil, fmt.Errorf("the server could not be started: %w", err)
	}
	// Ends with the target, at the latest after Stop.
	go l.listen()
	release := context.AfterFunc(ctx, func() { l.Target.Stop() })
	return func() proxy.Exit {
		release()
		exit := l.Target.Stop()
		<-l.over
		return exit
	}, nil
}

// expect makes ready for what a call may bring that is sent now.
func (l *live) expect(n int, c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(n, c)
}

// listen hears what the server says until it says no more.
func (l *live) listen() {
	defer close(l.over)
	in := bufio.NewReader(l.Target)
	end := errEnded
	for {
		line, err := readLine(in)
		if len(bytes.TrimSpace(line)) > 0 {
			l.hear(line)
		}
		if errors.Is(err, errTooLong) {
			end = err
		}
		if err != nil {
			break
		}
	}
	l.mu.Lock()
	l.ended = end
	l.mu.Unlock()
	l.wake()
	// Who says too much is heard out, so that Stop need not wait.
	_, _ = io.Copy(io.Discard, in)
}

// readLine reads a line with its end, which the last one may not have.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > longest {
			return nil, errTooLong
		}
		if line = append(line, part...); !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
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
	l.stirred = time.Now()
	l.odd.see(line)
	spoken(line, func(m wire.Message, whole []byte) {
		switch m.Kind {
		case wire.Response:
			n, ok := l.answered(m.ID)
			if !ok {
				l.odd.strays.add(line)
				return
			}
			c := &l.calls[n]
			c.Message, c.line, c.at = m, whole, time.Now()
		case wire.Request:
			if len(l.asks) < mostAsks {
				l.asks = append(l.asks, &question{id: m.ID, method: m.Method, params: m.Params})
			}
		case wire.Notification:
			if n, ok := l.tokens[noteKey(m)]; ok {
				l.calls[n].notes.hear(m)
			}
		default:
			l.odd.junk.add(line)
		}
	})
	l.wake()
}

var (
	errEnded   = errors.New("the server ended")
	errTooLong = fmt.Errorf("the server wrote a line of more than %d MiB", longest>>20)
	errDeaf    = errors.New("the server does not read what it is told")
	errLate    = errors.New("the server did not answer in time")
)

// wait waits until what is wanted was heard, but no longer than until. Wanted is
// called behind mu. Only one goroutine may wait at a time.
func (l *live) wait(ctx context.Context, until time.Time, wanted func() bool) error {
	var timer *time.Timer
	for {
		l.mu.Lock()
		done, ended := wanted(), l.ended
		l.mu.Unlock()
		switch {
		case done:
			return nil
		case ended != nil:
			return ended
		case timer == nil:
			timer = time.NewTimer(time.Until(until))
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

// say tells the server a line. One that does not take it in that time is stopped.
func (l *live) say(line []byte, within time.Duration) error {
	if !bytes.HasSuffix(line, []byte("\n")) {
		line = append(bytes.Clone(line), '\n')
	}
	l.mu.Lock()
	l.stirred = time.Now()
	l.mu.Unlock()
	late := time.AfterFunc(within, func() { l.Target.Stop() })
	_, err := l.Target.Write(line)
	switch {
	case !late.Stop():
		return errDeaf
	case err != nil:
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
