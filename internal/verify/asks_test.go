package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wiretape/internal/findings"
	"wiretape/internal/verify"
	"wiretape/proxy"
)

// A server that has nothing to do is not waited for as long as one that may be at work. Here it was asked nothing, or
// another call is open.
func TestQuestionsThatAreNotAskedAnyMore(t *testing.T) {
	const (
		begins = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
		ends   = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
	)
	var asked []string // by the server, with the answers
	for i := range 5 {
		asked = append(asked, fmt.Sprintf(`{"jsonrpc":"2.0","id":"q%d","method":"roots/list"}`, i), fmt.Sprintf(`{"jsonrpc":"2.0","id":"q%d","result":{}}`, i))
	}
	tests := []struct {
		name     string
		recorded []string
		longest  time.Duration
		missing  int
		problem  string
	}{
		{"when nothing is open", slices.Concat([]string{begins}, asked, []string{"", callsAdd, saysAdd}), 10 * time.Second, 5, ""},
		{"after the last answer", slices.Concat([]string{callsAdd, saysAdd, ""}, asked, []string{""}), 10 * time.Second, 5, ""},
		{"after what was cancelled", slices.Concat([]string{asksEcho, "", ends}, asked, []string{"", callsAdd, saysAdd}), 10 * time.Second, 5, ""},
		{"while a call is open", slices.Concat([]string{asksEcho}, asked, []string{"", callsAdd, saysAdd}), 3 * time.Minute, 3, "the server hangs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				check := &verify.Check{
					Path: conversation(t, 0, test.recorded...), Server: answering(map[string]string{callsAdd: saysAdd}), Timeout: time.Minute,
				}
				o := check.Run(t.Context())
				list := all(o)
				others := slices.ContainsFunc(list, func(f findings.Finding) bool { return f.Rule != findings.ServerRequest })
				if len(list) != test.missing || others || !strings.Contains(o.Problem, test.problem) || (o.Problem == "") != (test.problem == "") {
					t.Errorf("found %+v, problem %q", list, o.Problem)
				}
				if took := time.Since(began); took > test.longest {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// late is a server whose questions take a while.
type late struct{ fake }

func (l late) Connect(ctx context.Context, stderr io.Writer) (proxy.Target, error) {
	target, err := l.fake.Connect(ctx, stderr)
	return lateTarget{target}, err
}

type lateTarget struct{ proxy.Target }

func (l lateTarget) Read(p []byte) (int, error) {
	n, err := l.Target.Read(p)
	if bytes.Contains(p[:n], []byte("roots/list")) {
		time.Sleep(2 * time.Second)
	}
	return n, err
}

// Some servers ask a moment after they were told that the session begins, or after an answer.
func TestQuestionsThatAreAskedInAMoment(t *testing.T) {
	const (
		begins = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
		asks   = `{"jsonrpc":"2.0","id":"q","method":"roots/list"}`
		told   = `{"jsonrpc":"2.0","id":"q","result":{}}`
	)
	for _, test := range []struct {
		name     string
		recorded []string
		says     map[string]string
	}{
		{"when the session begins", []string{begins, asks, told, "", callsAdd, saysAdd}, map[string]string{begins: asks, callsAdd: saysAdd}},
		{"after an answer", []string{callsAdd, saysAdd, "", asks, told, ""}, map[string]string{callsAdd: saysAdd + "\n" + asks}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := late{fake{func(line string) []string {
					if line == callsAdd {
						time.Sleep(20 * time.Second)
					}
					return answering(test.says).answers(line)
				}}}
				check := &verify.Check{Path: conversation(t, 0, test.recorded...), Server: server, Timeout: time.Minute}
				if o := check.Run(t.Context()); o.Problem != "" || len(all(o)) > 0 {
					t.Errorf("found %+v, problem %q", all(o), o.Problem)
				}
			})
		})
	}
}
