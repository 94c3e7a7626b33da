package vcr

import (
	"io"
	"sync"
)

// mouth is where several speak to one host, line by line.
type mouth struct {
	*io.PipeReader
	w *io.PipeWriter

	mu      sync.Mutex
	midline bool // the last line had no end
}

func newMouth() *mouth {
	r, w := io.Pipe()
	return &mouth{PipeReader: r, w: w}
}

// say waits until the line was read, or nobody reads any more.
func (m *mouth) say(line []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.midline {
		line = append([]byte{'\n'}, line...)
	}
	m.midline = line[len(line)-1] != '\n'
	// Who reads no more has stopped the target.
	_, _ = m.w.Write(line)
}

// close says that all was said.
func (m *mouth) close() { m.w.Close() }

// shut keeps what nobody has read by now from being said.
func (m *mouth) shut() { m.w.CloseWithError(io.EOF) }
