package findings

import (
	"strings"
	"testing"
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
		{"wide fits", "日本語", 6, "日本語"},
		{"wide does not", "日本語", 5, "日本…"},
		{"controls", "a\x1b[31mb\r\n\tc\x00\x7f\u009b", 0, `a\x1b[31mb\r\n\tc\x00\x7f\u009b`},
		{"an escape is not cut in two", "ab\x1b", 4, "ab…"},
		{"direction", "abc\u202edef\u2066\u2028", 0, `abc\u202edef\u2066\u2028`},
		{"no UTF-8", "a\xff\xc3", 0, `a\xff\xc3`},
		{"a replacement character of its own", "\ufffd", 0, "\ufffd"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := cut(test.text, test.width); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCutPair(t *testing.T) {
	long := strings.Repeat("abcdefghij", 5)
	tests := []struct{ name, a, b, wantA, wantB string }{
		{"fits", "one", "two", "one", "two"},
		{"early", "x" + long, "y" + long, "xabcdefghijabcdefgh…", "yabcdefghijabcdefgh…"},
		{"late", long + "x", long + "y", "…cdefghijabcdefghijx", "…cdefghijabcdefghijy"},
		{"in the middle", long + "x" + long, long + "y" + long, "…efghijxabcdefghija…", "…efghijyabcdefghija…"},
		{"one ends", long, long + "tail", "…fghijabcdefghij", "…fghijabcdefghijtail"},
		{"nothing alike", long, "y", "abcdefghijabcdefghi…", "y"},
		{"half a character", long + "é", long + "è", "…cdefghijabcdefghijé", "…cdefghijabcdefghijè"},
		{"bytes that are no characters", long + "\xc3", long + "\xc3\xa9", `…fghijabcdefghij\xc3`, `…fghijabcdefghijé`},
		{"escapes", long + "\x1b\x1b", long + "\x1b\x00", `…jabcdefghij\x1b\x1b`, `…jabcdefghij\x1b\x00`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := cutPair(test.a, test.b, 20)
			if a != test.wantA || b != test.wantB {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", a, b, test.wantA, test.wantB)
			}
		})
	}
}

func TestApart(t *testing.T) {
	tests := []struct{ a, b, before, middle string }{
		{"one two three", "one 2 three", "one ", "two"},
		{"was said on", "was heard on", "was ", "said"},
		{"same", "same", "same", ""},
		{"a", "a b", "a", ""},
		{"aa", "aaa", "", "aa"},
		{"é!", "è!", "", "é"},
		{"!é", "!©", "!", "é"},
		{"", "x", "", ""},
	}
	for _, test := range tests {
		from, to := apart(test.a, test.b)
		if test.a[:from] != test.before || test.a[from:to] != test.middle {
			t.Errorf("%q, %q: %q, %q", test.a, test.b, test.a[:from], test.a[from:to])
		}
	}
}
