package peers

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"wiretape/internal/wire"
)

// ScriptMain is the program "host FILE COMMAND…", a host for scripts. It says the
// lines of FILE to a command: after a request it waits for the answer, but first
// says those next lines that are answers of its own. Such a one waits for a request
// of the server, and gets its id, but is not said when a replay had no answer to a
// call, which may have been the one that asks. What it hears goes to stdout, and it
// ends with the command's status.
func ScriptMain() {
	h := scriptedHost{command: exec.Command(os.Args[2], os.Args[3:]...)}
	h.command.Stderr = os.Stderr
	lines, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = h.start()
	}
	if err == nil {
		h.talk(bytes.SplitAfter(lines, []byte("\n")))
		err = h.end()
	}
	if err != nil && h.command.ProcessState == nil {
		fmt.Fprintln(os.Stderr, "host:", err)
	}
	os.Exit(h.command.ProcessState.ExitCode())
}

type scriptedHost struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	asked   [][]byte // raw ids of the server's requests without an answer
	heard   [][]byte // raw ids of answers
	missed  bool     // one of them says that a replay has no answer
}

func (h *scriptedHost) start() error {
	var err error
	if h.in, err = h.command.StdinPipe(); err != nil {
		return err
	}
	out, err := h.command.StdoutPipe()
	if err != nil {
		return err
	}
	h.out = bufio.NewReader(out)
	return h.command.Start()
}

func (h *scriptedHost) talk(lines [][]byte) {
	var open []byte // the id of a request that has no answer
	for i, line := range lines {
		m := wire.Parse(line)
		if m.Kind == wire.Request {
			open = m.ID
		}
		if m.Kind == wire.Response {
			for len(h.asked) == 0 && !h.missed && h.hear() {
			}
			if len(h.asked) == 0 {
				continue
			}
			line, h.asked = wire.Replace(line, m.ID, h.asked[0]), h.asked[1:]
		}
		// Who does not read it has ended, which is heard next.
		_, _ = h.in.Write(line)
		answers := i+1 < len(lines) && wire.Parse(lines[i+1]).Kind == wire.Response
		for open != nil && !answers && !h.answered(open) && h.hear() {
		}
	}
}

func (h *scriptedHost) answered(id []byte) bool {
	return slices.ContainsFunc(h.heard, func(heard []byte) bool { return bytes.Equal(heard, id) })
}

// hear passes on a line, and reports whether there was one.
func (h *scriptedHost) hear() bool {
	line, err := h.out.ReadBytes('\n')
	os.Stdout.Write(line)
	switch m := wire.Parse(line); m.Kind {
	case wire.Request:
		h.asked = append(h.asked, m.ID)
	case wire.Response:
		h.heard = append(h.heard, m.ID)
		h.missed = h.missed || bytes.Contains(line, []byte(`"origin":"replay"`))
	}
	return err == nil
}

func (h *scriptedHost) end() error {
	h.in.Close()
	for h.hear() {
	}
	return h.command.Wait()
}
