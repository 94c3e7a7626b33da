package vcr

import (
	"bytes"
	"io"
	"sync"

	"wiretape/record"
)

// words passes on, and records, what a live server writes to stderr.
type words struct {
	to  io.Writer
	rec *record.Writer

	mu   sync.Mutex
	line []byte // the line under way
}

func (w *words) Write(p []byte) (int, error) {
	w.take(p)
	return w.to.Write(p)
}

func (w *words) take(p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line = append(w.line, p...)
	for {
		i := bytes.IndexByte(w.line, '\n') + 1
		if i == 0 {
			return
		}
		w.rec.Stderr(w.line[:i])
		w.line = w.line[i:]
	}
}

// end records a last line that has no end.
func (w *words) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.line) > 0 {
		w.rec.Stderr(w.line)
	}
}
