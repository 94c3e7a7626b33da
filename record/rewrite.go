package record

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// Rewrite writes a whole recording to path, in place of a file that may be
// there: the header as it is given and the events, which keep their At; Seq is
// counted anew. The file is compressed if the name ends in ".zst".
//
// Events named EventEnd are left out. An end event of Rewrite's own, with reason
// and with statistics counted from the events, is at the time of the last one
// that was given, and has the Extra of an end event that was left out. An event
// that would be before the one that it follows is at the time of that.
//
// The file appears whole or, if there is an error, not at all: what was at path
// is then still there. Where path is a symbolic link, the file that it leads to
// is replaced; what is there must be a regular file. The new one may be read by
// the user alone, or by those who could read what was there. An error of events
// ends the writing, and is returned. Rewrite holds one event at a time. Events may
// come from a Reader of path itself, which on Windows must be closed by the time
// they end.
func Rewrite(path string, h Header, events iter.Seq2[Event, error], reason string) (Summary, error) {
	at, err := placeOf(path)
	if err != nil {
		return Summary{}, err
	}
	f, err := createBeside(at)
	if err != nil {
		return Summary{}, err
	}
	// Both do nothing if all goes well: then it is closed, and has another name.
	defer os.Remove(f.Name())
	defer f.Close()
	h.Version = Version
	r := rewriting{tape: tape{trouble: &trouble{}}}
	t := &r.tape
	if err := t.begin(path, h, f, never); err != nil {
		t.fail(err)
	} else {
		r.events(events, reason)
	}
	t.finish()
	if err := t.trouble.err(); err != nil {
		return Summary{}, fmt.Errorf("rewriting %s: %w", path, err)
	}
	if err := replace(at, f.Name()); err != nil {
		return Summary{}, fmt.Errorf("putting a recording in its place: %w", err)
	}
	t.trouble.add(syncFolder(at))
	return t.summary(path), t.trouble.err()
}

// Sequence gives events as Rewrite takes them.
func Sequence(events []Event) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// placeOf gives where the file is that path leads to, or would be.
func placeOf(path string) (string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file, and is not replaced by one", path)
	}
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// createBeside makes a file with a name of its own in the folder of path, and
// the folder. The name is none that a recording has.
func createBeside(path string) (*os.File, error) {
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".wiretape-*")
	if err != nil {
		return nil, fmt.Errorf("making a recording: %w", err)
	}
	return f, nil
}

// replace gives a file the name path, and the permissions of what had that name.
func replace(path, by string) error {
	if old, err := os.Stat(path); err == nil {
		if err := os.Chmod(by, old.Mode().Perm()); err != nil {
			return err
		}
	}
	return os.Rename(by, path)
}

// never is for a tape that nobody waits for.
func never() bool { return false }

// rewriting is a recording that is being rewritten.
type rewriting struct {
	tape tape
	end  Event // what is known of the end event
}

// events writes all events. It stops when one cannot be had or written.
func (r *rewriting) events(events iter.Seq2[Event, error], reason string) {
	t := &r.tape
	for e, err := range events {
		if err != nil {
			t.fail(err)
			return
		}
		if r.event(&e); t.out == nil {
			return
		}
	}
	r.end.Seq, r.end.At, r.end.Name = t.added.events+1, max(r.end.At, t.last), EventEnd
	r.end.End = &End{Reason: reason, Statistics: t.counter.statistics()}
	t.add(&r.end, false)
	t.flush()
}

// event writes one event, but for an end event.
func (r *rewriting) event(e *Event) {
	t := &r.tape
	if e.Name == EventEnd {
		r.end.At, r.end.Extra = max(e.At, r.end.At), e.Extra
		return
	}
	t.last = max(t.last, e.At)
	e.Seq, e.At = t.added.events+1, t.last
	if e.Name != "" || e.Line == nil {
		t.add(e, false)
	} else {
		t.said(e)
	}
	t.encoded.settle()
}
