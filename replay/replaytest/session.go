package replaytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"

	"wiretape/internal/vcr"
	"wiretape/proxy"
)

// session is a test's talk with a live server, while it is being recorded.
type session struct {
	t       testing.TB
	options Options
	path    string // where the recording belongs
	adds    bool   // it is there, and is added to
	verdict verdict

	tape   vcr.Tape    // works in a folder of its own until it is known how the test ended
	before os.FileInfo // of what is added to

	stderr tail
	ended  chan struct{} // closed when the server has
	status int
	err    error // why it could not be started
}

// begin starts the server and gives an initialized client.
func (s *session) begin(live server) *client.Client {
	s.t.Helper()
	s.verdict = verdict{t: s.t, path: s.path, options: s.options}
	if err := s.prepare(live); err != nil {
		s.t.Fatalf("replaytest: %v", err)
	}
	target, rec, err := s.tape.Open()
	if err != nil {
		s.t.Fatalf("replaytest: %v", err)
	}
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	p := proxy.Proxy{
		Endpoint: target, Record: rec, In: fromHost, Out: toHost,
		Stderr: &s.stderr, Warn: s.verdict.warn, NoControl: true,
	}
	s.ended = make(chan struct{})
	// Ends when the client is closed, or when the server ends.
	go func() {
		defer close(s.ended)
		s.status, s.err = p.Run(context.Background())
		// Neither can fail.
		_, _ = toHost.Close(), fromHost.Close()
	}()
	pipe := transport.NewIO(fromServer, toServer, io.NopCloser(strings.NewReader("")))
	s.t.Cleanup(func() {
		s.t.Helper()
		s.end(pipe.Close())
	})
	c, err := s.options.connect(s.t, pipe)
	if err == nil {
		return c
	}
	err = errors.Join(err, pipe.Close())
	<-s.ended
	switch {
	case s.err != nil:
		err = s.err
	case s.status != 0:
		err = fmt.Errorf("%w: the server ended with exit status %d", err, s.status)
	}
	s.t.Fatalf("replaytest: %s: %v", live.Args[0], err)
	return nil
}

// prepare makes the folder in which the recording is made, or added to.
func (s *session) prepare(live server) error {
	home, name := filepath.Dir(s.path), filepath.Base(s.path)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(home, ".recording-*")
	if err != nil {
		return err
	}
	s.t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			s.t.Errorf("replaytest: %v", err)
		}
	})
	s.tape = vcr.Tape{
		Path: filepath.Join(dir, name), Mode: vcr.Once, Live: live,
		Options: s.options.Replay, Label: strings.TrimSuffix(filepath.Base(live.Args[0]), ".exe"),
		MayMiss: s.options.MayMiss,
	}
	s.tape.Options.Warn = s.verdict.warn
	if !s.adds {
		return nil
	}
	s.tape.Mode = vcr.New
	rules := strings.TrimSuffix(strings.TrimSuffix(name, ".zst"), ".jsonl") + ".rules.json"
	if err := copyFile(filepath.Join(home, rules), filepath.Join(dir, rules)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyFile(s.path, s.tape.Path); err != nil {
		return err
	}
	s.before, err = os.Stat(s.tape.Path)
	return err
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// end waits for the server's end, and keeps what was recorded if the test has
// passed.
func (s *session) end(err error) {
	s.t.Helper()
	<-s.ended
	if s.status != 0 {
		s.verdict.warn(fmt.Sprintf("the server ended with exit status %d", s.status))
	}
	s.verdict.log(nil)
	if played := s.tape.Played(); played != nil {
		for _, r := range played.Reports() {
			s.verdict.unused(r)
		}
	}
	tell := s.t.Errorf
	if s.lost() {
		tell = s.t.Logf // it follows from what has failed before
	}
	if err = errors.Join(err, s.tape.Close()); err != nil {
		tell("replaytest: %s: %v", s.path, err)
	}
	if s.lost() {
		s.t.Logf("replaytest: %s: nothing was recorded, as the test has not passed", s.path)
		if said := s.stderr.String(); said != "" {
			s.t.Logf("replaytest: the server's stderr:\n%s", said)
		}
		return
	}
	if err := s.keep(); err != nil {
		s.t.Errorf("replaytest: %v", err)
	}
}

// lost reports whether nothing is to be kept.
func (s *session) lost() bool { return s.t.Failed() || s.t.Skipped() }

// keep puts the recording in its place, if it has changed.
func (s *session) keep() error {
	s.t.Helper()
	if s.adds {
		after, err := os.Stat(s.tape.Path)
		if err != nil || os.SameFile(s.before, after) {
			return err
		}
	}
	s.t.Logf("replaytest: recorded %s", s.path)
	return os.Rename(s.tape.Path, s.path)
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// longestTail is how much of a server's stderr a failing test shows.
const longestTail = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - longestTail; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
