package verify

import (
	"testing"

	"wiretape/internal/compare"
)

// TestPut sets what pointers lead to in a request.
func TestPut(t *testing.T) {
	for _, test := range []struct{ text, pointer, want, why string }{
		{text: `{"a":1}`, pointer: "/a", want: `{"a":R}`},
		{text: "{ \"a\" : {\"b\":[]} }\n", pointer: "/a/c", want: "{ \"a\" : {\"b\":[],\"c\":R} }\n"},
		{text: `{"a":{}}`, pointer: "/a/b/c", want: `{"a":{"b":{"c":R}}}`},
		{text: `{"a":null}`, pointer: "/a/b", want: `{"a":{"b":R}}`},
		{text: `{"a":{"*":1,"-":2,"0":3}}`, pointer: "/a/*", want: `{"a":{"*":R,"-":2,"0":3}}`},
		{text: `{"a":{"*":1,"-":2,"0":3}}`, pointer: "/a/-", want: `{"a":{"*":1,"-":R,"0":3}}`},
		{text: `{"a":{}}`, pointer: "/a/0", want: `{"a":{"0":R}}`},
		{text: `{"a": [ 1 , 2 ]}`, pointer: "/a/0", want: `{"a": [ R , 2 ]}`},
		{text: `{"a": [ 1 , 2 ]}`, pointer: "/a/1", want: `{"a": [ 1 , R ]}`},
		{text: `{"a":[1,2]}`, pointer: "/a/-", want: `{"a":[1,2,R]}`},
		{text: `{"a":[]}`, pointer: "/a/-/b", want: `{"a":[{"b":R}]}`},
		{text: `{"a":[[1],{"b":[2,3]}]}`, pointer: "/a/1/b/0", want: `{"a":[[1],{"b":[R,3]}]}`},
		{text: `{"a":[1,2]}`, pointer: "/a/2", why: `an array of length 2 has no element "2" (the first is 0, and - adds one)`},
		{text: `{"a":[1,2]}`, pointer: "/a/01", why: `an array of length 2 has no element "01" (the first is 0, and - adds one)`},
		{text: `{"a":[1,2]}`, pointer: "/a/-1", why: `an array of length 2 has no element "-1" (the first is 0, and - adds one)`},
		{text: `{"a":[1]}`, pointer: "/a/+0", why: `an array of length 1 has no element "+0" (the first is 0, and - adds one)`},
		{text: `{"a":[1]}`, pointer: "/a/x/y", why: `an array of length 1 has no element "x" (the first is 0, and - adds one)`},
		{text: `{"a":{}}`, pointer: "/a/b/0", why: `there is no array that "0" could be in: set it whole, as [1,2]`},
		{text: `{"a":{}}`, pointer: "/a/b/-", why: `there is no array that "-" could be in: set it whole, as [1,2]`},
		{text: `{"a":{"b":1}}`, pointer: "/a/*", why: `* is no name there, and one value is set, not many`},
		{text: `{"a":{"b":{}}}`, pointer: "/a/*/b", why: `* is no name there, and one value is set, not many`},
		{text: `{"a":"text"}`, pointer: "/a/b", why: `"b" can only be in an object`},
		{text: `{"a":[7]}`, pointer: "/a/0/b", why: `"b" can only be in an object`},
	} {
		p, err := compare.ParsePointer(test.pointer)
		if err != nil {
			t.Fatal(err)
		}
		got, err := put([]byte(test.text), []byte("R"), p.Names())
		why := ""
		if err != nil {
			why = err.Error()
		}
		if string(got) != test.want || why != test.why {
			t.Errorf("%s in %s: got %s, %s, want %s, %s", test.pointer, test.text, got, why, test.want, test.why)
		}
	}
}
