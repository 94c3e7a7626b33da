package proxy_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"wiretape/internal/cli"
	"wiretape/internal/wire"
	"wiretape/record"
)

// actAs makes the test binary something else than the tests: wiretape itself,
// a server, or a host. Its name must not begin like those of wiretape's own
// variables, which a server does not get to see.
const actAs = "LINE_TEST_ACT_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(actAs) {
	case "":
		os.Exit(m.Run())
	case "wiretape":
		os.Setenv(actAs, "server") // what it starts
		limitFiles()
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	case "server":
		os.Exit(servers[os.Args[1]](os.Args[2:]))
	case "host":
		os.Exit(hostOf(os.Args[1:]))
	}
	os.Exit(99)
}

const (
	// patience bounds every wait; nothing in these tests takes that long.
	patience = 60 * time.Second
	// promise is how long wiretape may take to end, and slack what a busy
	// machine may add.
	promise = 2 * time.Second
	slack   = slower * 1500 * time.Millisecond
)

// tap is a running wiretape with a server behind it; the test is its host.
type tap struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     *os.File // its stdin
	stdout *os.File
	out    *bufio.Reader // reads stdout
	stderr *said
	file   string        // its first recording
	life   *os.File      // ends when wiretape and all that it started are gone; nil on Windows
	ended  chan struct{} // closed when wiretape has ended
	ids    int
}

// server gives the command line of one of the fake servers.
func server(name string, args ...string) []string {
	return append([]string{os.Args[0], name}, args...)
}

// through starts wiretape with flags, recording to a file, in front of command.
func through(t *testing.T, command []string, flags ...string) *tap {
	t.Helper()
	w := prepare(t, command, flags...)
	w.start()
	return w
}

func prepare(t *testing.T, command []string, flags ...string) *tap {
	t.Helper()
	w := &tap{t: t, stderr: newSaid(), file: filepath.Join(t.TempDir(), "r.jsonl.zst"), ended: make(chan struct{})}
	args := append([]string{"-o", w.file}, flags...)
	w.cmd = exec.Command(os.Args[0], append(append(args, "--"), command...)...)
	w.cmd.Env = actingAs("wiretape")
	w.cmd.Stderr = w.stderr
	w.cmd.WaitDelay = time.Second
	return w
}

// actingAs gives the environment in which the test binary is something else. A
// race detector sleeps a second at the end of a process, unless it is told not to.
func actingAs(what string) []string {
	return append(os.Environ(), actAs+"="+what, "GORACE=atexit_sleep_ms=0")
}

func (w *tap) start() {
	w.t.Helper()
	var theirs []*os.File
	w.cmd.Stdin, w.in = w.pipe(&theirs, false)
	w.cmd.Stdout, w.stdout = w.pipe(&theirs, true)
	w.out = bufio.NewReaderSize(w.stdout, 64<<10)
	if runtime.GOOS != "windows" {
		var held *os.File
		held, w.life = w.pipe(&theirs, true)
		w.cmd.ExtraFiles = []*os.File{held} // every child inherits it
	}
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	for _, f := range theirs {
		f.Close()
	}
	watchdog := time.AfterFunc(patience, func() {
		w.t.Errorf("wiretape was killed after %v; stderr:\n%s", patience, w.stderr)
		w.cmd.Process.Kill()
	})
	// Ends with wiretape, at the latest when patience does.
	go func() {
		defer close(w.ended)
		defer watchdog.Stop()
		w.cmd.Wait()
	}()
	w.t.Cleanup(func() {
		w.in.Close()
		w.cmd.Process.Kill()
		<-w.ended
		w.stdout.Close()
		w.life.Close()
	})
}

// pipe gives the end of a new pipe that wiretape gets, and ours.
func (w *tap) pipe(theirs *[]*os.File, weRead bool) (their, our *os.File) {
	r, wr, err := os.Pipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if weRead {
		r, wr = wr, r
	}
	*theirs = append(*theirs, r)
	return r, wr
}

// fatalf fails the test with all that wiretape and its server have said.
func (w *tap) fatalf(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\nstderr:\n%s", fmt.Sprintf(format, args...), w.stderr)
}

