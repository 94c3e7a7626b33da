package proxy

import (
	"os"
	"syscall"
)

const (
	terminate = syscall.SIGTERM
	kill      = syscall.SIGKILL
)

func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// signalGroup ends the process: Windows knows no gentler way for a process
// without a console.
func (p *process) signalGroup(syscall.Signal) { _ = p.cmd.Process.Kill() }

func (p *process) groupLeft() bool { return false }

func killedBy(*os.ProcessState) (name string, number int) { return "", 0 }

// readNow leaves it to a Read to wait.
func readNow(*os.File, []byte) int { return 0 }
