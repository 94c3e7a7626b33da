package verify

import (
	"strings"
	"testing"
)

func TestSwap(t *testing.T) {
	by := map[named][]byte{
		{"", `"a"`}:       []byte(`"b"`),
		{"", `"b"`}:       []byte(`"c"`),
		{"", `"\""`}:      []byte(`"quote"`),
		{"taskId", `"2"`}: []byte(`"3"`),
		{"", `-7`}:        []byte(`8.5`),
	}
	for text, want := range map[string]string{
		`{"x":"a","y":["b","a"]}`:              `{"x":"b","y":["c","b"]}`,
		`{"x":"\"a\"","y":"\\"}`:               `{"x":"\"a\"","y":"\\"}`,
		`["\"","\\\"","a"]`:                    `["quote","\\\"","b"]`,
		`"a" "b" "a`:                           `"b" "c" "a`,
		`"a\`:                                  `"a\`,
		``:                                     ``,
		`{"taskId": "2","page":"2","a":["2"]}`: `{"taskId": "3","page":"2","b":["2"]}`,
		`{"taskIds":["1", "2"],"x":["2"],"taskId":{"x":"2"}}`:  `{"taskIds":["1", "3"],"x":["2"],"taskId":{"x":"2"}}`,
		`{"x":-7,"y":[7, -7 ,-7.0,-70,"-7",true]}`:             `{"x":8.5,"y":[7, 8.5 ,-7.0,-70,"-7",true]}`,
		`{"requestId":-7,"progressToken":"a","id":-7,"x":"a"}`: `{"requestId":-7,"progressToken":"a","id":8.5,"x":"b"}`,
		`[-7`:                                    `[8.5`,
		`{"arguments":{"taskId":"2","n":1},"2"}`: `{"arguments":{"taskId":"3","n":1},"2"}`,
	} {
		got := or(swapScalars([]byte(text), func(name, raw []byte) []byte { return inPlaceOf(by, name, raw) }), []byte(text))
		if string(got) != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
}

func TestLastWords(t *testing.T) {
	var w lastWords
	for _, text := range []string{"one\n", "two", " three\n\n"} {
		if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if got := w.String(); got != "one\ntwo three" {
		t.Errorf("%q", got)
	}
	for size, want := range map[int]string{
		mostWords - 7: strings.Repeat("x", mostWords-7) + "\nlast", // the line before is gone
		mostWords:     "last",                                      // the beginning of this line too
	} {
		w.Write([]byte("no\n" + strings.Repeat("x", size) + "\nlast\n"))
		if got := w.String(); got != want {
			t.Errorf("of %d bytes: %d, %q", size, len(got), got)
		}
	}
}
