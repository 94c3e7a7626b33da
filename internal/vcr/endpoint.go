package vcr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"wiretape/proxy"
	"wiretape/record"
	"wiretape/replay"
)

// Endpoint plays recordings as the targets of a line, one for each connection;
// the last one again and again. What came of it can be asked for at any time
// until Close. It is safe for concurrent use.
type Endpoint struct {
	Recordings []*replay.Recording // at least one

	source *source // who is asked for what the recordings lack; nil for nobody

	mu       sync.Mutex
	sessions []*replay.Session
	failures []error // besides those that the sessions report
}

// Transport is what a recorded header says of a target that was a recording; its
// URL is the path.
const Transport = "replay"

// Connect implements [proxy.Endpoint].
func (e *Endpoint) Connect(ctx context.Context, stderr io.Writer) (proxy.Target, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.Recordings[min(len(e.sessions), len(e.Recordings)-1)].Start()
	e.sessions = append(e.sessions, s)
	if e.source != nil {
		return newPatch(ctx, e, s, stderr), nil
	}
	return &target{endpoint: e, Session: s, over: make(chan struct{})}, nil
}

// Serve plays the first recording to a host without a line between, as
// [replay.Recording.Serve] does. It gives the exit status of the recorded
// server, 0 if the replay did not come to its end.
func (e *Endpoint) Serve(ctx context.Context, in io.Reader, out io.Writer) (status int, err error) {
	s, err := e.Recordings[0].Serve(ctx, in, out)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sessions = append(e.sessions, s)
	status, _ = s.Exit()
	return status, err
}

// Describe implements [proxy.Endpoint]: it tells of the recording that is
// played, or was played last.
func (e *Endpoint) Describe() record.Endpoint {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := min(max(len(e.sessions), 1), len(e.Recordings)) - 1
	return record.Endpoint{Transport: Transport, URL: e.Recordings[now].Path()}
}

// Reports tell what came of each connection. The recordings are read to their
// end for it.
func (e *Endpoint) Reports() []replay.Report {
	var reports []replay.Report
	for _, s := range e.all() {
		reports = append(reports, s.Report())
	}
	return reports
}

func (e *Endpoint) all() []*replay.Session {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.sessions)
}

// Err says what went wrong in all connections; nil if nothing did.
func (e *Endpoint) Err() error {
	var errs []error
	for _, s := range e.all() {
		if s.Failed() > 0 {
			r := s.Report()
			errs = append(errs, r.Err())
		}
	}
	return errors.Join(append(errs, e.failed())...)
}

// failed says what went wrong besides what the sessions report.
func (e *Endpoint) failed() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return errors.Join(e.failures...)
}

func (e *Endpoint) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = append(e.failures, err)
}

// Unused says which recorded calls no connection asked for; nil if there are
// none.
func (e *Endpoint) Unused() error {
	var errs []error
	for _, rec := range e.Recordings {
		others := func(s *replay.Session) bool { return s.Recording != rec }
		if list, sum := rec.Unused(slices.DeleteFunc(e.all(), others)...); sum > 0 {
			errs = append(errs, unusedError(rec, list, sum))
		}
	}
	return errors.Join(errs...)
}

// mostNamed is how many unused calls are named.
const mostNamed = 5

func unusedError(rec *replay.Recording, list []replay.Unused, sum int) error {
	var names []string
	for _, u := range list[:min(len(list), mostNamed)] {
		names = append(names, strings.TrimSpace(u.Method+" "+u.Name)+fmt.Sprintf(" (event %d)", u.Seq))
	}
	if sum > len(names) {
		names = append(names, "…")
	}
	calls := fmt.Sprintf("%d recorded calls were", sum)
	if sum == 1 {
		calls = "1 recorded call was"
	}
	return fmt.Errorf("%s not asked for in %s: %s", calls, rec.Path(), strings.Join(names, ", "))
}

// Close closes the recordings. The line must have ended.
func (e *Endpoint) Close() error {
	var errs []error
	for _, s := range e.all() {
		s.Close()
	}
	for _, rec := range e.Recordings {
		errs = append(errs, rec.Close())
	}
	return errors.Join(errs...)
}
