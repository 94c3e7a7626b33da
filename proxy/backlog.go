package proxy

import (
	"errors"
	"os"
	"sync"
	"time"
)

// backlog writes to a pipe without being held up for long by a reader that
// does not read: what is left after a moment waits aside, and is written in
// the background. So a server that hangs does not keep us from hearing that its
// host wants to disconnect it, or is gone.
type backlog struct {
	pipe *os.File

	mu      sync.Mutex
	room    sync.Cond
	until   time.Time // the pipe's present deadline
	waiting []byte
	idle    chan struct{} // closed when nothing waits any more; nil if nothing does
	err     error
}

const (
	// moment is how long a write may take before what is left waits aside,
	// give or take a half.
	moment = 200 * time.Millisecond
	// maxBacklog is how much may wait; then writes wait too.
	maxBacklog = 64 << 20
)

func newBacklog(pipe *os.File) *backlog {
	b := &backlog{pipe: pipe}
	b.room.L = &b.mu
	return b
}

// Write writes p, or sees that it will be.
func (b *backlog) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.err == nil && len(b.waiting) > maxBacklog {
		b.room.Wait()
	}
	switch {
	case b.err != nil:
		return 0, b.err
	case b.idle != nil:
		b.waiting = append(b.waiting, p...)
		return len(p), nil
	}
	if now := time.Now(); b.until.Sub(now) < moment/2 {
		b.until = now.Add(moment)
		// Where pipes know no deadlines, writes take as long as they take.
		_ = b.pipe.SetWriteDeadline(b.until)
	}
	n, err := b.pipe.Write(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		b.waiting = append(b.waiting, p[n:]...)
		b.idle = make(chan struct{})
		// Ends when nothing waits any more, or the pipe is closed.
		go b.drain()
		return len(p), nil
	}
	b.err = err
	return n, err
}

func (b *backlog) drain() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = time.Time{}
	_ = b.pipe.SetWriteDeadline(b.until)
	for len(b.waiting) > 0 && b.err == nil {
		p := b.waiting
		b.waiting = nil
		b.room.Broadcast()
		b.mu.Unlock()
		_, err := b.pipe.Write(p)
		b.mu.Lock()
		b.err = err
	}
	b.room.Broadcast()
	close(b.idle)
	b.idle = nil
}

// close gives what waits the time d to be read, and closes the pipe.
func (b *backlog) close(d time.Duration) {
	b.mu.Lock()
	idle := b.idle
	b.mu.Unlock()
	if idle != nil {
		within(d, idle)
	}
	b.pipe.Close()
}
