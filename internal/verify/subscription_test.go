package verify_test

import (
	"strings"
	"testing"
	"time"

	"wiretape/internal/findings"
	"wiretape/internal/verify"
)

const (
	listens     = `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true}}}`
	granted     = `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"notifications":{"toolsListChanged":true}}}`
	grantedLess = `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"notifications":{}}}`
	refusal     = `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}`
	closed      = `{"jsonrpc":"2.0","id":1,"result":{}}`
	unlistens   = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
	callsAdd    = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"add"}}`
	saysAdd     = `{"jsonrpc":"2.0","id":2,"result":{"content":[]}}`
)

// What comes of a subscription is told alike of a server and of a recording. The messages stand one to a line.
func TestSubscriptions(t *testing.T) {
	const both = granted + "\n" + closed
	tests := []struct {
		name, then, now string
		rules           string
		pointer         string
	}{
		{"granted", granted, granted, "", ""},
		{"refused", granted, refusal, findings.OutcomeChanged, ""},
		{"granted now", refusal, granted, findings.OutcomeChanged, ""},
		{"refused both times", refusal, refusal, "", ""},
		{"not answered", granted, "", findings.MissingAnswer, ""},
		{"answered now", "", granted, findings.ExtraAnswer, ""},
		{"refused in the place of silence", "", refusal, findings.ExtraAnswer, ""},
		{"for less", granted, grantedLess, findings.ResultChanged, "/params/notifications/toolsListChanged"},
		{"closed", granted, both, "", ""},
		{"not closed", both, granted, "", ""},
		{"failed after a while", granted, granted + "\n" + refusal, findings.ExtraAnswer, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			recording := func(said string) string {
				lines := []string{listens}
				for line := range strings.Lines(said) {
					lines = append(lines, line, "")
				}
				if said != "" {
					lines = lines[:len(lines)-1]
				} else {
					lines = append(lines, "")
				}
				return conversation(t, 0, append(lines, callsAdd, saysAdd)...)
			}
			server := fake{func(line string) []string {
				switch {
				case line == listens && test.now != "":
					return strings.Split(test.now, "\n")
				case line == callsAdd:
					return []string{saysAdd}
				}
				return []string{}
			}}
			check := &verify.Check{Path: recording(test.then), Server: server, Timeout: 200 * time.Millisecond}
			o := check.Run(t.Context())
			against := diff(t, check.Path, recording(test.now))
			for of, list := range map[string][]findings.Finding{"verify": all(o), "diff": told(against)} {
				var rules []string
				for _, f := range list {
					rules = append(rules, f.Rule)
				}
				if got := strings.Join(rules, ","); got != test.rules || got != "" && list[0].Pointer != test.pointer || o.Problem != "" {
					t.Errorf("%s: found %+v, problem %q", of, list, o.Problem)
				}
			}
		})
	}
}

// A host that ended a subscription may have done so before the server said anything.
func TestSubscriptionsThatWereCancelled(t *testing.T) {
	silent := conversation(t, 0, listens, "", unlistens, "", callsAdd, saysAdd)
	answered := conversation(t, 0, listens, granted, unlistens, closed, callsAdd, saysAdd)
	refusing := conversation(t, 0, listens, refusal, unlistens, "", callsAdd, saysAdd)
	wantSame(t, diff(t, silent, answered))
	wantSame(t, diff(t, answered, silent))
	if list := told(diff(t, answered, refusing)); len(list) != 1 || list[0].Rule != findings.OutcomeChanged {
		t.Errorf("found %+v", list)
	}
}
