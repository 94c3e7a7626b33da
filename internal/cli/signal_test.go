//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wiretape/record"
)

// replaying is wiretape replay as a process.
type replaying struct {
	*exec.Cmd
	t      *testing.T
	in     io.WriteCloser
	out    io.ReadCloser
	stderr bytes.Buffer
	report string
}

const opening = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"

// startReplay plays a recording in which ping is answered with what does not
// fit into a pipe.
func startReplay(t *testing.T, flags ...string) *replaying {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	w, err := record.Create(path, record.Header{}, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.Line(record.Host, record.Target, []byte(opening))
	w.Line(record.Target, record.Host, fmt.Appendf(nil, `{"jsonrpc":"2.0","id":1,"result":{"long":"%s"}}`+"\n", strings.Repeat("x", 1<<20)))
	if _, err := w.Close("host"); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &replaying{t: t, report: filepath.Join(dir, "report.jsonl")}
	r.Cmd = &exec.Cmd{Path: exe, Args: append([]string{"wiretape", "replay", "--report", r.report, path}, flags...), Stderr: &r.stderr}
	if r.in, err = r.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if r.out, err = r.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(r.in, opening); err != nil {
		t.Fatal(err)
	}
	return r
}

// ends waits for the end of a replay in which nothing went wrong.
func (r *replaying) ends() {
	r.t.Helper()
	if err := r.Process.Signal(syscall.Signal(0)); err != nil {
		r.t.Error(err)
	}
	state, err := r.Process.Wait()
	if err != nil || state.ExitCode() != 0 {
		r.t.Errorf("%v, %v: %s", state, err, &r.stderr)
	}
	if report, err := os.ReadFile(r.report); err != nil || !bytes.Contains(report, []byte(`"asked":1`)) {
		r.t.Errorf("report %q, %v", report, err)
	}
}

var ways = map[string][]string{"straight": nil, "through a line": {"--control"}}

// TestSignalsEndAReplay also has a host that has not read all it was told.
func TestSignalsEndAReplay(t *testing.T) {
	for way, flags := range ways {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			for _, reads := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%v/%v", way, signal, reads), func(t *testing.T) {
					t.Parallel()
					r := startReplay(t, flags...)
					read := func() error { _, err := r.out.Read(make([]byte, 1)); return err }
					if reads {
						read = func() error { _, err := bufio.NewReader(r.out).ReadBytes('\n'); return err }
					}
					if err := read(); err != nil {
						t.Fatal(err)
					}
					if err := r.Process.Signal(signal); err != nil {
						t.Fatal(err)
					}
					r.ends()
				})
			}
		}
	}
}

// TestHostThatListensNoMore goes without closing the other direction.
func TestHostThatListensNoMore(t *testing.T) {
	for way, flags := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			r := startReplay(t, flags...)
			if _, err := r.out.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			if err := r.out.Close(); err != nil {
				t.Fatal(err)
			}
			r.ends()
		})
	}
}
