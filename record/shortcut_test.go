package record

import (
	"strings"
	"testing"
)

// "A body that is nested deeper than 10,000 levels counts as no JSON", which
// those of 10,000 are not.
func TestDeepestMessageComesBack(t *testing.T) {
	for _, depth := range []int{9_999, 10_000, 10_001} {
		for _, eol := range []string{"\n", "\r\n", ""} {
			e := Event{Seq: 1, From: Host, To: Target, Line: []byte(strings.Repeat("[", depth) + strings.Repeat("]", depth) + eol)}
			text := e.Append(nil)
			if said := strings.Contains(string(text[:100]), `"msg"`); said != (depth <= 10_000) {
				t.Errorf("%d levels begin with %s", depth, text[:100])
			}
			if got, err := parseEvent(text); err != nil || string(got.Line) != string(e.Line) {
				t.Errorf("%d levels and %q: %v", depth, eol, err)
			}
		}
	}
}

// Most lines are read in the quick way: those of real sessions.
func TestMostLinesTakeTheShortcut(t *testing.T) {
	quick, lines := 0, 0
	for _, path := range sessions(t) {
		for _, e := range eventsOf(t, path) {
			lines++
			if _, ok := parseSaid(e.Append(nil)); ok {
				quick++
			}
		}
	}
	if quick < lines*8/10 {
		t.Errorf("only %d of %d lines", quick, lines)
	}
}
