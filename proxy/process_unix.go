//go:build unix

package proxy

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	terminate = syscall.SIGTERM
	kill      = syscall.SIGKILL
)

// signalGroup signals every process of the target's group.
func (p *process) signalGroup(s syscall.Signal) {
	// It fails when there is nobody left, which is what it is for.
	_ = syscall.Kill(-p.cmd.Process.Pid, s)
}

// groupLeft reports whether the process has ended and left others behind.
func (p *process) groupLeft() bool {
	return syscall.Kill(-p.cmd.Process.Pid, 0) == nil
}

func killedBy(state *os.ProcessState) (name string, number int) {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return "", 0
	}
	return unix.SignalName(status.Signal()), int(status.Signal())
}

// readNow reads what stands in a pipe, without waiting for more.
func readNow(f *os.File, b []byte) (n int) {
	conn, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	_ = conn.Read(func(fd uintptr) bool {
		for n, err = unix.Read(int(fd), b); errors.Is(err, unix.EINTR); {
			n, err = unix.Read(int(fd), b)
		}
		return true
	})
	return max(n, 0)
}
