package proxy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// How long a process that is to stop gets for each step. Real hosts kill
// after 2 s, so the steps together, and what follows them, take less.
const (
	endGrace  = 1000 * time.Millisecond // after the end of its input
	termGrace = 400 * time.Millisecond  // after SIGTERM to its group
	killGrace = 200 * time.Millisecond  // after SIGKILL to its group
)

// process is a running [Command].
type process struct {
	cmd    *exec.Cmd
	stdin  *backlog
	stdout *output
	stderr *output

	exited  chan struct{} // closed when the process has ended; state is set then
	drained chan struct{} // closed when all of stderr has been copied
	state   *os.ProcessState

	stop sync.Once
	exit Exit
}

func (p *process) Read(b []byte) (int, error)  { return p.stdout.Read(b) }
func (p *process) Write(b []byte) (int, error) { return p.stdin.Write(b) }

// wait waits for the process and wakes up the readers of its output.
func (p *process) wait() {
	// The error only repeats what the state tells.
	_ = p.cmd.Wait()
	p.state = p.cmd.ProcessState
	p.stdout.wake()
	p.stderr.wake()
	close(p.exited)
}

// Kill ends the process and its group as a crash would: [Fault] has use for it.
func (p *process) Kill() { p.signalGroup(kill) }

func (p *process) copyStderr(to io.Writer) {
	defer close(p.drained)
	buf := make([]byte, 4<<10)
	for {
		n, err := p.stderr.Read(buf)
		if n > 0 {
			// Who cannot be told cannot be told of that either.
			_, _ = to.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// Stop implements [Target]: end of input, then SIGTERM, then SIGKILL, the
// signals to the whole process group.
//
// MCP 2025-11-25, lifecycle, "Shutdown": "First, closing the input stream to
// the child process (the server); waiting for the server to exit, or sending
// SIGTERM if the server does not exit within a reasonable time; sending
// SIGKILL if the server does not exit within a reasonable time after SIGTERM".
func (p *process) Stop() Exit {
	p.stop.Do(func() {
		end := time.Now().Add(endGrace)
		p.stdin.close(endGrace)
		forced := !within(time.Until(end), p.exited)
		if forced || p.groupLeft() {
			p.signalGroup(terminate)
			last := time.Now().Add(termGrace)
			if !within(termGrace, p.exited) || p.outlives(last) {
				p.signalGroup(kill)
			}
		}
		p.exit = p.result(forced)
	})
	return p.exit
}

func (p *process) result(forced bool) Exit {
	if !within(killGrace, p.exited) {
		p.stdout.file.Close()
		p.stderr.file.Close()
		return Exit{Code: 128 + 9, Forced: true, Problem: fmt.Sprintf("process %d does not end, even after SIGKILL", p.cmd.Process.Pid)}
	}
	// Whoever reads our stderr may have stopped reading it.
	within(killGrace, p.drained)
	exit := Exit{Code: p.state.ExitCode(), Forced: forced}
	if name, number := killedBy(p.state); number > 0 {
		exit.Code, exit.Signal = 128+number, name
	}
	return exit
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

// outlives reports whether somebody of the group is left at the given time.
// The others are not children of ours: they can be asked for, not waited for.
func (p *process) outlives(end time.Time) bool {
	for ; p.groupLeft(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return true
		}
	}
	return false
}

// quiet is how long an output is still read once its process has ended and all
// that it had written is read.
const quiet = 100 * time.Millisecond

// output reads what a process writes. It ends with the process even if a
// grandchild holds the other end open, and goes on talking: what stood in the
// pipe when the process ended is read, and after that for a moment more.
type output struct {
	file   *os.File
	exited <-chan struct{}
	late   int  // bytes read since the process had ended
	last   bool // the moment has begun
}

// maxLate is the most that can stand in a pipe when its process ends; what
// comes after that is from somebody else.
const maxLate = 1 << 20

func (o *output) Read(b []byte) (int, error) {
	if !o.over() {
		n, err := o.file.Read(b)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return o.got(n, err)
		}
		<-o.exited
	}
	if n := o.leftover(b); n > 0 {
		return n, nil
	}
	return o.got(o.file.Read(b))
}

// leftover reads what stands in the pipe. When that is read the moment begins
// in which others may still say something.
func (o *output) leftover(b []byte) int {
	if o.last {
		return 0
	}
	_ = o.file.SetReadDeadline(time.Time{})
	n := readNow(o.file, b)
	if o.late += n; n == 0 || o.late > maxLate {
		o.last = true
		_ = o.file.SetReadDeadline(time.Now().Add(quiet))
	}
	return n
}

func (o *output) got(n int, err error) (int, error) {
	if err != nil {
		o.file.Close()
		return n, io.EOF
	}
	return n, nil
}

func (o *output) over() bool {
	select {
	case <-o.exited:
		return true
	default:
		return false
	}
}

// wake ends a Read that waits, before exited is closed. Where a pipe knows no
// deadlines (on Windows) the end of the other side ends it.
func (o *output) wake() { _ = o.file.SetReadDeadline(time.Now()) }
