package verify

import (
	"testing"

	"wiretape/internal/wire"
)

func TestIsTime(t *testing.T) {
	for _, text := range []string{
		"2026-11-22T18:00:00Z", "2026-11-22t18:00:00.123456z", "2026-11-22T18:00:00+01:30", "2026-11-22T18:00:00,5-05:00",
		"2026-11-22 18:00:00", "2026-11-22 18:00:00+00:00", "2026-11-22 18:00:00.250000+00:00", "2026-11-22T18:00:00",
		"2026-11-22T18:00:00+0000", "2026-11-22T18:00:00.1-0530", "2026-11-22T18:00:00+00", "2026-11-22T18:00Z", "2026-11-22T18:00+01:00", "2026-11-22 18:00",
		"20261122T180000Z", "20261122T180000", "20261122T180000.123+0100", "20261122T1800Z",
		"2026-11-22", "20261122", "18:00:00", "18:00", "18:00:00.5Z", "18:00+01:00",
	} {
		if !isTime(text) {
			t.Errorf("%q is no time", text)
		}
	}
	for _, text := range []string{
		"", " ", "T", "Z", "now", "1800", "180000", "2026", "2026-11", "2026-13-22", "20261322", "2026-11-31T18:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T18:61Z",
		"2026-11-22T", "2026-11-22  18:00:00", " 2026-11-22", "2026-11-22T18:00:00Z and more", "2026-11-22T18:00:00ZZ", "1795370400", "22/11/2026",
	} {
		if isTime(text) {
			t.Errorf("%q is a time", text)
		}
	}
}

// TestParseExpectation has pointers and patterns with a "=" in them.
func TestParseExpectation(t *testing.T) {
	for _, test := range []struct{ text, pointer, kind, why string }{
		{"/a=time", "/a", "time", ""},
		{"=any", "", "any", ""},
		{"/a=b=time", "/a=b", "time", ""},
		{"/a=/b==number", "/a=/b=", "number", ""},
		{"/a==regex:x=y", "/a=", "regex:x=y", ""},
		{"/a=regex:b=time", "/a", "regex:b=time", ""},
		{"/a=time=b=any", "/a=time=b", "any", ""},
		{"/a", "", "", `"/a" is no POINTER=KIND, where KIND is uuid, time, number, any or regex:PATTERN`},
		{"/a=b=odd", "", "", `"b=odd" is no kind of value: it is uuid, time, number, any or regex:PATTERN`},
		{"a=any", "", "", `pointer "a" does not begin with "/"`},
	} {
		e, err := ParseExpectation(test.text)
		why := ""
		if err != nil {
			why = err.Error()
		}
		if why != test.why || e.Pointer.String() != test.pointer || e.kind != test.kind {
			t.Errorf("%s: got %s, %s, %s", test.text, e.Pointer, e.kind, why)
		}
	}
	e, err := ParseExpectation("/a=regex:x=.")
	if err != nil || !e.fits(wire.Quote("x=y")) || e.fits(wire.Quote("x=yz")) {
		t.Errorf("the pattern does not fit: %v", err)
	}
}
