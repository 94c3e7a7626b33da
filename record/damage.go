package record

import (
	"errors"
	"fmt"
)

// What a file can be that is no recording at all.
var (
	ErrEmpty        = errors.New("the file is empty")
	ErrNotRecording = errors.New("not a wiretape recording")
	ErrNoHeader     = errors.New("the recording has no header")
)

// VersionError says that a recording is of a later version of the format.
type VersionError struct {
	Version int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("the recording has format version %d, and this program reads up to %d", e.Version, Version)
}

// DamageError says that a recording is torn or damaged. Every event that is
// whole has been given before it.
type DamageError struct {
	Offset int64  // in the file, where the first damage begins
	Seq    int64  // of the last whole event before it; 0 if there is none
	Torn   bool   // the file ends too early, and is whole up to there
	Count  int    // how many places are damaged
	Reason string // what is wrong with the first one
}

func (e *DamageError) Error() string {
	state := "damaged"
	if e.Torn {
		state = "torn"
	}
	more := ""
	if e.Count > 1 {
		more = fmt.Sprintf(" (and %d more)", e.Count-1)
	}
	return fmt.Sprintf("the recording is %s at byte %d, after event %d: %s%s", state, e.Offset, e.Seq, e.Reason, more)
}

// flaw is one place in a file that cannot be read. What stands behind it can.
type flaw struct {
	offset int64
	torn   bool
	reason string
}

func (f *flaw) Error() string { return f.reason }

// damage gathers flaws.
type damage struct {
	first *DamageError
}

// add takes note of a flaw behind event seq.
func (d *damage) add(f *flaw, seq int64) {
	if d.first == nil {
		d.first = &DamageError{Offset: f.offset, Seq: seq, Torn: f.torn, Reason: f.reason}
	}
	d.first.Count++
}

// err gives the flaws as one error, nil if there are none.
func (d *damage) err() error {
	if d.first == nil {
		return nil
	}
	return d.first
}
