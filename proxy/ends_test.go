//go:build unix

package proxy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wiretape/internal/peers"
	"wiretape/internal/wire"
	"wiretape/record"
)

// ending is one way in which everything can come to an end.
type ending struct {
	name   string
	server []string
	flags  []string
	act    func(w *tap) // brings the end about; the clock starts when it returns
	status int
	reason string
	exit   record.Exit
	silent bool // the host heard nothing
}

func hangsUp(w *tap) {
	w.open()
	w.in.Close()
}

func signals(s os.Signal) func(*tap) {
	return func(w *tap) {
		w.open()
		if err := w.cmd.Process.Signal(s); err != nil {
			w.t.Fatal(err)
		}
	}
}

// has asks the server, in an open session, to do something that it will not
// survive.
func has(method, params string) func(*tap) {
	return func(w *tap) {
		w.open()
		w.request(method, params)
	}
}

func nothing(*tap) {}

var term, kill, segv = record.Exit{Signal: "SIGTERM"}, record.Exit{Signal: "SIGKILL"}, record.Exit{Signal: "SIGSEGV"}

// endings are those that are alike with the control tools and without.
var endings = []ending{
	{name: "host ends its input", server: server("echo"), act: hangsUp, reason: "host"},
	{name: "host ends its input, server then exits 3", server: server("echo", "3"), act: hangsUp,
		status: 3, reason: "host", exit: record.Exit{Code: 3}},
	{name: "host closes stdout", server: server("echo"), act: func(w *tap) {
		w.open()
		w.stdout.Close()
		w.send(`{"jsonrpc":"2.0","method":"burst","params":5000}`)
	}, reason: "host"},
	{name: "SIGTERM", server: server("echo"), act: signals(syscall.SIGTERM), reason: "signal"},
	{name: "SIGINT", server: server("echo"), act: signals(syscall.SIGINT), reason: "signal"},
	{name: "SIGHUP", server: server("echo"), act: signals(syscall.SIGHUP), reason: "signal"},

	{name: "server exits 0 at once", server: server("exits", "0"), act: nothing, reason: "exit", silent: true},
	{name: "server exits 3 at once", server: server("exits", "3"), act: nothing,
		status: 3, reason: "exit", exit: record.Exit{Code: 3}, silent: true},
	{name: "server is killed at once", server: server("exits", "-9"), act: nothing,
		status: 137, reason: "exit", exit: kill, silent: true},
	{name: "server crashes at once", server: []string{"sh", "-c", "kill -SEGV $$"}, act: nothing,
		status: 139, reason: "exit", exit: segv, silent: true},
	{name: "server exits 4 during initialize", server: server("dies", "4"), act: func(w *tap) { w.request("initialize", initializeParams) },
		status: 4, reason: "exit", exit: record.Exit{Code: 4}, silent: true},
	{name: "server is killed during initialize", server: server("dies", "-9"), act: func(w *tap) { w.request("initialize", initializeParams) },
		status: 137, reason: "exit", exit: kill, silent: true},

	{name: "server exits 0 in the session", flags: []string{"--on-exit", "exit"}, server: server("echo"), act: has("die", "0"), reason: "exit"},
	{name: "server exits 3 in the session", flags: []string{"--on-exit", "exit"}, server: server("echo"), act: has("die", "3"),
		status: 3, reason: "exit", exit: record.Exit{Code: 3}},
	{name: "server is killed in the session", flags: []string{"--on-exit", "exit"}, server: server("echo"), act: has("die", "-9"),
		status: 137, reason: "exit", exit: kill},

	{name: "server ignores the end of its input", server: server("deaf"), act: hangsUp, reason: "host", exit: term},
	{name: "server ignores SIGTERM too", server: server("deaf", "term"), act: hangsUp, reason: "host", exit: kill},
	{name: "server ignores SIGTERM too, and so does not end with wiretape's", server: server("deaf", "term"), act: signals(syscall.SIGTERM),
		reason: "signal", exit: kill},

	{name: "grandchild holds stdout", server: server("grandchild"), act: hangsUp, reason: "host"},
	{name: "grandchild goes on talking", server: server("grandchild", "chatty"), act: hangsUp, reason: "host"},
	{name: "grandchild holds stdout, server exits 3", flags: []string{"--on-exit", "exit"}, server: server("grandchild", "exit"),
		act: has("any", "{}"), status: 3, reason: "exit", exit: record.Exit{Code: 3}},
	{name: "grandchild goes on talking, server exits 3", flags: []string{"--on-exit", "exit"}, server: server("grandchild", "exit", "chatty"),
		act: has("any", "{}"), status: 3, reason: "exit", exit: record.Exit{Code: 3}},
}

