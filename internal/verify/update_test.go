package verify_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/verify"
)

// Some differences are none of the answer, and are left by an update.
func TestUpdateLeavesWhatIsNotInAnAnswer(t *testing.T) {
	const token = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"add","_meta":{"progressToken":1}}}`
	progress := func(n string) string {
		return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":` + n + `}}`
	}
	lines := []string{asksTools, saysTools, token, progress("1"), "", progress("2"), "", saysOutput(`{"n":1}`)}
	tests := []struct {
		name          string
		now           []string
		updated, left int
	}{
		{"another answer", []string{saysOutput(`{"n":2}`)}, 1, 0},
		{"progress that falls", []string{progress("2"), progress("1"), saysOutput(`{"n":1}`)}, 0, 1},
		{"another answer, after progress that falls", []string{progress("2"), progress("1"), saysOutput(`{"n":2}`)}, 1, 1},
		{"an answer that does not fit", []string{saysOutput(`{"n":"x"}`)}, 1, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := conversation(t, 0, lines...)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			check := &verify.Check{
				Path: path, Server: answering(map[string]string{asksTools: saysTools, token: strings.Join(test.now, "\n")}),
				Timeout: 10 * time.Second, Update: true,
			}
			if o := check.Run(t.Context()); o.Updated != test.updated || o.Left != test.left || o.Problem != "" {
				t.Errorf("updated %d, left %d, %s: %+v", o.Updated, o.Left, o.Problem, all(o))
			}
			if after, err := os.ReadFile(path); err != nil || slices.Equal(after, before) != (test.updated == 0) {
				t.Errorf("%v, now\n%s", err, after)
			}
		})
	}
}
