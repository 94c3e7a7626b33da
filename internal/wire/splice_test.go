package wire

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestSet(t *testing.T) {
	tests := []struct {
		name string
		text string
		path string // names with a dot between them
		want string // "" for: false, and text as it was
	}{
		{"there", `{"a":1,"b":[2]}`, "a", `{"a":R,"b":[2]}`},
		{"there, spaced", " { \"a\" : 1 , \"b\":2 }\r\n", "a", " { \"a\" : R , \"b\":2 }\r\n"},
		{"there, escaped", `{"\u0061":1}`, "a", `{"\u0061":R}`},
		{"there twice", `{"a":1,"a":2}`, "a", `{"a":1,"a":R}`},
		{"there inside", `{"a":{"b":{"c":1}},"c":2}`, "a.b.c", `{"a":{"b":{"c":R}},"c":2}`},
		{"added", `{"a":1}`, "b", `{"a":1,"b":R}`},
		{"added to nothing", `{}`, "a", `{"a":R}`},
		{"added to blanks", "{ \n }\n", "a", "{\"a\":R \n }\n"},
		{"added, pretty", "{\n  \"a\": 1\n}\n", "b", "{\n  \"a\": 1,\"b\":R\n}\n"},
		{"added behind brackets", `{"a":"}]"}`, "b", `{"a":"}]","b":R}`},
		{"added inside", `{"x":{"a":{}},"y":0}`, "x.a.b", `{"x":{"a":{"b":R}},"y":0}`},
		{"added with objects", `{"x":{"y":0}}`, "x.a.b.c", `{"x":{"y":0,"a":{"b":{"c":R}}}}`},
		{"in place of no object", `{"a":null,"b":1}`, "a.b.c", `{"a":{"b":{"c":R}},"b":1}`},
		{"a name to quote", `{}`, "\"\n", `{"\"\n":R}`},
		{"lone surrogate left alone", `{"\ud800":"\ud800"}`, "a", `{"\ud800":"\ud800","a":R}`},
		{"invalid UTF-8 left alone", "{\"\xff\":\"\xfe\"}", "a", "{\"\xff\":\"\xfe\",\"a\":R}"},
		{"in an array", `[1]`, "a", ``},
		{"in a string", `"{}"`, "a", ``},
		{"in nothing", ``, "a", ``},
		{"in words", `words {}`, "a", ``},
		{"in a torn object", `{"a":{"b":1}`, "c", ``},
		{"in a torn inner object", `{"a":{"b":1]}`, "a.c", ``},
		{"in an object and more", `{"a":1} }`, "c", ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := Set([]byte(test.text), raw("R"), strings.Split(test.path, ".")...)
			want := test.want
			if want == "" {
				want = test.text
			}
			if string(got) != want || ok != (test.want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, want)
			}
		})
	}
	if got, ok := Set(raw(`{"a":1}`), raw("R")); ok || string(got) != `{"a":1}` {
		t.Errorf("without a path: %q, %v", got, ok)
	}
}

func TestAppend(t *testing.T) {
	tests := []struct {
		text, path, elements string
		want                 string // "" for: false, and text as it was
	}{
		{`{"result":{"tools":[{"name":"a"}]},"id":1}`, "result.tools", `{"name":"b"},{}`,
			`{"result":{"tools":[{"name":"a"},{"name":"b"},{}]},"id":1}`},
		{`{"tools":[]}`, "tools", `1`, `{"tools":[1]}`},
		{"{\"tools\": [ \n ]}\r\n", "tools", `1`, "{\"tools\": [1 \n ]}\r\n"},
		{"{\"tools\":[\n  1\n]}", "tools", `2`, "{\"tools\":[\n  1,2\n]}"},
		{`{"tools":["]"]}`, "tools", `2`, `{"tools":["]",2]}`},
		{`{"tools":[1]}`, "tools", ``, `{"tools":[1]}`},
		{`{"tools":[1],"tools":[2]}`, "tools", `3`, `{"tools":[1],"tools":[2,3]}`},
		{`{"tools":{}}`, "tools", `1`, ``},
		{`{"tools":null}`, "tools", `1`, ``},
		{`{}`, "tools", `1`, ``},
		{`{"tools":[1`, "tools", `1`, ``},
	}
	for _, test := range tests {
		got, ok := Append([]byte(test.text), []byte(test.elements), strings.Split(test.path, ".")...)
		want := test.want
		if want == "" {
			want = test.text
		}
		if string(got) != want || ok != (test.want != "") {
			t.Errorf("Append(%q, %q) = %q, %v, want %q", test.text, test.elements, got, ok, want)
		}
	}
	if got, ok := Append([]byte(" [1]\n"), raw("2")); !ok || string(got) != " [1,2]\n" {
		t.Errorf("to the value itself: %q, %v", got, ok)
	}
}

