package compare

import (
	"fmt"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		want       []string // pointer, a, b; a dash where there is none
	}{
		{"same", `{"a":[1]}`, ` {"a":[1.0]} `, nil},
		{"whole value", ` 1 `, ` "1"`, []string{` 1 "1"`}},
		{"two kinds", `{"a":[]}`, `{"a":{}}`, []string{`/a [] {}`}},
		{"object and number", `[{"a":1},2]`, `[3,[]]`, []string{`/0 {"a":1} 3`, `/1 2 []`}},
		{"order of a, then of b", `{"z":1,"x":2,"y":0}`, `{"d":3,"y":0,"z":4,"c":5}`,
			[]string{`/z 1 4`, `/x 2 -`, `/d - 3`, `/c - 5`}},
		{"where a name counts", `{"a":1,"b":1,"a":2}`, `{"b":3,"a":4}`, []string{`/b 1 3`, `/a 2 4`}},
		{"a name that counts the same", `{"a":1,"a":2}`, `{"a":2,"\u0061":2}`, nil},
		{"deep", `{"a":{"b":[0,{"c":null}]}}`, `{"a":{"b":[0,{"c":false}]}}`, []string{`/a/b/1/c null false`}},
		{"longer array", `[1,2]`, `[1,3,[4],5]`, []string{`/1 2 3`, `/2 - [4]`, `/3 - 5`}},
		{"shorter array", `[[],[1]]`, `[]`, []string{`/0 [] -`, `/1 [1] -`}},
		{"escaped pointer", `{"a/b":{"~":1}}`, `{"a\/b":{"\u007e":2}}`, []string{`/a~1b/~0 1 2`}},
		{"raw values", `{"a":[ 1 , "\u0061" ]}`, `{"a":[ 2.0 , "b" ]}`, []string{`/a/0 1 2.0`, `/a/1 "\u0061" "b"`}},
		{"lone surrogate", `{"\ud800":1}`, `{}`, []string{"/\ufffd 1 -"}},
		{"the empty name", `{"":{"":1}}`, `{"":{}}`, []string{`// 1 -`}},
		{"damaged", `{"a":1`, `{"a":1}`, []string{` {"a":1 {"a":1}`}},
	} {
		found := Differences([]byte(test.a), []byte(test.b), Ignore{}, 0)
		check(t, test.name, found, test.want)
		for limit := range len(test.want) {
			check(t, test.name, Differences([]byte(test.a), []byte(test.b), Ignore{}, limit+1), test.want[:limit+1])
		}
	}
}

func check(t *testing.T, name string, found []Difference, want []string) {
	t.Helper()
	var got []string
	for _, d := range found {
		got = append(got, fmt.Sprintf("%s %s %s", d.Pointer, dash(d.A), dash(d.B)))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: found %q, want %q", name, got, want)
	}
}

func dash(raw []byte) string {
	if raw == nil {
		return "-"
	}
	return string(raw)
}

func TestDifferencesIgnoring(t *testing.T) {
	a := `{"t":1,"list":[{"id":1,"v":1},{"id":2,"v":2},3],"m":{"x":1,"y":2}}`
	b := `{"list":[{"id":8,"v":1},{"id":9,"v":0}],"m":{"x":3},"t":2,"n":0}`
	for _, test := range []struct {
		drop, mask string
		want       []string
	}{
		{"", "", []string{`/t 1 2`, `/list/0/id 1 8`, `/list/1/id 2 9`, `/list/1/v 2 0`, `/list/2 3 -`, `/m/x 1 3`, `/m/y 2 -`, `/n - 0`}},
		{"/t /list/*/id /n /m/*", "", []string{`/list/1/v 2 0`, `/list/2 3 -`}},
		{"/list /m", "/t /n", []string{`/n - 0`}},
		{"/list", "/m/*", []string{`/t 1 2`, `/m/y 2 -`, `/n - 0`}},
		{"/*", "", nil},
		{"", "/*", []string{`/n - 0`}},
		{"/list/1 /list/2 /m", "/t", []string{`/list/0/id 1 8`, `/list/2 3 -`, `/n - 0`}},
	} {
		found := Differences([]byte(a), []byte(b), ignoring(t, test.drop, test.mask), 0)
		check(t, test.drop+" "+test.mask, found, test.want)
	}
}

func TestDifferencesOfAbsent(t *testing.T) {
	check(t, "a", Differences(nil, []byte(" 1"), Ignore{}, 0), []string{" -  1"})
	check(t, "b", Differences([]byte("{"), nil, Ignore{}, 1), []string{" { -"})
	check(t, "both", Differences(nil, nil, Ignore{}, 0), nil)
}
