package verify_test

import (
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
		}, true}, none, ""},
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
			path := inTurn(t, 1, 1)
			var o verify.Outcome
			synctest.Test(t, func(t *testing.T) { // time passes when all is said and heard
				o = (&verify.Check{Path: path, Server: test.server, Timeout: 100 * time.Millisecond}).Run(t.Context())
			})
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

// A server that answers no more is not asked all that is left.
func TestServerThatHangs(t *testing.T) {
	const calls = 1000
	path := inTurn(t, calls, 1)
	var o verify.Outcome
	synctest.Test(t, func(t *testing.T) {
		o = (&verify.Check{Path: path, Server: stubborn{reads: true}, Timeout: 10 * time.Millisecond}).Run(t.Context())
	})
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
	path := inTurn(t, 5, 0)
	var o verify.Outcome
	synctest.Test(t, func(t *testing.T) {
		o = (&verify.Check{Path: path, Server: server, Timeout: 200 * time.Millisecond}).Run(t.Context())
	})
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
	var o verify.Outcome
	synctest.Test(t, func(t *testing.T) { o = check.Run(t.Context()) })
	if list := all(o); len(list) != 1 || list[0].Rule != findings.MissingAnswer || o.Updated != 0 || o.Left != 1 {
		t.Errorf("found %+v, updated %d, left %d", list, o.Updated, o.Left)
	}
}