func TestEnds(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for _, e := range endings {
			t.Run(e.name, func(t *testing.T) {
				t.Parallel()
				w := through(t, e.server, append(flags, e.flags...)...)
				e.act(w)
				began := time.Now()
				if e.silent {
					if heard := w.rest(); heard != "" {
						t.Errorf("the host heard %q", heard)
					}
				}
				// What nobody reads shall hinder nobody.
				w.gone(began, e.status)
				wantExit(t, w.recording(e.reason), e.exit)
			})
		}
	})
}

// wantExit checks what a recording tells of the process's end.
func wantExit(t *testing.T, events []record.Event, want record.Exit) {
	t.Helper()
	for _, e := range events {
		if e.Exit != nil {
			if *e.Exit != want {
				t.Errorf("the recording says that the server ended with %+v, want %+v", *e.Exit, want)
			}
			return
		}
	}
	t.Error("the recording does not say how the server ended")
}

func TestServerKilledFromOutsideInTheSession(t *testing.T) {
	w := through(t, server("echo"))
	w.open()
	pid := number(string(w.ask("pid", "{}").Result))
	waiting := w.request("burst", "0")
	w.answer(waiting)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if !w.stderr.await("SIGKILL", patience) {
		w.fatalf("the user was not told")
	}
	livesOn(w, "SIGKILL")
	w.in.Close()
	w.gone(time.Now(), 137)
	wantExit(t, w.recording("exit"), kill)
}

// livesOn checks that the host's session goes on without a server, and again
// with a new one.
func livesOn(w *tap, why string) {
	w.t.Helper()
	m := w.ask("tools/call", `{"name":"anything","arguments":{}}`)
	wantContains(w.t, string(m.Result), `"isError":true`, why, "wiretape_connect")
	m = w.ask("prompts/get", `{"name":"anything"}`)
	wantContains(w.t, string(m.Error), why, "wiretape_connect")
	if m := w.ask("ping", `{}`); string(m.Result) != `{}` {
		w.fatalf("ping was answered with %s%s", m.Result, m.Error)
	}
}

func TestSessionOutlivesTheServer(t *testing.T) {
	for how, why := range map[string]string{"0": "exit status 0", "3": "exit status 3", "-9": "SIGKILL"} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			w := through(t, server("echo"))
			w.open()
			w.ask("say", `"my last words"`)
			// Both are open when it ends: each is answered once.
			first, second := w.request("die", how), w.request("tools/call", `{"name":"slow"}`)
			wantContains(t, string(w.answer(first).Error), why, "my last words")
			wantContains(t, string(w.answer(second).Result), `"isError":true`, why)
			livesOn(w, why)
			wantContains(t, w.control("status"), `"connected":false`, why)
			wantContains(t, w.control("connect"), `"success":true`)
			if m := w.ask("tools/call", `{"name":"back"}`); string(m.Result) != `{"name":"back"}` {
				t.Errorf("the new server answered %s%s", m.Result, m.Error)
			}
			w.in.Close()
			w.gone(time.Now(), 0)
			if rest := w.rest(); strings.Contains(rest, `"result"`) || strings.Contains(rest, `"error"`) {
				t.Errorf("an answer too many: %s", rest)
			}
			w.recording("exit")
		})
	}
}

