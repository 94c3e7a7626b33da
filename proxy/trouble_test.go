//go:build unix

package proxy_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wiretape/record"
)

// chat makes calls until stop says so, each of which must be answered.
func (w *tap) chat(stop func() bool) {
	w.t.Helper()
	for late := time.Now().Add(patience); !stop(); {
		if m := w.ask("big", "4096"); len(m.Result) != 4098 {
			w.fatalf("the server answered %d bytes: %s", len(m.Result), m.Error)
		}
		if time.Now().After(late) {
			w.fatalf("it takes too long")
		}
	}
}

func (w *tap) hasSaid(part string) func() bool {
	return func() bool { return w.stderr.await(part, 0) }
}

// troubles are what can keep a recording from being complete, when it has begun.
var troubles = []struct {
	name  string
	limit string
	act   func(w *tap) error
	why   string
}{
	{"disk full", "20000", func(*tap) error { return nil }, "file too large"},
	{"deleted", "", func(w *tap) error { return os.Remove(w.file) }, "deleted"},
	{"moved", "", func(w *tap) error { return os.Rename(w.file, w.file+".old") }, "moved"},
	{"replaced", "", func(w *tap) error {
		return errors.Join(os.Remove(w.file), os.WriteFile(w.file, nil, 0o600))
	}, "replaced"},
}

func TestLossIsSaidAndTrafficGoesOn(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for _, trouble := range troubles {
			t.Run(trouble.name, func(t *testing.T) {
				t.Parallel()
				w := prepare(t, server("echo"), flags...)
				w.cmd.Env = append(w.cmd.Env, fileLimit+"="+trouble.limit)
				w.start()
				w.open()
				if err := trouble.act(w); err != nil {
					t.Fatal(err)
				}
				w.chat(w.hasSaid(trouble.why))
				wantContains(t, w.stderr.String(), "wiretape: ", "the traffic goes on")
				if len(flags) == 0 {
					lossIsReported(w, trouble.why)
				}
				w.in.Close()
				w.gone(time.Now(), 0)
				if n := strings.Count(w.stderr.String(), "the traffic goes on"); n != 1 {
					t.Errorf("it was said %d times: %s", n, w.stderr)
				}
			})
		}
	})
}

// lossIsReported checks what the control tools tell, and that a new connection
// is recorded again where it can be.
func lossIsReported(w *tap, why string) {
	w.t.Helper()
	wantContains(w.t, w.control("status"), `"connected":true`, `"complete":false`, why)
	wantContains(w.t, w.control("disconnect"), `"success":true`, `"cleanup_warning":"`, `"complete":false`, why)
	wantContains(w.t, w.control("connect"), `"success":true`)
	w.chat(once())
}

// once gives a stop for chat: after one call.
func once() func() bool {
	n := 0
	return func() bool { n++; return n > 1 }
}

func TestLossIsReportedBeforeItWasNoticed(t *testing.T) {
	for _, role := range []string{"status", "disconnect"} {
		w := through(t, server("echo"))
		w.open()
		if err := os.Remove(w.file); err != nil {
			t.Fatal(err)
		}
		wantContains(t, w.control(role), `"success":true`, `"complete":false`, "deleted")
		if !w.stderr.await("deleted", patience) {
			w.fatalf("nothing is said on stderr")
		}
		w.in.Close()
		w.gone(time.Now(), 0)
	}
}

func TestWhatWasRecordedBeforeTheDiskWasFullReads(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		w := prepare(t, server("echo"), flags...)
		w.cmd.Env = append(w.cmd.Env, fileLimit+"=20000")
		w.start()
		w.open()
		w.chat(w.hasSaid("file too large"))
		w.in.Close()
		w.gone(time.Now(), 0)
		rec, err := record.Load(w.file)
		var damage *record.DamageError
		if !errors.As(err, &damage) || !damage.Torn {
			w.fatalf("the recording is not torn: %v", err)
		}
		if rec == nil || len(rec.Events) < 10 {
			t.Errorf("hardly anything is left of it")
		}
	})
}

func TestRecordingThatCannotBegin(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{
		"a file in place of the folder": filepath.Join(file, "r.jsonl.zst"),
		"a folder without permission":   filepath.Join(closed, "sub", "r.jsonl.zst"),
	}
	if os.Getuid() == 0 {
		// No mode keeps root out, but procfs has no folders of ours.
		paths["a folder without permission"] = "/proc/sub/r.jsonl.zst"
	}
	for name, path := range paths {
		modes(t, func(t *testing.T, flags ...string) {
			t.Run(name, func(t *testing.T) {
				w := through(t, server("echo"), append(flags, "-o", path)...)
				w.open()
				w.chat(once())
				wantContains(t, w.stderr.String(), "wiretape: not recording: ", "the traffic goes on")
				if len(flags) == 0 {
					lossIsReported(w, filepath.Dir(path))
				}
				w.in.Close()
				w.gone(time.Now(), 0)
			})
		})
	}
}