func (w *tap) send(lines ...string) {
	w.t.Helper()
	for _, line := range lines {
		if _, err := io.WriteString(w.in, line+"\n"); err != nil {
			w.fatalf("sending %.200s: %v", line, err)
		}
	}
}

// next gives the next line that the host hears, without its newline.
func (w *tap) next() string {
	w.t.Helper()
	line, err := w.out.ReadString('\n')
	if err != nil {
		w.fatalf("hearing %.200q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// answer gives the response with the raw id, past all other lines.
func (w *tap) answer(id string) wire.Message {
	w.t.Helper()
	for {
		m := wire.Parse([]byte(w.next()))
		if m.Kind == wire.Response && string(m.ID) == id {
			return m
		}
	}
}

// request sends a request and gives its id.
func (w *tap) request(method, params string) string {
	w.t.Helper()
	w.ids++
	w.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"%s","params":%s}`, w.ids, method, params))
	return fmt.Sprint(w.ids)
}

// ask sends a request and gives its response.
func (w *tap) ask(method, params string) wire.Message {
	w.t.Helper()
	return w.answer(w.request(method, params))
}

// control calls a control tool and gives its structured result.
func (w *tap) control(role string) string {
	w.t.Helper()
	m := w.ask("tools/call", `{"name":"wiretape_`+role+`","arguments":{}}`)
	content := wire.Get(m.Result, "structuredContent")
	if content == nil {
		w.fatalf("%s gave %s%s", role, m.Result, m.Error)
	}
	return string(content)
}

const initializeParams = `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}`

// open opens a session.
func (w *tap) open() {
	w.t.Helper()
	if m := w.ask("initialize", initializeParams); m.Result == nil {
		w.fatalf("initialize failed: %s", m.Error)
	}
	w.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

// rest gives what the host still hears, until the end.
func (w *tap) rest() string {
	w.t.Helper()
	rest, err := io.ReadAll(w.out)
	if err != nil {
		w.fatalf("hearing the rest: %v", err)
	}
	return string(rest)
}

// status waits for wiretape's end and gives its exit status.
func (w *tap) status() int {
	<-w.ended
	return w.cmd.ProcessState.ExitCode()
}

// gone checks that wiretape ends with the status, and that nothing is left of
// it and of all that it has started, in the time that is promised.
func (w *tap) gone(since time.Time, status int) {
	w.t.Helper()
	got := w.status()
	w.alone(since)
	if took := time.Since(since); took > promise+slack {
		w.t.Errorf("it took %v to end, promised are %v\nstderr:\n%s", took, promise, w.stderr)
	}
	if got != status {
		w.t.Errorf("wiretape ended with %d, want %d\nstderr:\n%s", got, status, w.stderr)
	}
}

// alone checks that all that wiretape had started is gone in time.
func (w *tap) alone(since time.Time) {
	w.t.Helper()
	if w.life == nil {
		return
	}
	if err := w.life.SetReadDeadline(since.Add(promise + slack)); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.life.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		w.t.Errorf("a process is left behind: %v\nstderr:\n%s", err, w.stderr)
	}
}

// recording gives the events of the recording, which must be complete and have
// ended for the reason.
func (w *tap) recording(reason string) []record.Event {
	w.t.Helper()
	rec, err := record.Load(w.file)
	if err != nil {
		w.fatalf("the recording: %v", err)
	}
	if rec.End == nil || rec.End.Reason != reason {
		w.fatalf("the recording ended with %+v, want %s", rec.End, reason)
	}
	return rec.Events
}

// said is what somebody says, to be looked at while more is said.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed and replaced with each Write
}

func newSaid() *said { return &said{more: make(chan struct{})} }

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await reports whether part is said in time.
func (s *said) await(part string, in time.Duration) bool {
	late := time.After(in)
	for {
		s.mu.Lock()
		found, more := strings.Contains(s.text.String(), part), s.more
		s.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-more:
		case <-late:
			return false
		}
	}
}

// modes runs a test with the control tools and without.
func modes(t *testing.T, test func(t *testing.T, flags ...string)) {
	t.Run("control", func(t *testing.T) { test(t) })
	t.Run("no control", func(t *testing.T) { test(t, "--no-control") })
}

// count gives n, or less of it for -short.
func count(n, short int) int {
	if testing.Short() {
		return short
	}
	return n
}

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in %.2000s", part, text)
		}
	}
}
