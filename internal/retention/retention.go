// Package retention keeps recordings within limits of age and size, by deleting
// the oldest.
//
// What it promises: a recording that may still be written to is never deleted,
// nor is a file that is not, or is no longer, the recording that was looked at.
//
// A recording with an end event is complete. One without was cut off, or is
// being written, perhaps by a session that has had nothing to say for days: its
// times tell little. A writer has its file open from making it to the end, and
// none opens a file that is there, so that a file which nobody has open for
// writing is one that no one will write to again. Linux and Windows know of
// that, whoever the writer is. Where they do not, as with files that another
// machine can write to, and on other systems, what has no end stays unless Torn
// says otherwise.
//
//	limits, err := retention.ParseLimits("30d,2GB")
//	…
//	result := retention.Sweep{Limits: limits}.Run(recordings)
package retention

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"wiretape/record"
)

// Settled is how long a recording without an end event must have been left
// alone to count as cut off, whatever else is known of it: time for its user to
// look at what happened.
const Settled = 24 * time.Hour

// Limits are what a folder of recordings is kept within. Zero sets no limit.
type Limits struct {
	Age   time.Duration // since the connection started
	Bytes int64         // all recordings together, the ones being written included
}

// Sweep deletes the recordings that are beyond Limits.
type Sweep struct {
	Limits
	DryRun bool                   // only tell
	Torn   bool                   // delete what has no end event also where the system cannot tell that nobody writes to it
	Spare  func(record.Info) bool // what is never deleted; nil is nothing more
	Now    time.Time              // what ages count to; the zero value is the present
}

// Reason is the limit that a recording is beyond.
type Reason int

// The reasons for deleting a recording. A recording that is beyond both limits
// is TooOld.
const (
	TooOld  Reason = iota + 1 // it started longer ago than Limits.Age
	TooMuch                   // all together take more than Limits.Bytes, and it is the oldest
)

// Deletion is a recording that was deleted, and why.
type Deletion struct {
	record.Info
	Why Reason
}

// Result is what came of a Sweep.
type Result struct {
	Deleted []Deletion    // oldest first; under DryRun what would be
	InUse   []record.Info // beyond a limit, and left as it may still be written to, or has changed
	Left    int           // how many recordings are left
	Bytes   int64         // what these take
	Failed  []error       // one for each recording that could not be deleted
}

// Run deletes what it is time for, oldest first. Recordings that somebody else
// has deleted are no failure. What is no regular file does not count.
func (s Sweep) Run(recordings []record.Info) Result {
	if s.Now.IsZero() {
		s.Now = time.Now()
	}
	recordings = slices.DeleteFunc(slices.Clone(recordings), func(r record.Info) bool {
		info, err := os.Lstat(r.Path)
		return err != nil || !info.Mode().IsRegular()
	})
	slices.SortStableFunc(recordings, func(a, b record.Info) int {
		return cmp.Or(started(a).Compare(started(b)), cmp.Compare(a.Path, b.Path))
	})
	result := Result{Left: len(recordings)}
	for _, r := range recordings {
		result.Bytes += r.Size
	}
	for _, r := range recordings {
		why := s.why(r, result.Bytes)
		if why == 0 || s.Spare != nil && s.Spare(r) {
			continue
		}
		result.add(r, why, s.delete(r))
	}
	return result
}

// add takes note of what came of deleting a recording.
func (r *Result) add(info record.Info, why Reason, err error) {
	switch {
	case errors.Is(err, errInUse):
		r.InUse = append(r.InUse, info)
		return
	case err == nil:
		r.Deleted = append(r.Deleted, Deletion{info, why})
	case !errors.Is(err, fs.ErrNotExist):
		r.Failed = append(r.Failed, err)
		return
	}
	r.Left--
	r.Bytes -= info.Size
}

// why gives the limit that r is beyond while all recordings take a number of
// bytes, 0 for none.
func (s Sweep) why(r record.Info, bytes int64) Reason {
	switch {
	case s.Age > 0 && s.Now.Sub(started(r)) > s.Age:
		return TooOld
	case s.Bytes > 0 && bytes > s.Bytes:
		return TooMuch
	}
	return 0
}

// started is when a recording began. A header need not say, and that of a
// fixture, which has no id, names a time that all fixtures have.
func started(r record.Info) time.Time {
	if r.Header.Started.IsZero() || r.Header.ID == "" {
		return r.Modified
	}
	return r.Header.Started
}

// errInUse says that a recording may still be written to.
var errInUse = errors.New("the recording may still be written to")

// delete deletes a recording if it is still the one that was looked at, and
// nobody can be writing to it.
func (s Sweep) delete(r record.Info) error {
	idle, err := s.idle(r)
	if err != nil || s.DryRun {
		return err
	}
	// No system can delete a file on the condition that it is a certain one;
	// this is as near to it as can be.
	now, err := os.Lstat(r.Path)
	switch {
	case err != nil:
		return fmt.Errorf("deleting a recording: %w", err)
	case !os.SameFile(now, idle) || !unchanged(r, now):
		return errInUse
	}
	if err := os.Remove(r.Path); err != nil {
		return fmt.Errorf("deleting a recording: %w", err)
	}
	return nil
}

// idle gives the file that nobody can be writing to, else errInUse.
func (s Sweep) idle(r record.Info) (fs.FileInfo, error) {
	f, err := os.Open(r.Path)
	if err != nil {
		return nil, fmt.Errorf("looking at a recording: %w", err)
	}
	// It was only read. On Windows an open file cannot be deleted.
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("looking at a recording: %w", err)
	}
	writers := writersOf(f)
	switch complete := r.End != nil; {
	case !unchanged(r, info), writers == some:
		return nil, errInUse
	case !complete && s.Now.Sub(r.Modified) < Settled:
		return nil, errInUse
	case !complete && writers == unknown && !s.Torn:
		return nil, errInUse
	}
	return info, nil
}

// unchanged reports whether a file is as it was when r was read.
func unchanged(r record.Info, now fs.FileInfo) bool {
	return now.Size() == r.Size && now.ModTime().Equal(r.Modified)
}

// writers is what the system knows of who has a file open for writing.
type writers int

const (
	unknown writers = iota
	none
	some
)
