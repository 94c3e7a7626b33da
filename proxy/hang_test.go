//go:build unix

package proxy_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"wiretape/record"
)

// A pipe holds 64 KiB; this is more than all pipes on the way.
const tooMuch = 1 << 20

func large(id int) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"x","arguments":{"text":"%s"}}}`, id, strings.Repeat("x", tooMuch))
}

// A server that does not read fills its pipe. Its host must still be heard.
func TestServerThatDoesNotReadCanBeDisconnected(t *testing.T) {
	w := through(t, server("deaf", "term"))
	w.open()
	w.send(large(100))
	wantContains(t, w.control("status"), `"connected":true`)
	began := time.Now()
	wantContains(t, w.control("disconnect"), `"success":true`, `"forced":true`)
	if took := time.Since(began); took > promise+slack {
		t.Errorf("disconnect took %v", took)
	}
	wantContains(t, w.control("connect"), `"success":true`)
	w.in.Close()
	w.gone(time.Now(), 0)
}

// departures are how a host can go without a word.
var departures = map[string]func(*tap){
	"ends its input": func(w *tap) { w.in.Close() },
	"is killed":      func(w *tap) { w.in.Close(); w.stdout.Close() },
	"sends SIGTERM":  func(w *tap) { w.cmd.Process.Signal(syscall.SIGTERM) },
}

func TestHostGoesWhileTheServerDoesNotRead(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for name, goes := range departures {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := through(t, server("deaf", "term"), flags...)
				w.open()
				w.send(large(100))
				goes(w)
				w.gone(time.Now(), 0)
			})
		}
	})
}

// The host does not read, so neither an answer nor anything that wiretape has to
// say can be said.
func TestHostGoesWithoutReading(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for name, goes := range departures {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := through(t, server("blabbing", "stdout", fmt.Sprint(tooMuch)), flags...)
				w.open()
				w.next() // it has begun to blab
				w.request("tools/call", `{"name":"wiretape_status"}`)
				w.request("tools/call", `{"name":"wiretape_disconnect"}`)
				w.request("tools/call", `{"name":"wiretape_connect"}`)
				goes(w)
				w.gone(time.Now(), 0)
				if _, err := record.Load(w.file); err != nil {
					t.Errorf("the recording was not closed: %v", err)
				}
			})
		}
	})
}

// A slow host misses nothing of what a server said before it ended.
func TestSlowHostHearsAllOfAServerThatEnded(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		w := through(t, server("blabbing", "stdout", fmt.Sprint(tooMuch), "3"), append(flags, "--on-exit", "exit")...)
		w.request("initialize", initializeParams)
		w.answer("1")
		lines := 0
		for heard := range strings.Lines(w.rest()) {
			if heard != `{"jsonrpc":"2.0","method":"blah"}`+"\n" {
				t.Fatalf("the host heard %q", heard)
			}
			lines++
		}
		if want := (tooMuch + 3399) / 3400 * 100; lines != want {
			t.Errorf("the host heard %d lines, want %d", lines, want)
		}
		w.gone(time.Now(), 3)
	})
}

func TestStderrThatNobodyReads(t *testing.T) {
	for name, test := range map[string]struct {
		flags  []string
		server []string
		status int
	}{
		"server goes on":  {nil, server("blabbing", "stderr", fmt.Sprint(tooMuch)), 0},
		"server exits":    {nil, server("blabbing", "stderr", "30000", "3"), 3},
		"without control": {[]string{"--no-control"}, server("blabbing", "stderr", fmt.Sprint(tooMuch)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := prepare(t, test.server, test.flags...)
			unread, theirs, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer unread.Close()
			// As full as it can be: whatever is said to it waits.
			fill(t, theirs)
			w.cmd.Stderr = theirs
			w.start()
			theirs.Close()
			w.open()
			if test.status == 3 {
				// Its end is to be warned of, which must not keep the host waiting.
				w.answerGone(w.request("tools/call", `{"name":"x"}`))
				wantContains(t, w.control("status"), `"connected":false`)
			}
			w.in.Close()
			w.gone(time.Now(), test.status)
		})
	}
}

// answerGone waits until a call is answered in the name of a server that ended.
func (w *tap) answerGone(id string) {
	w.t.Helper()
	if m := w.answer(id); !strings.Contains(string(m.Result), `"isError":true`) {
		w.fatalf("the call was answered with %s%s", m.Result, m.Error)
	}
}

func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	if err := pipe.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := pipe.Write(make([]byte, 4096)); err != nil {
			break
		}
	}
}

// The new server never answers: the host goes while a connect waits for it.
func TestHostGoesDuringAConnect(t *testing.T) {
	for name, goes := range departures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			second := t.TempDir() + "/second"
			w := through(t, server("single", second))
			w.open()
			w.request("tools/call", `{"name":"wiretape_connect"}`)
			if !w.stderr.await("deaf", patience) {
				w.fatalf("there is no new server")
			}
			goes(w)
			w.gone(time.Now(), 0)
		})
	}
}
