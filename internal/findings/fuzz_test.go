package findings

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"wiretape/internal/printable"
)

// FuzzWrite puts any bytes into all that can be said of a finding.
func FuzzWrite(f *testing.F) {
	for _, seed := range [][3]string{
		{`"a\nb\u001b[2J"`, `"a\nc\u202e"`, "tools/call"},
		{`{"a":[1,2,{"b":"` + strings.Repeat("x", 200) + `"}]}`, `{"a":[1,2,{"b":"` + strings.Repeat("x", 199) + `y"}]}`, "]]>\x00\ufffe"},
		{"\xff\xfe", "{", "::error::%0A\n"},
		{`"\ud800"`, `"\udc00"`, "\u009b31m\U000e0001"},
		{"", "null", "{0} [x](1)"},
		{`"` + strings.Repeat(`日本\n`, 50) + `"`, `""`, "a,b:c"},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]), seed[2], 40)
	}
	f.Fuzz(func(t *testing.T, a, b []byte, words string, width int) {
		s := filled(a, b, words)
		width = leastWidth + max(width, 0)%200
		checkText(t, s, Options{Width: width})
		checkText(t, s, Options{Width: width, Color: true})
		checkJSON(t, s, a, b)
		if doc := harmless(t, written(t, "sarif", s, Options{})); !json.Valid(doc) {
			t.Errorf("no JSON: %s", doc)
		}
		fitsAnt(t, harmless(t, written(t, "junit", s, Options{})))
		fitsGitHub(t, string(harmless(t, written(t, "github", s, Options{}))), 5)
		checkPair(t, a, b, width)
	})
}

func filled(a, b []byte, words string) *Set {
	list := []Finding{
		{Rule: ResultChanged, About: words, Pointer: "/" + words, Recorded: a, Live: b, Message: words},
		{Rule: words, Recorded: a, Breaking: true},
		{Rule: Latency, Live: b},
	}
	return &Set{Program: words, Version: words, Files: []File{{
		Path: words, Against: words, Problem: words + ".", Plain: true, Findings: list[:1],
		Calls: []Call{{Seq: 1, Method: words, Name: words, Findings: list}, {Method: "ping"}},
	}}}
}

// harmless checks that out is text that moves no cursor, and gives it.
func harmless(t *testing.T, out []byte) []byte {
	t.Helper()
	if !utf8.Valid(out) {
		t.Errorf("no UTF-8: %q", out)
	}
	for _, r := range string(out) {
		if r != '\n' && !strconv.IsGraphic(r) {
			t.Fatalf("%U in %q", r, out)
		}
	}
	return out
}

var paint = regexp.MustCompile(`\x1b\[(7;)?\d{1,2}m`)

func checkText(t *testing.T, s *Set, o Options) {
	t.Helper()
	out := written(t, "text", s, o)
	if o.Color {
		out = paint.ReplaceAll(out, nil)
		out = bytes.ReplaceAll(out, []byte("\x1b[0m"), nil)
	}
	harmless(t, out)
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		value := strings.HasPrefix(line, "      ")
		if value && text.StringWidthWithoutEscSequences(line) > o.Width {
			t.Errorf("%d columns are too many: %q", o.Width, line)
		}
	}
}

func checkJSON(t *testing.T, s *Set, a, b []byte) {
	t.Helper()
	out := harmless(t, written(t, "json", s, Options{}))
	var doc jsonSet
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found := doc.Files[0].Findings[0]
	checkValue(t, found.Recorded, found.RecordedRaw, a)
	checkValue(t, found.Live, found.LiveRaw, b)
}

// checkValue checks that a value was not changed: it means what it meant, and is
// a string only if it had to be.
func checkValue(t *testing.T, value json.RawMessage, raw *string, want []byte) {
	t.Helper()
	switch {
	case raw != nil:
		if *raw != strings.ToValidUTF8(string(want), "\ufffd") && utf8.Valid(want) {
			t.Errorf("raw %q, was %q", *raw, want)
		}
	case want == nil:
		if value != nil {
			t.Errorf("%q, was nil", value)
		}
	default:
		var compact bytes.Buffer
		if err := json.Compact(&compact, want); err != nil {
			t.Fatalf("%q was given as JSON: %v", want, err)
		}
		var x, y any
		if json.Unmarshal(value, &x) == nil && json.Unmarshal(want, &y) == nil && spelled(x) != spelled(y) {
			t.Errorf("%s, was %s", value, want)
		}
	}
}

func spelled(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// checkPair checks that two values that are shown otherwise are still shown
// otherwise when they are cut.
func checkPair(t *testing.T, a, b []byte, width int) {
	t.Helper()
	x, y := cutPair(string(a), string(b), width)
	if x == y && printable.Escape(string(a)) != printable.Escape(string(b)) {
		t.Errorf("%q and %q are both shown as %q", a, b, x)
	}
	if text.StringWidthWithoutEscSequences(x) > width || text.StringWidthWithoutEscSequences(y) > width {
		t.Errorf("%d columns are too few for %q, %q", width, x, y)
	}
}
