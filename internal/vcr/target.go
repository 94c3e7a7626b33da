package vcr

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"wiretape/proxy"
	"wiretape/replay"
)

// target is a replay as one life of a server.
type target struct {
	*replay.Session
	endpoint *Endpoint
	ended    sync.Once
	over     chan struct{} // closed when all was read
	stop     sync.Once
	exit     proxy.Exit
	killed   atomic.Bool
}

// stopGrace is how long what is left to be said may take to be read, once the
// host says no more.
const stopGrace = 500 * time.Millisecond

func (t *target) Read(p []byte) (int, error) {
	n, err := t.Session.Read(p)
	if err != nil {
		t.ended.Do(func() { t.end(err) })
	}
	return n, err
}

// end is for when there is nothing more to be read.
func (t *target) end(err error) {
	if !errors.Is(err, io.EOF) {
		t.endpoint.fail(fmt.Errorf("%s: %w", t.Path(), err))
	}
	close(t.over)
}

// Stop implements [proxy.Target].
func (t *target) Stop() proxy.Exit {
	t.stop.Do(func() {
		t.CloseInput()
		forced := !within(stopGrace, t.over)
		t.Close()
		t.exit = exitOf(t.Session, forced, t.killed.Load())
	})
	return t.exit
}

// Kill ends the replay as a crash ends a process.
func (t *target) Kill() {
	t.killed.Store(true)
	t.Close()
}

// exitOf tells how the recorded server ended, as far as the session came to it.
func exitOf(s *replay.Session, forced, killed bool) proxy.Exit {
	if killed {
		return proxy.Exit{Code: 128 + 9, Signal: "SIGKILL"}
	}
	if status, ended := s.Exit(); ended {
		return proxy.Exit{Code: status}
	}
	return proxy.Exit{Forced: forced}
}

func within(d time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
