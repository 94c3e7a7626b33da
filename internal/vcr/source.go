package vcr

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"sync"
	"time"

	"wiretape/proxy"
	"wiretape/record"
)

// source is where what the recordings of a tape lack can be had, one live
// server for each connection.
type source struct {
	server proxy.Endpoint
	tape   *Tape
	prefix string // of the ids of what a replay asks the host, and no server

	turn sync.Mutex // of the session that hears its host
	asks *patch     // to which that session belongs; guarded by turn

	mu    sync.Mutex
	parts []part
}

// part is what was said with a live server, to be added to a recording.
type part struct {
	path string // of a recording of its own
	to   string // the recording
}

func newSource(t *Tape) *source {
	t.session = record.NewID()
	return &source{server: t.Live, tape: t, prefix: "replay:" + t.session[len(t.session)-8:] + ":"}
}

// missing is what a replay hands over.
func (s *source) missing(request []byte) bool { return s.asks.fetch(request) }

// hear has the session of p take what its host said.
func (s *source) hear(p *patch, hear func()) {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.asks = p
	hear()
}

// record makes the recording of what is said with a live server.
func (s *source) record(to string) (*record.Writer, error) {
	return record.Create(beside(to), s.tape.header(1), s.tape.Record)
}

func (s *source) add(p part) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts = append(s.parts, p)
}

// keep adds what was fetched to the recordings. What cannot be added is left
// beside them.
func (s *source) keep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for i := range s.parts {
		p := &s.parts[i]
		if err := p.keep(); err != nil {
			errs = append(errs, fmt.Errorf("what was fetched was not added to %s, but is in %s: %w", p.to, p.path, err))
			continue
		}
		errs = append(errs, os.Remove(p.path))
	}
	s.parts = nil
	return errors.Join(errs...)
}

// keep puts a part behind the recording that it belongs to, unless nothing was
// answered in it.
func (p *part) keep() error {
	added := look(p.path)
	if !added.answered {
		return nil
	}
	info, err := record.Stat(p.to)
	if err != nil {
		return err
	}
	// A replay ends where the recorded server ended by itself, which is not
	// behind what another server said.
	reason := "host"
	if info.End != nil && info.End.Reason != "exit" {
		reason = info.End.Reason
	}
	old := &gist{path: p.to}
	if info.End == nil {
		old = look(p.to)
	}
	if !old.torn {
		old.open = nil // what a whole recording has no answer to had none
	}
	_, err = record.Rewrite(p.to, info.Header, joined(old, added), reason)
	return err
}

// joined gives the events of one recording, then those of another. Of the exits
// only the last one has its place at the end.
func joined(a, b *gist) iter.Seq2[record.Event, error] {
	return func(yield func(record.Event, error) bool) {
		var last time.Duration
		more, _ := each(a.path, func(e record.Event, err error) bool {
			last = max(last, e.At)
			return e.Exit != nil || a.hangs(e) || yield(e, err)
		})
		if more {
			each(b.path, func(e record.Event, err error) bool {
				e.At += last
				return e.End != nil || b.hangs(e) || yield(e, err)
			})
		}
	}
}

// each gives the events of a file, of a torn one as far as it goes. It reports
// whether all went well, and whether it is torn.
func each(path string, yield func(record.Event, error) bool) (ok, torn bool) {
	r, err := record.Open(path)
	if err != nil {
		yield(record.Event{}, err)
		return false, false
	}
	defer r.Close()
	for e, err := range r.All() {
		if damage := (*record.DamageError)(nil); errors.As(err, &damage) && damage.Torn {
			return true, true
		}
		if !yield(e, err) || err != nil {
			return false, false
		}
	}
	return true, false
}
