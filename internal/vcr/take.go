package vcr

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// take is a recording that is being made. Where there is an old one it is made
// beside it, so that a session that comes to nothing leaves the old one alone.
type take struct {
	*record.Writer
	home string // the path where it belongs
}

// take opens the recording of the nth connection. It takes the place of that of
// the old session; if there is none, it has a name that is free.
func (t *Tape) take(n int) (*record.Writer, error) {
	var w *record.Writer
	var err error
	home := t.old(n)
	switch {
	case home != "":
		w, err = record.Create(beside(home), t.header(n), t.Record)
	case n == 1:
		w, err = record.Create(t.Path, t.header(n), t.Record)
	default:
		w, err = record.CreateNext(t.Path, t.header(n), t.Record)
	}
	if err != nil {
		return nil, err
	}
	t.takes = append(t.takes, &take{w, cmp.Or(home, w.Path())})
	return w, nil
}

// old gives where the nth connection of the old session is, "" if there is none.
func (t *Tape) old(n int) string {
	if n > 1 {
		info, err := record.Stat(t.Path)
		if err != nil {
			return ""
		}
		return further(t.Path, info.Header.Session)[n]
	}
	if _, err := os.Stat(t.Path); err != nil {
		return ""
	}
	if file, err := filepath.EvalSymlinks(t.Path); err == nil {
		return file
	}
	return t.Path
}

func (t *Tape) header(n int) record.Header {
	h := record.Header{
		ID: record.NewID(), Session: t.session, Connection: n, Label: t.Label,
		Started: time.Now(), Target: t.Live.Describe(), Program: t.Program,
	}
	if t.Head != nil {
		h = t.Head(h)
	}
	return h
}

// keep puts a recording that is complete where it belongs.
func (t *take) keep() error {
	old := t.Path() != t.home
	if err := t.complete(); err != nil {
		if old {
			return fmt.Errorf("%s stays as it was, as the new recording is not complete (see %s): %w", t.home, t.Path(), err)
		}
		return fmt.Errorf("the recording %s is not complete: %w", t.home, err)
	}
	if !answered(t.Path()) {
		what := "there is no recording"
		if old {
			what = t.home + " stays as it was"
		}
		return errors.Join(fmt.Errorf("%s: the server answered nothing", what), os.Remove(t.Path()))
	}
	if !old {
		return nil
	}
	if err := os.Rename(t.Path(), t.home); err != nil {
		return fmt.Errorf("putting a recording in its place: %w", err)
	}
	return nil
}

// complete says what a recording lacks. It does not wait for a disk that hangs:
// who should have closed it has waited long enough.
func (t *take) complete() error {
	if err := t.Err(); err != nil {
		return err
	}
	info, err := record.Stat(t.Path())
	if err == nil && info.End == nil {
		err = errors.New("it has no end")
	}
	return err
}

// answered reports whether any request was answered with a result.
func answered(path string) bool {
	r, err := record.Open(path)
	if err != nil {
		return false
	}
	defer r.Close()
	for e, err := range r.All() {
		if err != nil {
			return false
		}
		if e.From == record.Target && e.To != "" && isResult(e.Line) {
			return true
		}
	}
	return false
}

func isResult(line []byte) bool {
	m := wire.Parse(line)
	return m.Result != nil || m.Kind == wire.Batch
}
