package verify_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wiretape/internal/findings"
	"wiretape/internal/verify"
)

// veiledTests are texts of which a secret was taken out of the first.
var veiledTests = []struct {
	recorded, live string
	same           bool
}{
	{`is [redacted:pin:1], 41 left`, `is hunter2, 41 left`, true},
	{`is [redacted:pin:1], 41 left`, `is hunter2, 0 left`, false},
	{`is [redacted:pin:1], 41 left`, `not at all`, false},
	{`is [redacted:pin:1], 41 left`, `is , 41 left`, false},
	{`is [redacted:pin:1], 41 left`, `is [redacted:value:7], 41 left`, true},
	{`[redacted:pin:1]`, `say \"hunter2\"`, true},
	{`[redacted:pin:1:json]`, `12`, true},
	{`[redacted:pin:1] and [redacted:pin:1]`, `a and a`, true},
	{`[redacted:pin:1] and [redacted:pin:1]`, `a and b`, false},
	{`[redacted:pin:1] and [redacted:pin:2]`, `a and b`, true},
	{`x[redacted:pin:1][redacted:pin:1]y`, `xaay`, true},
	{`x[redacted:pin:1][redacted:pin:2]y`, `xaaz`, false},
}

// TestVeiled: a placeholder stands for anything, what is around it only for itself, on
// both sides of a diff.
func TestVeiled(t *testing.T) {
	path := filepath.Join("..", "..", "fixtures", "sessions", "demo-legacy.jsonl")
	for _, test := range veiledTests {
		recorded, live := changed(t, path, `"text":"42"`, `"text":"`+test.recorded+`"`), changed(t, path, `"text":"42"`, `"text":"`+test.live+`"`)
		for _, sides := range [][2]string{{recorded, live}, {live, recorded}} {
			if list := told(diff(t, sides[0], sides[1])); len(list) > 0 == test.same {
				t.Errorf("of %s and %s it finds %+v", test.recorded, test.live, list)
			}
		}
	}
}

// TestVeiledServer: what a server says in place of a secret that is not known is not
// shown. One that is known is compared, too.
func TestVeiledServer(t *testing.T) {
	path := filepath.Join("..", "..", "fixtures", "sessions", "demo-legacy.jsonl")
	recorded := changed(t, path, `"text":"42"`, `"text":"is [redacted:pin:1], 41 left"`)
	for _, test := range []struct{ pin, live, told string }{
		{"", "is hunter2, 41 left", ""},
		{"", "is hunter2, 0 left", `"[redacted]"`},
		{"hunter2", "is hunter2, 41 left", ""},
		{"hunter2", "is hunter2, 0 left", `"is [redacted:pin:1], 0 left"`},
		{"hunter2", "is hunter3, 41 left", `"is hunter3, 41 left"`},
	} {
		t.Setenv("WIRETAPE_SECRET_PIN", test.pin)
		server := played(t, changed(t, path, `"text":"42"`, `"text":"`+test.live+`"`))
		o := (&verify.Check{Path: recorded, Server: server, Timeout: 10 * time.Second}).Run(t.Context())
		live := ""
		for _, f := range all(o) {
			live += string(f.Live)
			if test.pin == "" && !strings.HasSuffix(f.Message, " without WIRETAPE_SECRET_PIN.") || f.Rule != findings.ResultChanged || string(f.Recorded) != `"is [redacted:pin:1], 41 left"` {
				t.Errorf("found %+v: %s", f, f.Recorded)
			}
		}
		if o.Problem != "" || live != test.told {
			t.Errorf("%s: with %q it tells %s, want %s", o.Problem, test.pin, live, test.told)
		}
	}
}
