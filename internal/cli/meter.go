package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// meter shows on a terminal how far a command is, in one line that is gone in the
// end. Away from a terminal it shows nothing. A nil meter can be used.
type meter struct {
	out  io.Writer
	over chan struct{}
	work sync.WaitGroup

	mu   sync.Mutex
	far  []float64 // how far each recording is, from 0 to 1
	done int       // recordings
}

// newMeter begins to show how far so many recordings are. It ends with stop.
func newMeter(c console, recordings int) *meter {
	if !newScreen(c.err).tty || os.Getenv("TERM") == "dumb" {
		return nil
	}
	m := &meter{out: c.err, over: make(chan struct{}), far: make([]float64, recordings)}
	m.draw()
	m.work.Go(m.show)
	return m
}

const clearLine = "\r\x1b[K"

func (m *meter) draw() { fmt.Fprint(m.out, clearLine+m.String()) }

func (m *meter) show() {
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			m.draw()
		case <-m.over:
			fmt.Fprint(m.out, clearLine)
			return
		}
	}
}

// String is no wider than the narrowest terminal.
func (m *meter) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := 0.0
	for _, far := range m.far {
		sum += far
	}
	const width = 20
	filled := int(width * sum / float64(len(m.far)))
	bar := strings.Repeat("█", filled) + strings.Repeat("░", width-filled)
	return fmt.Sprintf("%s %d of %d", bar, m.done, len(m.far))
}

// at takes how far a recording is: n steps of that many.
func (m *meter) at(recording, n, of int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.far[recording] = float64(n) / float64(of)
}

// end takes that one more recording is done.
func (m *meter) end(recording int) {
	if m == nil {
		return
	}
	m.at(recording, 1, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done++
}

func (m *meter) stop() {
	if m == nil {
		return
	}
	close(m.over)
	m.work.Wait()
}
