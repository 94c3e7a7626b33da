//go:build unix

package proxy_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
)

func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// fileLimit is the variable that tells how large the files of this process may
// become: a disk that is full after so many bytes.
const fileLimit = "LINE_TEST_FILE_LIMIT"

func limitFiles() {
	limit, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 63)
	if err != nil {
		return
	}
	signal.Ignore(syscall.SIGXFSZ) // write then gives EFBIG
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		panic(err)
	}
}

// hostOf starts what its arguments say, as its host. It passes on what it hears,
// and what it says, and can be killed.
func hostOf(args []string) int {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = actingAs("wiretape")
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{os.NewFile(3, "life")}
	in, err := cmd.StdinPipe()
	if err != nil {
		panic(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Ends with the process.
	go io.Copy(in, os.Stdin)
	io.Copy(os.Stdout, out)
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}
