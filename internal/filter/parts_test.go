package filter

import (
	"math"
	"strconv"
	"testing"

	"wiretape/record"
)

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a", "", false}, {"", "", true},
		{"*", "", true}, {"*", "a/b", true}, {"**", "x", true},
		{"a*", "a", true}, {"a*", "ba", false}, {"*a", "ba", true}, {"*a", "ab", false},
		{"a*b", "ab", true}, {"a*b", "a", false}, {"ab*b", "ab", false}, {"a*b", "axxb", true},
		{"*b*", "abc", true}, {"*b*", "ac", false}, {"a*b*c", "a b c", true}, {"a*b*c", "acb", false},
		{"*aa*aa", "aaa", false}, {"[a]?", "ab", false}, {"[a]?", "[a]?", true},
	}
	for _, test := range tests {
		if got := glob(test.pattern, test.name); got != test.want {
			t.Errorf("%q fits %q: %v, want %v", test.pattern, test.name, got, test.want)
		}
	}
}

func TestSeqs(t *testing.T) {
	var s seqs
	s.remove(5)
	numbers := []int64{1, 63, 64, pageBits - 1, pageBits, 1 << 40, math.MaxInt64}
	for _, n := range numbers {
		if s.has(n) || s.has(-n) {
			t.Errorf("%d is there before", n)
		}
		s.add(n)
	}
	for _, n := range numbers {
		if !s.has(n) || s.has(-n) || s.has(n-2) && n != 65 {
			t.Errorf("%d is wrong", n)
		}
		s.remove(n)
		if s.has(n) {
			t.Errorf("%d is still there", n)
		}
	}
	if s.has(0) {
		t.Error("0 is there")
	}
	for n := range int64(100 * pageBits) {
		s.add(n)
	}
	if len(s) > 102 {
		t.Errorf("%d pages hold %d numbers", len(s), 100*pageBits)
	}
}

func TestRecentIsBounded(t *testing.T) {
	var r recent
	r.add(record.Host, nil, 1)
	r.add(record.Host, make([]byte, longestName+1), 1)
	if len(r.young) != 0 {
		t.Error("what is empty or too long is kept")
	}
	const all = 5 * generation
	for n := int64(1); n <= all; n++ {
		r.add(record.Host, strconv.AppendInt(nil, n, 10), n)
	}
	if kept := len(r.young) + len(r.old); kept > 2*generation {
		t.Errorf("%d are kept", kept)
	}
	for n := int64(all - generation + 1); n <= all; n++ {
		if r.find(record.Host, strconv.AppendInt(nil, n, 10)) != n {
			t.Fatalf("the last but %d is not found", all-n)
		}
	}
	if r.find(record.Host, []byte("1")) != 0 || r.find(record.Target, strconv.AppendInt(nil, all, 10)) != 0 {
		t.Error("what is long ago, or another's, is found")
	}
}
