package proxy

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"wiretape/record"
)

// Command is an Endpoint that runs a server as a child process and talks to
// its standard input and output.
type Command struct {
	Args []string // program and arguments; a program without a slash is looked up in PATH
	Dir  string   // working directory; empty for the present one
	Env  []string // the whole environment, as "NAME=value"; nil for the present one
}

// Describe implements [Endpoint]. Of the environment it tells names only.
func (c *Command) Describe() record.Endpoint {
	dir := c.Dir
	if dir == "" {
		dir, _ = os.Getwd()
	}
	var names []string
	for _, v := range c.env() {
		if name, _, ok := strings.Cut(v, "="); ok && name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return record.Endpoint{Transport: "stdio", Command: c.Args, Cwd: dir, Env: slices.Compact(names)}
}

func (c *Command) env() []string {
	if c.Env == nil {
		return os.Environ()
	}
	return c.Env
}

// Connect implements [Endpoint]. The process gets a process group of its own,
// and on Linux it dies with wiretape.
func (c *Command) Connect(ctx context.Context, stderr io.Writer) (Target, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, child, err := newProcess()
	if err != nil {
		return nil, fmt.Errorf("opening pipes: %w", err)
	}
	p.cmd = exec.Command(c.Args[0], c.Args[1:]...)
	p.cmd.Dir, p.cmd.Env = c.Dir, c.Env
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = child[0], child[1], child[2]
	p.cmd.SysProcAttr = ownGroup()

	started := make(chan error)
	// Ends with the process. A parent-death signal belongs to the thread that
	// started the child, so this thread lives as long as the child does.
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		for _, f := range child {
			f.Close()
		}
		started <- err
		if err == nil {
			p.wait()
		}
	}()
	if err := <-started; err != nil {
		for _, f := range []*os.File{p.stdin.pipe, p.stdout.file, p.stderr.file} {
			f.Close()
		}
		return nil, err
	}
	// Ends when the process has ended and all it wrote to stderr was copied.
	go p.copyStderr(stderr)
	return p, nil
}

// newProcess gives a process without a command, and the ends of its pipes that
// the child gets as its standard input, output and error.
func newProcess() (*process, [3]*os.File, error) {
	var ours, child [3]*os.File
	for i := range child {
		r, w, err := os.Pipe()
		if err != nil {
			for j := range i {
				ours[j].Close()
				child[j].Close()
			}
			return nil, child, err
		}
		ours[i], child[i] = r, w
		if i == 0 {
			ours[i], child[i] = w, r
		}
	}
	exited := make(chan struct{})
	return &process{
		stdin:   newBacklog(ours[0]),
		stdout:  &output{file: ours[1], exited: exited},
		stderr:  &output{file: ours[2], exited: exited},
		exited:  exited,
		drained: make(chan struct{}),
	}, child, nil
}