func TestRemove(t *testing.T) {
	for text, want := range map[string]string{
		`{"x":1}`:                            `{}`,
		`{"x":1,"a":2}`:                      `{"a":2}`,
		`{"a":1,"x":2}`:                      `{"a":1}`,
		`{"a":1,"x":{"x":[2]},"b":3}`:        `{"a":1,"b":3}`,
		`{"x":1,"x":2,"a":3,"x":4,"x":5}`:    `{"a":3}`,
		`{"x":1,"x":2}`:                      `{}`,
		`{"\u0078":1,"\u0061":{"x":1}}`:      `{"\u0061":{"x":1}}`,
		"{\n \"a\" : 1 ,\n \"x\" : 2\n}\r\n": "{\n \"a\" : 1\n}\r\n",
		"{\n \"x\" : 1 ,\n \"a\" : 2\n}\r\n": "{\n \"a\" : 2\n}\r\n",
		"{\"\\ud800\":\"\\ud800\",\"x\":1}":  "{\"\\ud800\":\"\\ud800\"}",
		"{\"\xff\":\"\xff\",\"x\":1}":        "{\"\xff\":\"\xff\"}",
		`{"a":{"x":1}}`:                      `{"a":{"x":1}}`,
		`{}`:                                 `{}`,
		`["x"]`:                              `["x"]`,
		`x`:                                  `x`,
		``:                                   ``,
	} {
		input := []byte(text)
		if got := Remove(input, "x"); string(got) != want {
			t.Errorf("Remove(%q) = %q, want %q", text, got, want)
		}
		if string(input) != text {
			t.Errorf("Remove wrote to %q", text)
		}
	}
}

func TestReplace(t *testing.T) {
	text := []byte(`{"a":[1,2,1]}`)
	elements := slices.Collect(Elements(Get(text, "a")))
	if got := Replace(text, elements[2], raw("345")); string(got) != `{"a":[1,2,345]}` {
		t.Errorf("the last element: %s", got)
	}
	if got := Replace(text, elements[0], nil); string(got) != `{"a":[,2,1]}` {
		t.Errorf("nothing in place of the first element: %s", got)
	}
	if got := Replace(text, text, raw("x")); string(got) != "x" {
		t.Errorf("the whole: %s", got)
	}
	if string(text) != `{"a":[1,2,1]}` {
		t.Error("Replace wrote to the text")
	}
}

// A part that is replaced by itself leaves the text as it is, wherever the part
// stands and whatever the text is.
func TestReplaceByItself(t *testing.T) {
	for _, line := range corpus(t) {
		selves(t, line, line, 3)
	}
}

// selves replaces the parts of value, a part of text, by themselves.
func selves(t *testing.T, text, value []byte, depth int) {
	t.Helper()
	if got := Replace(text, value, value); !bytes.Equal(got, text) {
		t.Fatalf("%q in %q was not replaced by itself", clip(value), clip(text))
	}
	if depth == 0 {
		return
	}
	for _, inner := range Members(value) {
		selves(t, text, inner, depth-1)
	}
	for inner := range Elements(value) {
		selves(t, text, inner, depth-1)
	}
}
