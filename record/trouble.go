package record

import (
	"errors"
	"io/fs"
	"sync"
)

// trouble is why a recording is not complete.
type trouble struct {
	path string
	made fs.FileInfo // of the file at path; nil if there is none to look at
	tell func(error) // is told of the first error; may be nil

	looking sync.Mutex // held by who looks at the file; others, tell included, do without

	mu   sync.Mutex // guards errs
	errs []error
}

// add takes note of an error; nil is none.
func (t *trouble) add(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	t.errs = append(t.errs, err)
	first := len(t.errs) == 1
	t.mu.Unlock()
	if first && t.tell != nil {
		t.tell(err)
	}
}

// err gives all errors so far as one.
func (t *trouble) err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.errs...)
}

// look looks whether the file is still where it was made.
func (t *trouble) look() {
	if !t.looking.TryLock() {
		return
	}
	defer t.looking.Unlock()
	if t.made != nil && t.err() == nil {
		t.add(still(t.path, t.made))
	}
}
