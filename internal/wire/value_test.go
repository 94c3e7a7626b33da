package wire

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestGet(t *testing.T) {
	const value = ` {"a":{"b":[1, 2],"b":{"c" : 1.0}},"a/b":"x","":{"":0},"\u00e9":true,"n":null,"\ud800":3} `
	tests := []struct {
		path []string
		want string // "" for nil
	}{
		{[]string{"a"}, `{"b":[1, 2],"b":{"c" : 1.0}}`},
		{[]string{"a", "b"}, `{"c" : 1.0}`},
		{[]string{"a", "b", "c"}, `1.0`},
		{[]string{"a", "b", "c", "d"}, ``},
		{[]string{"a/b"}, `"x"`},
		{[]string{"a/b", "x"}, ``},
		{[]string{"", ""}, `0`},
		{[]string{"é"}, `true`},
		{[]string{"n"}, `null`},
		{[]string{"n", "x"}, ``},
		{[]string{"\ufffd"}, `3`},
		{[]string{"A"}, ``},
		{nil, value},
	}
	for _, test := range tests {
		if got := Get([]byte(value), test.path...); string(got) != test.want || (test.want == "") != (got == nil) {
			t.Errorf("Get(%q) = %q, want %q", test.path, got, test.want)
		}
	}
	for _, none := range []string{``, `1`, `"a"`, `["a"]`, `null`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1 "b":2`} {
		if got := Get([]byte(none), "b"); got != nil {
			t.Errorf("Get(%q) found %q", none, got)
		}
	}
}

func TestMembers(t *testing.T) {
	tests := []struct {
		value string
		want  []string // name, value, name, value…
	}{
		{`{}`, nil},
		{" { \"a\" : 1 ,\n\"b\":[ 2 ]\t} ", []string{"a", `1`, "b", `[ 2 ]`}},
		{`{"a":1,"a":2}`, []string{"a", `1`, "a", `2`}},
		{`{"\u0061\n":"\u0061"}`, []string{"a\n", `"\u0061"`}},
		{`{"a":1,"b":12`, []string{"a", `1`}},
		{`{"a":1,"b":2]`, []string{"a", `1`, "b", `2`}},
		{`{"a":1,b:2}`, []string{"a", `1`}},
		{`{"a":1} x`, []string{"a", `1`}},
		{`{1:2}`, nil},
		{`[1]`, nil},
		{`"{}"`, nil},
		{``, nil},
	}
	for _, test := range tests {
		var got []string
		for name, value := range Members([]byte(test.value)) {
			got = append(got, name, string(value))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("Members(%q) = %q, want %q", test.value, got, test.want)
		}
	}
}

func TestElements(t *testing.T) {
	tests := []struct {
		value string
		want  []string
	}{
		{`[]`, nil},
		{" [ 1 ,\"]\", {\"a\":[ ]}\r\n] ", []string{`1`, `"]"`, `{"a":[ ]}`}},
		{`[[1],[]]`, []string{`[1]`, `[]`}},
		{`[1,2,34`, []string{`1`, `2`}},
		{`[1,2}`, []string{`1`, `2`}},
		{`[1,,2]`, []string{`1`}},
		{`{"a":1}`, nil},
		{`1`, nil},
		{``, nil},
	}
	for _, test := range tests {
		var got []string
		for value := range Elements([]byte(test.value)) {
			got = append(got, string(value))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("Elements(%q) = %q, want %q", test.value, got, test.want)
		}
	}
}

// Walks within walks, and walks that are left early, do not disturb each other.
func TestWalksNest(t *testing.T) {
	value := []byte(`{"a":{"x":[1,2]},"b":{"x":[3,4]}}`)
	var got []string
	for name, inner := range Members(value) {
		for element := range Elements(Get(inner, "x")) {
			got = append(got, name+string(element))
			if name == "a" {
				break
			}
		}
	}
	if want := []string{"a1", "b3", "b4"}; !slices.Equal(got, want) {
		t.Errorf("walked %q, want %q", got, want)
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		raw  string
		want string
		ok   bool
	}{
		{`""`, "", true},
		{`"a"`, "a", true},
		{`"é☃😀"`, "é☃😀", true},
		{`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`, "\"\\/\b\f\n\r\té😀", true},
		{`"\ud800"`, "\ufffd", true},
		{`"\ud800\ud800"`, "\ufffd\ufffd", true},
		{`"\udc00\ud800x"`, "\ufffd\ufffdx", true},
		{"\"a\xffb\"", "a\ufffdb", true},
		{"\"\xff\"", "\ufffd", true},
		{`"a long text that does not fit into what is set aside for names, so it grows"`,
			"a long text that does not fit into what is set aside for names, so it grows", true},
		{``, "", false},
		{`"`, "", false},
		{`"abc`, "", false},
		{`"a" "b"`, "", false},
		{`"\x"`, "", false},
		{"\"\n\"", "", false},
		{`1`, "", false},
		{`null`, "", false},
		{`["a"]`, "", false},
	}
	for _, test := range tests {
		if got, ok := Text([]byte(test.raw)); got != test.want || ok != test.ok {
			t.Errorf("Text(%q) = %q, %v, want %q, %v", test.raw, got, ok, test.want, test.ok)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"":               `""`,
		"a/b <&> '":      `"a/b <&> '"`,
		"\"\\":           `"\"\\"`,
		"\n\r\t\x00\x7f": "\"\\n\\r\\t\\u0000\x7f\"",
		"é☃😀\u2028":      "\"é☃😀\u2028\"",
		"a\xffb":         "\"a\ufffdb\"",
	} {
		if got := Quote(text); string(got) != want {
			t.Errorf("Quote(%q) = %s, want %s", text, got, want)
		}
		if back, ok := Text(Quote(text)); !ok || utf8.ValidString(text) && back != text {
			t.Errorf("%q came back as %q", text, back)
		}
	}
}

func TestIs(t *testing.T) {
	for _, test := range []struct {
		value string
		c     byte
		want  bool
	}{
		{`{}`, '{', true}, {" \t\r\n[", '[', true}, {`"a"`, '"', true}, {`[]`, '{', false}, {``, '{', false}, {"  ", ' ', false},
		{"\ufeff{}", '{', false},
	} {
		if got := Is([]byte(test.value), test.c); got != test.want {
			t.Errorf("Is(%q, %q) = %v", test.value, test.c, got)
		}
	}
}

func TestValid(t *testing.T) {
	valid := []string{`{}`, `[]`, `1`, `-0.5e+10`, `null`, `""`, `{"a":1,"a":2}`, `"\ud800"`, `{ "a" : [ 1 , 2 ] }`,
		`"é☃😀"`, `{"":{}}`, deep(10_000)}
	invalid := []string{``, ` {}`, `{} `, "{}\n", "{}\r\n", "\r{}", "\t1", "\ufeff{}", `{}{}`, `{} x`, "{}\x00", `{"a":}`, `[1,]`,
		`{`, `"`, `01`, `nul`, `NaN`, `'a'`, `{a:1}`, "\"\xff\"", "{\"\xc3\":1}", "\"\xed\xa0\x80\"", "\"\n\"", `"\x"`, deep(10_001)}
	for _, text := range valid {
		if !Valid([]byte(text)) {
			t.Errorf("%q is valid", clip([]byte(text)))
		}
	}
	for _, text := range invalid {
		if Valid([]byte(text)) {
			t.Errorf("%q is not valid", clip([]byte(text)))
		}
	}
}
