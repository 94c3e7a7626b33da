// Package vcr has recordings take the place of a line's target: it joins
// package proxy with package replay, which do not know of each other.
//
// An [Endpoint] plays recordings. A [Tape] is one recording that is made,
// played, or completed, whichever its [Mode] asks for:
//
//	t := vcr.Tape{Path: "testdata/session.jsonl", Mode: vcr.Once, Live: &proxy.Command{Args: server}}
//	endpoint, rec, err := t.Open()
//	…
//	p := proxy.Proxy{Endpoint: endpoint, Record: rec, In: in, Out: out}
//	status, err := p.Run(ctx)
//	err = t.Close()
package vcr

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"wiretape/proxy"
	"wiretape/record"
	"wiretape/replay"
)

// Mode says what a Tape is for.
type Mode string

const (
	// None only plays the recording.
	None Mode = "none"
	// Once makes the recording if there is none, and plays it otherwise.
	Once Mode = "once"
	// New plays the recording. What it lacks the live server is asked for, and
	// its answers are added. If there is no recording, it is made.
	New Mode = "new"
	// All makes the recording anew. The old one stays until the new one is
	// complete.
	All Mode = "all"
)

// Modes are all there are.
var Modes = []Mode{None, Once, New, All}

// ParseMode gives the mode of a name.
func ParseMode(name string) (Mode, error) {
	for _, m := range Modes {
		if string(m) == name {
			return m, nil
		}
	}
	return "", fmt.Errorf("the mode is none, once, new or all, not %q", name)
}

// Tape is a recording that is made, played or completed by one run of a proxy.
// A session that connects more than once is kept in several files: x.jsonl,
// x-2.jsonl and so on. A name that something else has is left to it.
type Tape struct {
	Path string // ends in ".jsonl" or ".jsonl.zst"
	Mode Mode
	Live proxy.Endpoint // the server; not needed under None

	// Options say how the recording is played. Without Rules, those that lie
	// beside it are used, as [Open] does.
	Options replay.Options
	Label   string // what a new recording calls the server
	Program string // the version of wiretape that it names
	MayMiss bool   // Close does not tell which calls were not answered from the recording
	// Record is how a new recording is written.
	Record record.Options
	// Head changes the header of a new recording before it is written; nil leaves it.
	Head func(record.Header) record.Header

	played  *Endpoint // nil while the tape is being recorded
	takes   []*take   // guarded by the line, which begins one connection at a time
	session string
}

// Open gives what a [proxy.Proxy] plays with, and what it records with, which is
// nil when the tape is played. Nothing is started. Close must be called when the
// proxy has ended, unless there is an error.
func (t *Tape) Open() (target proxy.Endpoint, rec func(n int) (*record.Writer, error), err error) {
	there, err := t.look()
	switch {
	case err != nil:
		return nil, nil, err
	case !there && t.Mode == None:
		return nil, nil, fmt.Errorf("there is no recording %s to play", t.Path)
	case !there || t.Mode == All:
		t.session = record.NewID()
		return t.Live, t.take, nil
	}
	if err := t.play(); err != nil {
		return nil, nil, err
	}
	return t.played, nil, nil
}

// look reports whether there is a recording. What is there and is none must
// neither be played nor replaced.
func (t *Tape) look() (there bool, err error) {
	info, err := os.Stat(t.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking at a recording: %w", err)
	case info.IsDir():
		return false, fmt.Errorf("%s is a folder", t.Path)
	}
	if _, err := record.Stat(t.Path); errors.Is(err, record.ErrNotRecording) {
		return false, err
	}
	return true, nil
}

// play opens the recordings of all connections.
func (t *Tape) play() error {
	options, err := withRules(t.Path, t.Options)
	if err != nil {
		return err
	}
	e := &Endpoint{}
	if t.Mode == New {
		e.source = newSource(t)
		options.Missing, options.AskPrefix = e.source.missing, e.source.prefix
	}
	rec, err := options.Open(t.Path)
	var more map[int]string
	if err == nil {
		more = further(t.Path, rec.Header().Session)
	}
	for n := 2; err == nil; n++ {
		e.Recordings = append(e.Recordings, rec)
		if more[n] == "" {
			t.played = e
			return nil
		}
		rec, err = options.Open(more[n])
	}
	return errors.Join(err, e.Close())
}

// Played gives the endpoint that plays the tape, nil if it was recorded.
func (t *Tape) Played() *Endpoint { return t.played }

// Close finishes the tape: a new recording takes the place of an old one, what
// was fetched is added. The error says what went wrong in the session, as
// [Endpoint.Err] does, or why the file is not as it should be.
func (t *Tape) Close() error {
	if t.played == nil {
		var errs []error
		for _, take := range t.takes {
			errs = append(errs, take.keep())
		}
		return errors.Join(errs...)
	}
	err := t.played.failed()
	if !t.MayMiss {
		err = t.played.Err()
	}
	err = errors.Join(err, t.played.Close())
	if s := t.played.source; s != nil {
		err = errors.Join(err, s.keep())
	}
	return err
}
