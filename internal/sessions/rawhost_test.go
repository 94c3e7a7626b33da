package sessions_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/wire"
)

// rawHost is a host that does exactly as it is told, for what no SDK can do: it answers late, or not at all.
type rawHost struct {
	t        *testing.T
	on       *stage
	cmd      *exec.Cmd
	stdin    io.WriteCloser
	stderr   bytes.Buffer
	lines    chan []byte
	kept     [][]byte       // not asked for so far
	answered map[string]int // how often, by raw id
}

func newRawHost(t *testing.T, server string) *rawHost {
	t.Helper()
	on := newStage(t)
	target := on.server(t, server)
	return startRawHost(t, on, append(on.wiretape("session.jsonl"), target...))
}

func startRawHost(t *testing.T, on *stage, server []string) *rawHost {
	t.Helper()
	h := &rawHost{t: t, on: on, lines: make(chan []byte), answered: map[string]int{}}
	h.cmd = on.command(t, server)
	h.cmd.Stderr = &h.stderr
	var err error
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Ends with wiretape's output, which ends with the test.
	go func() {
		defer close(h.lines)
		for in := bufio.NewReader(stdout); ; {
			line, err := in.ReadBytes('\n')
			if err != nil {
				return
			}
			select {
			case h.lines <- line:
			case <-t.Context().Done():
				return
			}
		}
	}()
	return h
}

// initialize opens a legacy session.
func (h *rawHost) initialize(capabilities string) {
	h.t.Helper()
	h.request(`"init"`, "initialize", `{"protocolVersion":"2025-11-25","capabilities":`+capabilities+
		`,"clientInfo":{"name":"raw-host","version":"1"}}`)
	h.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

func (h *rawHost) send(line string) {
	h.t.Helper()
	if _, err := io.WriteString(h.stdin, line+"\n"); err != nil {
		h.t.Fatal(err)
	}
}

// ask sends a request with a raw id and does not wait for its answer.
func (h *rawHost) ask(id, method, params string) {
	h.t.Helper()
	h.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params))
}

// request sends a request and gives its answer, which must say all parts of want.
func (h *rawHost) request(id, method, params string, want ...string) string {
	h.t.Helper()
	h.ask(id, method, params)
	return h.answer(id, want...)
}

// control calls a control tool.
func (h *rawHost) control(id, name string, want ...string) string {
	h.t.Helper()
	return h.request(id, "tools/call", `{"name":"wiretape_`+name+`","arguments":{}}`, want...)
}

// answer waits for the answer to the request with a raw id.
func (h *rawHost) answer(id string, want ...string) string {
	h.t.Helper()
	return h.until("the answer to "+id, want, func(m wire.Message) bool {
		return m.Kind == wire.Response && string(m.ID) == id
	})
}

// comes waits for a request or a notification with params that say all parts.
func (h *rawHost) comes(method string, parts ...string) string {
	h.t.Helper()
	return h.until(method+" "+strings.Join(parts, " "), nil, func(m wire.Message) bool {
		return m.Method == method && !slices.ContainsFunc(parts, func(part string) bool {
			return !strings.Contains(string(m.Params), part)
		})
	})
}

// until waits for a message that is wanted, and takes it.
func (h *rawHost) until(what string, want []string, wanted func(wire.Message) bool) string {
	h.t.Helper()
	for i, line := range h.kept {
		if wanted(wire.Parse(line)) {
			h.kept = append(h.kept[:i:i], h.kept[i+1:]...)
			return h.says(line, want)
		}
	}
	deadline := time.After(limit)
	for {
		select {
		case line, ok := <-h.lines:
			if !ok {
				h.t.Fatalf("the server ended before %s came: %s", what, &h.stderr)
			}
			if h.note(line); wanted(wire.Parse(line)) {
				return h.says(line, want)
			}
			h.kept = append(h.kept, line)
		case <-deadline:
			h.t.Fatalf("%s did not come, but\n%s", what, bytes.Join(h.kept, nil))
		}
	}
}

func (h *rawHost) note(line []byte) {
	if m := wire.Parse(line); m.Kind == wire.Response {
		h.answered[string(m.ID)]++
	}
}

func (h *rawHost) says(line []byte, want []string) string {
	h.t.Helper()
	for _, part := range want {
		if !strings.Contains(string(line), part) {
			h.t.Errorf("%q is not in %s", part, line)
		}
	}
	return string(line)
}

// keptText is what came so far and was not asked for.
func (h *rawHost) keptText() string { return string(bytes.Join(h.kept, nil)) }

// leave ends the session, and gives what came and was not asked for. Every request must have been answered once, but
// those that are named.
func (h *rawHost) leave(unanswered ...string) string {
	h.t.Helper()
	if err := h.hangUp(); err != nil {
		h.t.Errorf("the server ended with %v: %s", err, &h.stderr)
	}
	for id, n := range h.answered {
		if n != 1 {
			h.t.Errorf("%s was answered %d times", id, n)
		}
	}
	for _, id := range unanswered {
		if h.answered[id] != 0 {
			h.t.Errorf("%s was answered", id)
		}
	}
	return h.keptText()
}

// hangUp ends the session, and tells how the process ended.
func (h *rawHost) hangUp() error {
	h.t.Helper()
	if err := h.stdin.Close(); err != nil {
		h.t.Fatal(err)
	}
	for line := range h.lines {
		h.note(line)
		h.kept = append(h.kept, line)
	}
	return h.cmd.Wait()
}
