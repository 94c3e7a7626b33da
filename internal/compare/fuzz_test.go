package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

func FuzzEqual(f *testing.F) {
	for _, seed := range [][4]string{
		{`{"a":1,"b":[true,null]}`, ` {"b":[true, null],"a":1.0}`, "/a", "/b/*"},
		{`{"a":{"b":1,"c":"x"},"a":2}`, `{"\u0061":20e-1}`, "/*/b", ""},
		{`[1,[2,{"t":3}]]`, `[1,[2,{"t":4}],5]`, "/1/*/t /0", "/2"},
		{`"\ud83d\ude00\ud800\n\/"`, `"😀\uD800\u000a/"`, "", "''"},
		{`{"\ud800":1,"~/":2}`, `{"\udc00":1,"~\/":-0.0}`, "/~0~1", "/\ufffd"},
		{`[9007199254740993,1e999,-0,0.10]`, `[9007199254740992,1e+0999,0,1e-1]`, "", ""},
		{`1e123456789012345678901234567890`, `10e123456789012345678901234567889`, "''", ""},
		{`{"a":`, `[1,]`, "/a", ""},
		{"\"\xff\"", "\"\xed\xa0\x80\"", "", ""},
		{``, `!`, "", ""},
		{strings.Repeat("[", 40) + strings.Repeat("]", 40), strings.Repeat("[", 41), "/0/0", "/*/*/*"},
		{params, params[:150], "/_meta", "/arguments/*"},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]), seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, a, b []byte, drop, mask string) {
		if len(a)+len(b) > 1<<12 {
			return // the model is slow
		}
		ignore := Ignore{Drop: readable(drop), Mask: readable(mask)}
		beforeA, beforeB := bytes.Clone(a), bytes.Clone(b)
		relates(t, a, b, ignore)
		for _, text := range [][]byte{a, b} {
			respells(t, text, ignore)
			relates(t, text, text, ignore)
		}
		agrees(t, a, b, ignore)
		if !bytes.Equal(a, beforeA) || !bytes.Equal(b, beforeB) {
			t.Errorf("%q, %q became %q, %q", beforeA, beforeB, a, b)
		}
	})
}

// readable gives those pointers of a list with spaces that can be read.
func readable(list string) (ps Pointers) {
	for _, text := range strings.Fields(list) {
		if p, err := ParsePointer(strings.Trim(text, "'")); err == nil {
			ps = append(ps, p)
		}
	}
	return ps
}

// relates checks that all functions say the same of a and b, and of b and a.
func relates(t *testing.T, a, b []byte, ignore Ignore) {
	t.Helper()
	same := Equal(a, b, ignore)
	if Equal(b, a, ignore) != same || bytes.Equal(a, b) && !same {
		t.Fatalf("Equal(%q, %q, %v) = %v", a, b, ignore, same)
	}
	if bytes.Equal(Canonical(nil, a, ignore), Canonical(nil, b, ignore)) != same {
		t.Fatalf("Equal(%q, %q, %v) = %v, unlike the spelling", a, b, ignore, same)
	}
	found := Differences(a, b, ignore, 0)
	if (len(found) == 0) != same || len(Differences(b, a, ignore, 0)) != len(found) {
		t.Fatalf("Equal(%q, %q, %v) = %v, but they differ in %v", a, b, ignore, same, found)
	}
	for _, d := range found {
		if _, err := ParsePointer(d.Pointer); err != nil || !sliceOf(a, d.A) || !sliceOf(b, d.B) || d.A == nil && d.B == nil {
			t.Fatalf("%q, %q: %+v, %v", a, b, d, err)
		}
	}
	if limited := Differences(a, b, ignore, 2); fmt.Sprint(limited) != fmt.Sprint(found[:min(2, len(found))]) {
		t.Fatalf("%q, %q: %v, with a limit %v", a, b, found, limited)
	}
}

// sliceOf reports whether part is a slice of text.
func sliceOf(text, part []byte) bool {
	from := cap(text) - cap(part)
	return part == nil || from >= 0 && from+len(part) <= len(text) && bytes.Equal(text[from:from+len(part)], part)
}

// respells checks that other spellings of text mean the same.
func respells(t *testing.T, text []byte, ignore Ignore) {
	t.Helper()
	if !wire.Valid(text) {
		return
	}
	spelling := Canonical(nil, text, Ignore{Drop: ignore.Drop})
	if again := Canonical(nil, spelling, Ignore{}); len(spelling) > 0 && (!wire.Valid(spelling) || !bytes.Equal(again, spelling)) {
		t.Fatalf("%q is spelled %q, and that %q", text, spelling, again)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", ""); err != nil {
		return
	}
	for _, other := range [][]byte{Canonical(nil, text, Ignore{}), indented.Bytes(), escapeAll(text)} {
		relates(t, text, other, ignore)
		if !Equal(text, other, ignore) {
			t.Fatalf("%q does not mean %q", text, other)
		}
	}
}

// escapeAll gives text with all characters of strings escaped that are ASCII.
func escapeAll(text []byte) []byte {
	var out []byte
	inside := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			inside = !inside
			out = append(out, c)
		case inside && c == '\\':
			i++
			out = append(out, c, text[i])
			if text[i] == 'u' {
				out = append(out, text[i+1:i+5]...)
				i += 4
			}
		case inside && c < 0x80:
			out = fmt.Appendf(out, `\u%04X`, c)
		default:
			out = append(out, c)
		}
	}
	return out
}

// agrees checks that the model finds as many differences.
func agrees(t *testing.T, a, b []byte, ignore Ignore) {
	t.Helper()
	if ignore.Drop.whole() {
		return
	}
	x, ok := decoded(a, ignore)
	y, known := decoded(b, ignore)
	if !ok || !known {
		return
	}
	if got := Differences(a, b, ignore, 0); len(got) != count(x, y) {
		t.Fatalf("%q, %q, %v: the model finds %d differences, not %v", a, b, ignore, count(x, y), got)
	}
}
