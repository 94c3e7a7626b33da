package findings

import (
	"strings"
	"testing"
)

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
