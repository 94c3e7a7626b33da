package printable_test

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"wiretape/internal/printable"
)

func TestCut(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		want       string
	}{
		{"fits", "hello", 5, "hello"},
		{"too long", "hello!", 5, "hell…"},
		{"no width", "hello", 0, "hello"},
		{"empty", "", 3, ""},
		{"wide fits", "日本語", 6, "日本語"},
		{"wide does not", "日本語", 5, "日本…"},
		{"half a wide one is left free", "日本語", 4, "日…"},
		{"combining", "e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"controls", "a\x1b[31mb\r\n\tc\x00\x7f", 0, `a\x1b[31mb\r\n\tc\x00\x7f`},
		{"an escape is not cut in two", "ab\x1b", 4, "ab…"},
		{"C1 controls", "\u009b31m", 0, `\u009b31m`},
		{"direction", "abc\u202edef\u2066", 0, `abc\u202edef\u2066`},
		{"line separators", "a\u2028b", 0, `a\u2028b`},
		{"no UTF-8", "a\xff\xc3", 0, `a\xff\xc3`},
		{"a replacement character of its own", "\ufffd", 0, "\ufffd"},
		{"one column", "hello", 1, "…"},
		{"controls all at once", "a\x1b[31mb\r\n\tc\x00\x7f\u009b", 0, `a\x1b[31mb\r\n\tc\x00\x7f\u009b`},
		{"direction all at once", "abc\u202edef\u2066\u2028", 0, `abc\u202edef\u2066\u2028`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := printable.Cut(test.text, test.width); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzCut(f *testing.F) {
	for _, seed := range []string{"hello", "日本語", "e\u0301\x1b[2J", "\xff\u202e"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		width = 1 + max(width, -width)%200
		if width < 1 {
			t.Skip()
		}
		got := printable.Cut(s, width)
		if text.StringWidthWithoutEscSequences(got) > width || strings.ContainsAny(got, "\x00\x1b\r\n\u009b\u202e") {
			t.Errorf("printable.Cut(%q, %d) = %q", s, width, got)
		}
	})
}