// The last answer is torn in many places; the host must see the line ended, and
// an answer that it can read.
func TestServerDiesInTheMiddleOfALine(t *testing.T) {
	whole := `{"jsonrpc":"2.0","id":2,"result":{"text":"a \"b\" c","n":[1,2]}}`
	for _, at := range []int{1, 12, 24, 25, 34, 35, 36, 44, len(whole) - 1} {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			w := through(t, server("echo"))
			w.open()
			w.request("tear", string(wire.Quote(whole[:at])))
			torn, answer := w.next(), w.next()
			if torn != whole[:at] {
				t.Errorf("the host heard %q, want %q", torn, whole[:at])
			}
			if m := wire.Parse([]byte(answer)); m.Kind != wire.Response || string(m.ID) != "2" || m.Error == nil {
				t.Errorf("the open request was answered with %q", answer)
			}
			livesOn(w, "exit status 3")
			w.in.Close()
			w.gone(time.Now(), 3)
			events := w.recording("exit")
			wantContains(t, string(record.Wire(events, record.Target, record.Host)), whole[:at])
		})
	}
	t.Run("complete but for its newline", func(t *testing.T) {
		t.Parallel()
		w := through(t, server("echo"))
		w.open()
		w.request("tear", string(wire.Quote(whole)))
		if got := w.next(); got != whole {
			t.Errorf("the host heard %q, want %q", got, whole)
		}
		id := w.request("ping", "{}")
		m := wire.Parse([]byte(w.next()))
		if m.Kind != wire.Response || string(m.ID) != id {
			t.Errorf("the answered request was answered again: %s", m.ID)
		}
	})
}

func TestGrandchildInASessionOfItsOwnKeepsNothingAlive(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for _, how := range []string{"apart", "apart chatty"} {
			for name, act := range map[string]func(*tap){
				"host ends its input": hangsUp,
				"server exits":        has("die", "0"),
			} {
				t.Run(how+", "+name, func(t *testing.T) {
					t.Parallel()
					w := through(t, server("grandchild", strings.Fields(how)...), append(flags, "--on-exit", "exit")...)
					defer killHolder(w)
					act(w)
					began := time.Now()
					if got := w.status(); got != 0 {
						t.Errorf("wiretape ended with %d", got)
					}
					if took := time.Since(began); took > promise+slack {
						t.Errorf("it took %v to end", took)
					}
				})
			}
		}
	})
}

// killHolder ends a grandchild that nobody else ends.
func killHolder(w *tap) {
	_, after, _ := strings.Cut(w.stderr.String(), "holder ")
	pid, _, _ := strings.Cut(after, "\n")
	if err := syscall.Kill(number(pid), syscall.SIGKILL); err != nil {
		w.t.Errorf("killing the grandchild: %v", err)
	}
}

func TestHostKilled(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for _, name := range []string{"echo", "deaf"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := prepare(t, server(name, "0"), flags...)
				w.cmd.Args = append([]string{w.cmd.Args[0], w.cmd.Path}, w.cmd.Args[1:]...)
				w.cmd.Env = append(w.cmd.Env, actAs+"=host")
				w.start()
				w.open()
				if err := w.cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				w.alone(time.Now())
				w.recording("host")
			})
		}
	})
}

func TestRealServerBehindNPX(t *testing.T) {
	command := peers.NPX(t)
	modes(t, func(t *testing.T, flags ...string) {
		for name, act := range map[string]func(*tap){"host": hangsUp, "signal": signals(syscall.SIGTERM)} {
			t.Run(name, func(t *testing.T) {
				w := through(t, command, flags...)
				act(w)
				w.gone(time.Now(), 0)
				w.recording(name)
			})
		}
	})
}

func TestCommandThatCannotBeStarted(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		command string
		status  int
	}{
		{"no-such-command-anywhere", 127},
		{filepath.Join(t.TempDir(), "no-such-file"), 127},
		{plain, 126},
		{t.TempDir(), 126},
	} {
		modes(t, func(t *testing.T, flags ...string) {
			w := through(t, []string{test.command}, flags...)
			if heard := w.rest(); heard != "" {
				t.Errorf("the host heard %q", heard)
			}
			w.gone(time.Now(), test.status)
			if said := w.stderr.String(); !strings.HasPrefix(said, "wiretape: ") || strings.Count(said, "\n") != 1 {
				t.Errorf("stderr is not one sentence: %q", said)
			}
			if _, err := os.Stat(w.file); err == nil {
				t.Error("there is a recording of nothing")
			}
		})
	}
}
