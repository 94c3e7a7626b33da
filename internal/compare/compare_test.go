package compare

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

func TestCanonical(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{` null `, `null`},
		{`true`, `true`},
		{`false`, `false`},
		{" {\t} ", `{}`},
		{"[\r\n]", `[]`},
		{`{"b" : [1, {"d":2,"c":3}], "a":{}}`, `{"a":{},"b":[1,{"c":3,"d":2}]}`},
		{`{"a b":1,"a":2,"a!":3,"":4}`, `{"":4,"a":2,"a b":1,"a!":3}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`{"a":1,"\u0061":2,"a":[3]}`, `{"a":[3]}`},
		{`{"a":[1],"\u0061":{"x":1,"x":2}}`, `{"a":{"x":2}}`},
	} {
		canonical(t, test.value, test.want)
	}
}

// canonical checks the canonical spelling of value, and that it is its own.
func canonical(t *testing.T, value, want string) {
	t.Helper()
	if got := Canonical([]byte("x"), []byte(value), Ignore{}); string(got) != "x"+want {
		t.Errorf("Canonical(%s) = %s, want %s", value, got[1:], want)
	}
	if again := Canonical(nil, []byte(want), Ignore{}); string(again) != want {
		t.Errorf("Canonical(%s) = %s", want, again)
	}
}

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`{"a":1,"b":[true]}`, ` { "b" : [ true ] , "a" : 1.0 } `, true},
		{`{"a":1}`, `{"a":2,"a":1}`, true},
		{`{"a":1}`, `{"a":1,"a":2}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[]`, `{}`, false},
		{`null`, `"null"`, false},
		{`1`, `"1"`, false},
		{`9007199254740993`, `9007199254740992`, false},
		{`1e400`, `1e401`, false},
		{`1e-400`, `0`, false},
		{`1`, `-1`, false},
		{`"\u00e9"`, `"é"`, true},
		{`"e\u0301"`, `"é"`, false},
		{`"\ud800"`, `"\ufffd"`, false},
		{`"\ud800"`, "\"\ufffd\"", false},
		{`"\ud800"`, `"\ud801"`, false},
		{`"\ud800"`, `"\\ud800"`, false},
		{`"\ud800"`, "\"\xed\xa0\x80\"", false},
		{`"\ud800"`, `"\uD800"`, true},
		{`{"\ud800":1}`, `{"\ud801":1}`, false},
		{"\"\xff\"", "\"\ufffd\"", false},
		{"\"\xff\"", "\"\xfe\"", false},
		{`{"a":`, `{"a":`, true},
		{`{"a":`, ` {"a":`, false},
		{`1 2`, `1  2`, false},
		{``, ` `, false},
		{`]`, ` ]`, false},
		{`[}`, `[ }`, false},
		{`{"a"}`, `{"a" }`, false},
		{"\ufeff1", `1`, false},
		{`!1`, `1`, false},
		{`*`, `!*`, false},
	} {
		equal(t, test.a, test.b, Ignore{}, test.want)
	}
}

// equal checks what Equal, Differences and Canonical say of a and b.
func equal(t *testing.T, a, b string, ignore Ignore, want bool) {
	t.Helper()
	for _, texts := range [][2]string{{a, b}, {b, a}} {
		a, b := []byte(texts[0]), []byte(texts[1])
		found := Differences(a, b, ignore, 0)
		same := bytes.Equal(Canonical(nil, a, ignore), Canonical(nil, b, ignore))
		if got := Equal(a, b, ignore); got != want || same != want || (len(found) == 0) != want {
			t.Errorf("%.100s, %.100s: equal %v, want %v; spelled the same %v; differences %.100v", a, b, got, want, same, found)
		}
	}
}

func TestAbsent(t *testing.T) {
	whole := pointers(t, "")
	one, empty := []byte("1"), []byte{}
	for _, test := range []struct {
		a, b   []byte
		ignore Ignore
		want   bool
	}{
		{nil, nil, Ignore{}, true},
		{nil, one, Ignore{}, false},
		{nil, empty, Ignore{}, false},
		{empty, empty, Ignore{}, true},
		{nil, []byte("null"), Ignore{}, false},
		{nil, one, Ignore{Drop: whole}, true},
		{nil, one, Ignore{Mask: whole}, false},
		{nil, nil, Ignore{Mask: whole}, true},
		{one, empty, Ignore{Mask: whole}, true},
		{one, empty, Ignore{Mask: whole, Drop: whole}, true},
		{nil, empty, Ignore{Mask: whole, Drop: whole}, true},
	} {
		for range 2 {
			found := Differences(test.a, test.b, test.ignore, 0)
			if got := Equal(test.a, test.b, test.ignore); got != test.want || (len(found) == 0) != test.want {
				t.Errorf("Equal(%q, %q, %v) = %v, want %v; differences %v", test.a, test.b, test.ignore, got, test.want, found)
			}
			test.a, test.b = test.b, test.a
		}
	}
	if got := Canonical(nil, nil, Ignore{}); got != nil {
		t.Errorf("nil is spelled %q", got)
	}
}

// Deep values neither overflow the stack nor take a time that grows with the
// square of their depth.
func TestDeep(t *testing.T) {
	for _, test := range []struct {
		depth int
		sound bool
	}{{10_000, true}, {10_001, false}, {100_000, false}} {
		for _, brackets := range []string{"[]", `{"a":}`} {
			opening, closing := brackets[:len(brackets)-1], brackets[len(brackets)-1:]
			a := strings.Repeat(opening, test.depth) + strings.Repeat(closing, test.depth)
			if opening != "[" {
				a = strings.Repeat(opening, test.depth) + "1" + strings.Repeat(closing, test.depth)
			}
			equal(t, a, a, Ignore{}, true)
			equal(t, a, " "+a, Ignore{}, test.sound)
			equal(t, a, strings.Repeat(opening, test.depth), Ignore{}, false)
		}
	}
}

// A time that grows with the square of the size would be noticed here.
func TestLarge(t *testing.T) {
	large := func(a, b string, want bool) {
		t.Helper()
		found := Differences([]byte(a), []byte(b), Ignore{}, 0)
		if got := Equal([]byte(a), []byte(b), Ignore{}); got != want || (len(found) == 0) != want {
			t.Errorf("%.40s…, %.40s…: equal %v, want %v; %d differences", a, b, got, want, len(found))
		}
	}
	var a, b strings.Builder
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&a, `,"name %d":[%d]`, i, i)
		fmt.Fprintf(&b, `,"name %d" : [ %d.0 ]`, n-1-i, n-1-i)
	}
	large("{"+a.String()[1:]+"}", "{"+b.String()[1:]+"}", true)
	large("{"+a.String()[1:]+"}", "{"+b.String()[1:]+`,"name 7":0}`, false)
	same := strings.Repeat(`,"a":1`, n)
	large("{"+same[1:]+"}", `{"a":1}`, true)
	digits := strings.Repeat("7", 1<<20)
	large(digits, digits+".0", true)
	large("1e"+digits, "10e"+digits[1:]+"6", true)
	large(`"`+digits+`\u0061"`, `"`+digits+`a"`, true)
}

// The fields of a Difference can be spliced with package wire.
func TestDifferencesAreSlices(t *testing.T) {
	a, b := []byte(` {"x":[1, {"y":"old"}]} `), []byte(`{"x":[1,{"y":"new"}]}`)
	for _, d := range Differences(a, b, Ignore{}, 0) {
		a = wire.Replace(a, d.A, d.B)
	}
	if want := ` {"x":[1, {"y":"new"}]} `; string(a) != want {
		t.Errorf("patched to %s, want %s", a, want)
	}
}
