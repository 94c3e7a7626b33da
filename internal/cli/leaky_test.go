package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// turn is a line of the host, and what the server says to it.
type turn struct {
	Host   []byte
	Server []piece
}

// piece is what the server writes at once. If it is nothing, the server dies.
type piece struct {
	Text   []byte
	Stderr bool
}

// leakyMain is "leaky FILE ARG…", a server that answers the lines of a
// conversation, whatever its arguments are. A line that has another byte in it
// ends it with status 3.
func leakyMain() {
	var conversation []turn
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(text, &conversation)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "leaky:", err)
		os.Exit(4)
	}
	answers := make(map[string][]piece)
	for _, t := range conversation {
		answers[string(t.Host)] = t.Server
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, end := in.ReadBytes('\n')
		said, ok := answers[string(line)]
		if !ok && len(line) > 0 {
			os.Exit(3)
		}
		for _, p := range said {
			if p.Text == nil {
				os.Exit(7)
			}
			to := os.Stdout
			if p.Stderr {
				to = os.Stderr
			}
			to.Write(p.Text)
		}
		if end != nil {
			os.Exit(0)
		}
	}
}

// heard is what came of a conversation.
type heard struct {
	out    []byte // without what ends the conversation
	status int
}

// converse has a host say its lines, each in two pieces, to a command that is run
// in dir. It waits for as many bytes as the server says in between. If lines is
// set, for as many lines, as wiretape may change them.
func converse(t *testing.T, command *exec.Cmd, conversation []turn, lines bool) heard {
	t.Helper()
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	// A conversation that does not go on is one that failed.
	slow := time.AfterFunc(2*time.Minute, func() { command.Process.Kill() })
	defer slow.Stop()
	var h heard
	out := bufio.NewReader(pipe)
	for _, said := range conversation {
		half := len(said.Host) / 2
		in.Write(said.Host[:half])
		in.Write(said.Host[half:])
		if !bytes.HasSuffix(said.Host, []byte("\n")) {
			break // it is heard when nothing more can come
		}
		for _, p := range said.Server {
			if p.Stderr {
				continue
			}
			var got []byte
			if lines && bytes.HasSuffix(p.Text, []byte("\n")) {
				got, err = out.ReadBytes('\n')
			} else if !lines {
				got = make([]byte, len(p.Text))
				_, err = io.ReadFull(out, got)
			}
			if h.out = append(h.out, got...); err != nil {
				break
			}
		}
	}
	in.Close()
	rest, _ := io.ReadAll(out)
	h.out = append(h.out, rest...)
	if exit := (*exec.ExitError)(nil); errors.As(command.Wait(), &exit) {
		h.status = exit.ExitCode()
	}
	return h
}
