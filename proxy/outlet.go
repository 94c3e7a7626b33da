package proxy

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// outlet is where lines leave for one side. The pump passes on what the other
// side says, in whatever pieces it comes; wiretape says whole lines of its own,
// which never land inside a line that is under way.
//
// Only pass waits for a side that does not read. What is said may be said
// behind the session's gate, which must not be held for so long.
type outlet struct {
	w      io.Writer
	failed func() // told once of a failed write

	mu      sync.Mutex
	free    sync.Cond
	writing bool   // somebody writes, without mu
	midline bool   // what was passed on last did not end its line
	torn    bool   // nor will it be ended any more
	waiting []byte // own lines, to follow the line under way
	err     error  // the first failed write; nothing is written after it
}

func newOutlet(w io.Writer, failed func()) *outlet {
	o := &outlet{w: w, failed: failed}
	o.free.L = &o.mu
	return o
}

// pass writes what the other side said.
func (o *outlet) pass(p []byte) {
	if len(p) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.writing {
		o.free.Wait()
	}
	o.writing = true
	if len(o.waiting) > 0 && o.midline {
		end := bytes.IndexByte(p, '\n') + 1
		o.write(p[:end])
		p = p[end:]
	}
	o.flush()
	o.write(p)
	o.flush()
	o.done()
}

// say writes a line of wiretape's own, as soon as may be, after the line under
// way. It does not wait for that.
func (o *outlet) say(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, line...)
	o.start()
}

// tear says that a line under way will not be ended by its side any more. It
// stays as it is, unless something follows, or mend is called.
func (o *outlet) tear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.torn, o.midline = o.torn || o.midline, false
	o.start()
}

// mend ends a torn line: the other side may be waiting for it.
func (o *outlet) mend() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.torn {
		o.torn = false
		o.waiting = append([]byte{'\n'}, o.waiting...)
		o.start()
	}
}

// settle waits, for at most d, until all that could be said has been.
func (o *outlet) settle(d time.Duration) {
	settled := make(chan struct{})
	// Ends when nothing is being written, at the latest with the process.
	go func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		for o.writing {
			o.free.Wait()
		}
		close(settled)
	}()
	within(d, settled)
}

// start has what is waiting written, unless somebody writes and will see to it.
func (o *outlet) start() {
	if o.writing || o.midline || len(o.waiting) == 0 {
		return
	}
	o.writing = true
	// Ends when all is written, or the other side is gone.
	go func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.flush()
		o.done()
	}()
}

func (o *outlet) done() {
	o.writing = false
	o.free.Broadcast()
}

// flush writes what is waiting, and what comes to wait meanwhile.
func (o *outlet) flush() {
	for !o.midline && len(o.waiting) > 0 {
		lines := o.waiting
		o.waiting = nil
		o.write(lines)
	}
}

// write writes while writing is set, and gives mu up meanwhile.
func (o *outlet) write(p []byte) {
	if len(p) == 0 || o.err != nil {
		return
	}
	if o.torn {
		p = append([]byte{'\n'}, p...)
		o.torn = false
	}
	o.midline = p[len(p)-1] != '\n'
	o.mu.Unlock()
	_, err := o.w.Write(p)
	if err != nil && o.failed != nil {
		o.failed()
	}
	o.mu.Lock()
	o.err = err
}
