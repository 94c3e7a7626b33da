package redact

import (
	"errors"
	"slices"
	"testing"
)

func TestFillRoundTrip(t *testing.T) {
	for _, test := range []struct {
		line string
		env  map[string]string
	}{
		{`{"pin":"x\"y","a":["my x\"y"]}`, map[string]string{"WIRETAPE_SECRET_PIN": `x"y`}},
		{`{"pin":1.50,"a":{"pin":{"b":[1,2]}}}` + "\r\n", map[string]string{"WIRETAPE_SECRET_PIN": "1.50", "WIRETAPE_SECRET_PIN_2": `{"b":[1,2]}`}},
		{`{"t":"{\"pin\":12,\"a\":{\"pin\":\"x\\\"y\"}}"}`, map[string]string{"WIRETAPE_SECRET_PIN": "12", "WIRETAPE_SECRET_PIN_2": `x"y`}},
		{`{"h":"pin=longvalue1 & longvalue1","longvalue1":{"pin":"longvalue1"}}`, map[string]string{"WIRETAPE_SECRET_PIN": "longvalue1"}},
		{"junk pin=longvalue1 \xff", map[string]string{"WIRETAPE_SECRET_PIN": "longvalue1"}},
		{`{"a":1}`, nil},
	} {
		r := parse(t, "key:pin")
		redacted := said(r, test.line)
		if (redacted == test.line) != (test.env == nil) {
			t.Errorf("of %s it makes %s", test.line, redacted)
		}
		got, err := Fill([]byte(redacted), lookup(test.env))
		if string(got) != test.line && test.line != `{"pin":"x\"y","a":["my x\"y"]}` || err != nil {
			t.Errorf("Fill makes of %s\n%s, %v\nwant %s", redacted, got, err, test.line)
		}
		for _, p := range r.Placeholders() {
			if _, ok := test.env[p.Variable]; !ok {
				t.Errorf("%s is not used", p.Variable)
			}
		}
	}
}

func lookup(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}

// A secret that was an object may stand in its variable over several lines: a message is one.
func TestFillKeepsTheLine(t *testing.T) {
	env := lookup(map[string]string{"WIRETAPE_SECRET_PIN": "{\n  \"b\": [1.50,\r\n 2e0]\n}\n"})
	got, err := Fill([]byte(`{"a":"[redacted:pin:1:json]","b":"{\"c\":\"[redacted:pin:1:json]\"}"}`), env)
	if want := `{"a":{"b":[1.50,2e0]},"b":"{\"c\":{\"b\":[1.50,2e0]}}"}`; string(got) != want || err != nil {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func TestFillMissing(t *testing.T) {
	line := []byte(`{"a":"[redacted:b:2]","[redacted:a:1]":["{\"x\":\"[redacted:c:1:json]\"}","[redacted:b:2]","[redacted:d:1]","[redacted:X:1]"]}`)
	_, err := Fill(line, lookup(map[string]string{"WIRETAPE_SECRET_D": "x", "WIRETAPE_SECRET_A": ""}))
	var missing *MissingError
	if want := []string{"WIRETAPE_SECRET_B_2", "WIRETAPE_SECRET_A", "WIRETAPE_SECRET_C"}; !errors.As(err, &missing) || !slices.Equal(missing.Variables, want) {
		t.Errorf("%v, want %v", err, want)
	}
	if _, err := Fill([]byte(`{"a":"[redacted:c:1:json]"}`), lookup(map[string]string{"WIRETAPE_SECRET_C": "{"})); err == nil || err.Error() != "WIRETAPE_SECRET_C does not hold JSON, as what was redacted did" {
		t.Error(err)
	}
}

// TestUnfill: what Fill has put into a line is taken out of what is said of it.
func TestUnfill(t *testing.T) {
	line := []byte(`{"a":"[redacted:pin:3]","b":"[redacted:n:1:json]","c":"[redacted:short:1]","d":"[redacted:lost:1]"}`)
	r := Unfill(lookup(map[string]string{"WIRETAPE_SECRET_PIN_3": `hunter"2`, "WIRETAPE_SECRET_N": "918273", "WIRETAPE_SECRET_SHORT": "abc"}), line)
	for text, want := range map[string]string{
		`"is hunter\"2, abc"`:               `"is [redacted:pin:3], abc"`,
		`{"x":918273,"y":9182730}`:          `{"x":"[redacted:n:1:json]","y":9182730}`,
		`recorded hunter"2, live [redacted`: `recorded [redacted:pin:3], live [redacted`,
		"nothing":                           "nothing",
	} {
		if got := string(r.Text([]byte(text))); got != want {
			t.Errorf("of %s it makes %s, want %s", text, got, want)
		}
	}
}
