package verify_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wiretape/internal/findings"
	"wiretape/internal/verify"
	"wiretape/proxy"
	"wiretape/record"
)

// stubborn is a server that says a line over and over, without an end, and reads nothing, or all and answers nothing.
type stubborn struct {
	line  func(n int) string // nil for silence
	reads bool
}

func (s stubborn) Describe() record.Endpoint { return record.Endpoint{} }

func (s stubborn) Connect(context.Context, io.Writer) (proxy.Target, error) {
	fromHost, in := io.Pipe()
	out, toHost := io.Pipe()
	if s.reads {
		go io.Copy(io.Discard, fromHost)
	}
	if s.line != nil {
		go func() {
			for n := range 2000 {
				if _, err := io.WriteString(toHost, s.line(n)); err != nil {
					return
				}
			}
		}()
	}
	return fakeTarget{in, out}, nil
}

// inTurn writes a recording of calls that were made one after the other, with ids from 1 on in such steps.
func inTurn(t *testing.T, calls, step int) string {
	t.Helper()
	var out strings.Builder
	out.WriteString(strings.SplitAfter(oneCall, "\n")[0])
	for i := range calls {
		fmt.Fprintf(&out, `{"seq":%d,"at":%d,"from":"host","to":"target","msg":{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"a","arguments":{"n":%d}}}}`+"\n", 2*i+1, 2*i, 1+i*step, i)
		fmt.Fprintf(&out, `{"seq":%d,"at":%d,"from":"target","to":"host","msg":{"jsonrpc":"2.0","id":%d,"result":{"n":%d}}}`+"\n", 2*i+2, 2*i+1, 1+i*step, i)
	}
	fmt.Fprintf(&out, `{"seq":%d,"at":%d,"event":"end","reason":"host","statistics":{}}`+"\n", 2*calls+1, 2*calls)
	path := filepath.Join(t.TempDir(), "turns.jsonl")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStubbornServers(t *testing.T) {
	always := func(line string) func(int) string { return func(int) string { return line } }
	none := []string{findings.MissingAnswer}
	tests := []struct {
		name    string
		server  stubborn
		rules   []string
		problem string
	}{
		{"silent", stubborn{reads: true}, none, ""},
		{"deaf", stubborn{}, none, "the server does not read what it is told"},
		{"junk", stubborn{always("junk\n"), true}, []string{findings.MissingAnswer, findings.MessageInvalid}, ""},
		{"empty lines", stubborn{always("\n"), true}, none, ""},
		{"notifications", stubborn{func(n int) string {
			return fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":%d,"progress":1}}`+"\n", n)
		}, true}, none, ""},
		{"answers to others", stubborn{func(n int) string {
			return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{}}`+"\n", n+2)
		}, true}, []string{findings.ExtraAnswer, findings.MissingAnswer}, ""},
		{"questions", stubborn{func(n int) string {
			return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"roots/list"}`+"\n", n)
		}, true}, append(slices.Repeat([]string{findings.ServerRequest}, 10), none...), ""},
		{"pings", stubborn{func(n int) string {
			return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"ping"}`+"\n", n)
		}, true}, none, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := inVirtualTime(t, &verify.Check{Path: inTurn(t, 1, 1), Server: test.server, Timeout: 100 * time.Millisecond})
			var rules []string
			for _, f := range all(o) {
				rules = append(rules, f.Rule)
			}
			slices.Sort(rules)
			slices.Sort(test.rules)
			if !slices.Equal(rules, test.rules) || !strings.HasSuffix(o.Problem, test.problem) || (o.Problem == "") != (test.problem == "") {
				t.Errorf("found %s, problem %q", rules, o.Problem)
			}
		})
	}
}

// leaving is a server that says this when it is spoken to, and has said all of it before it ends.
type leaving struct{ said []string }

func (l leaving) Describe() record.Endpoint { return record.Endpoint{} }

func (l leaving) Connect(context.Context, io.Writer) (proxy.Target, error) {
	fromHost, in := io.Pipe()
	out, toHost := io.Pipe()
	go func() {
		defer toHost.Close()
		if lines := bufio.NewScanner(fromHost); lines.Scan() {
			io.WriteString(toHost, strings.Join(l.said, "\n")+"\n")
		}
		io.Copy(io.Discard, fromHost)
	}()
	return leavingTarget{in, out}, nil
}

type leavingTarget struct {
	*io.PipeWriter
	out *io.PipeReader
}

func (l leavingTarget) Read(p []byte) (int, error) { return l.out.Read(p) }

func (l leavingTarget) Stop() proxy.Exit {
	l.PipeWriter.Close()
	return proxy.Exit{}
}

// What a server says besides its answers is told, if the recorded server said nothing of the kind. It is heard out.
func TestWhatAServerSaysBesides(t *testing.T) {
	const one, other = `{"jsonrpc":"2.0","id":1,"result":{"n":0}}`, `{"jsonrpc":"2.0","id":1,"result":{"n":1}}`
	tests := []struct {
		name string
		said []string
		rule string
	}{
		{"nothing", []string{one}, ""},
		{"spaces", []string{`{"jsonrpc" : "2.0", "id":1,"result":{"n":0}}`}, ""},
		{"a second answer", []string{one, other}, findings.ExtraAnswer},
		{"an answer to another id", []string{one, `{"jsonrpc":"2.0","id":4711,"result":{}}`}, findings.ExtraAnswer},
		{"an answer to no id", []string{one, `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}`}, findings.ExtraAnswer},
		{"no version", []string{`{"id":1,"result":{"n":0}}`}, findings.MessageInvalid},
		{"another version", []string{`{"jsonrpc":2.0,"id":1,"result":{"n":0}}`}, findings.MessageInvalid},
		{"no version in a batch", []string{`[` + one + `,{"method":"x"}]`}, findings.MessageInvalid},
		{"junk", []string{one, "junk"}, findings.MessageInvalid},
		{"a question", []string{one, `{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}`}, findings.ServerRequest},
		{"a ping", []string{one, `{"jsonrpc":"2.0","id":1,"method":"ping"}`}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := leaving{test.said}
			o := (&verify.Check{Path: inTurn(t, 1, 1), Server: server, Timeout: 10 * time.Second}).Run(t.Context())
			if list := all(o); o.Problem != "" || len(list) > 1 || test.rule != "" && (len(list) == 0 || list[0].Rule != test.rule) || test.rule == "" && len(list) > 0 {
				t.Errorf("found %+v, problem %q", list, o.Problem)
			}
			lines := []string{`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"n":0}}}`}
			for _, line := range test.said {
				lines = append(lines, line, "")
			}
			again := &verify.Check{Path: conversation(t, 0, lines[:len(lines)-1]...), Server: server, Timeout: 10 * time.Second}
			if o := again.Run(t.Context()); o.Problem != "" || len(all(o)) > 0 {
				t.Errorf("of its own recording: found %+v, problem %q", all(o), o.Problem)
			}
		})
	}
}

// inVirtualTime runs a check in which time passes when all is said and heard.
func inVirtualTime(t *testing.T, c *verify.Check) (o verify.Outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { o = c.Run(t.Context()) })
	return o
}

// A server that answers no more is not asked all that is left.
func TestServerThatHangs(t *testing.T) {
	const calls = 1000
	o := inVirtualTime(t, &verify.Check{Path: inTurn(t, calls, 1), Server: stubborn{reads: true}, Timeout: 10 * time.Millisecond})
	if len(o.Calls) != 3 || !strings.HasSuffix(o.Problem, "the server hangs: there was no answer to 3 calls in a row, within 10ms each") {
		t.Errorf("%d calls, problem %q", len(o.Calls), o.Problem)
	}
}

// A host may use an id again for another call, and a server that does not answer one still answers others.
func TestIDsUsedAgain(t *testing.T) {
	const hangs = `"n":2}`
	server := fake{func(line string) []string {
		_, n, _ := strings.Cut(line, `"n":`)
		n, _, _ = strings.Cut(n, "}")
		if strings.Contains(line, hangs) {
			return []string{}
		}
		return []string{`{"jsonrpc":"2.0","id":1,"result":{"n":` + n + `}}`}
	}}
	o := inVirtualTime(t, &verify.Check{Path: inTurn(t, 5, 0), Server: server, Timeout: 200 * time.Millisecond})
	if list := all(o); len(o.Calls) != 5 || o.Problem != "" || len(list) != 1 || len(o.Calls[2].Findings) != 1 || list[0].Rule != findings.MissingAnswer {
		t.Errorf("%d calls, found %+v, problem %q", len(o.Calls), list, o.Problem)
	}
}

// An answer that comes too late is none, whatever comes after it.
func TestLateAnswer(t *testing.T) {
	server := fake{func(line string) []string {
		if strings.Contains(line, `"n":0`) {
			return []string{}
		}
		return []string{`{"jsonrpc":"2.0","id":1,"result":{"n":"late"}}`, `{"jsonrpc":"2.0","id":2,"result":{"n":1}}`}
	}}
	check := &verify.Check{Path: inTurn(t, 2, 1), Server: server, Timeout: 100 * time.Millisecond, Update: true}
	o := inVirtualTime(t, check)
	if list := all(o); len(list) != 1 || list[0].Rule != findings.MissingAnswer || o.Updated != 0 || o.Left != 1 {
		t.Errorf("found %+v, updated %d, left %d", list, o.Updated, o.Left)
	}
}

// How a server ended that was told to is compared if the recorded one ended well.
func TestServersThatFailWhenTheyEnd(t *testing.T) {
	well, badly := recordedExit(t, record.Exit{}), recordedExit(t, record.Exit{Code: 1})
	tests := []struct {
		name string
		path string
		exit proxy.Exit
		told string // "" for nothing
	}{
		{"well", well, proxy.Exit{}, ""},
		{"not any more", well, proxy.Exit{Code: 3}, `"exit status 3\npanic: boom"`},
		{"killed", well, proxy.Exit{Code: 139, Signal: "SIGSEGV"}, `"killed by SIGSEGV\npanic: boom"`},
		{"had to be ended", well, proxy.Exit{Code: 143, Signal: "SIGTERM", Forced: true}, ""},
		{"as recorded", badly, proxy.Exit{Code: 1}, ""},
		{"not known", inTurn(t, 1, 1), proxy.Exit{Code: 3}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := (&verify.Check{Path: test.path, Server: failing{test.exit}, Timeout: 10 * time.Second}).Run(t.Context())
			list := all(o)
			if o.Problem != "" || len(list) > 1 || (len(list) == 0) != (test.told == "") {
				t.Fatalf("found %+v, problem %q", list, o.Problem)
			}
			if len(list) > 0 && (list[0].Rule != findings.ExitChanged || string(list[0].Live) != test.told) {
				t.Errorf("found %s: %s", list[0].Rule, list[0].Live)
			}
		})
	}
}

// recordedExit writes a recording of a call, and of how the server ended.
func recordedExit(t *testing.T, exit record.Exit) string {
	whole, err := record.Load(inTurn(t, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "exit.jsonl")
	_, err = record.Rewrite(path, whole.Header, func(yield func(record.Event, error) bool) {
		_ = yield(whole.Events[0], nil) && yield(whole.Events[1], nil) && yield(record.Event{Name: record.EventExit, Exit: &exit}, nil)
	}, "host")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// failing is a server that answers the call of inTurn, and ends so, with last words.
type failing struct{ exit proxy.Exit }

func (f failing) Describe() record.Endpoint { return record.Endpoint{} }

func (f failing) Connect(ctx context.Context, stderr io.Writer) (proxy.Target, error) {
	io.WriteString(stderr, "panic: boom\n")
	target, err := leaving{[]string{`{"jsonrpc":"2.0","id":1,"result":{"n":0}}`}}.Connect(ctx, stderr)
	return failingTarget{target, f.exit}, err
}

type failingTarget struct {
	proxy.Target
	exit proxy.Exit
}

func (f failingTarget) Stop() proxy.Exit {
	f.Target.Stop()
	return f.exit
}

// A server pings when it likes.
func TestPings(t *testing.T) {
	const ping, pong = `{"jsonrpc":"2.0","id":"p","method":"ping"}`, `{"jsonrpc":"2.0","id":"p","result":{}}`
	path := conversation(t, 0, callsAdd, ping, pong, saysAdd)
	var heard []string
	for _, test := range []struct {
		says  map[string]string
		hears []string
	}{
		{map[string]string{callsAdd: saysAdd}, []string{callsAdd}},
		{map[string]string{callsAdd: ping, pong: saysAdd}, []string{callsAdd, pong}},
	} {
		heard = nil
		server := fake{func(line string) []string {
			heard = append(heard, line)
			return []string{test.says[line]}
		}}
		o := (&verify.Check{Path: path, Server: server, Timeout: time.Hour}).Run(t.Context())
		if o.Problem != "" || len(all(o)) > 0 || !slices.Equal(heard, test.hears) {
			t.Errorf("found %+v, problem %q, it heard %q", all(o), o.Problem, heard)
		}
	}
}
