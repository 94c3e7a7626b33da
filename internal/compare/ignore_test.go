package compare

import (
	"strings"
	"testing"
)

func TestIgnore(t *testing.T) {
	for _, test := range []struct {
		name, drop, mask string // pointers with spaces between them; "''" is the whole value
		value, want      string
	}{
		{"nothing", "", "", `{"a":1}`, `{"a":1}`},
		{"drop member", "/b", "", `{"a":1,"b":2,"c":3}`, `{"a":1,"c":3}`},
		{"drop first member", "/a", "", `{"a":1,"b":2}`, `{"b":2}`},
		{"drop all members", "/*", "", `{"a":1,"b":2}`, `{}`},
		{"drop member that stands twice", "/a", "", `{"a":1,"b":2,"a":3}`, `{"b":2}`},
		{"drop escaped name", "/a~1b/é", "", `{"a\/b":{"\u00e9":1,"e":2}}`, `{"a/b":{"e":2}}`},
		{"drop lone surrogate", "/\ufffd", "", `{"\ud800":1,"a":2}`, `{"a":2}`},
		{"drop in the middle", "/*/b", "", `{"a":{"b":1,"c":2},"d":{"b":3},"b":4}`, `{"a":{"c":2},"b":4,"d":{}}`},
		{"drop in every element", "/a/*/id", "", `{"a":[{"id":1},{"id":2,"x":3},[4]]}`, `{"a":[{},{"x":3},[4]]}`},
		{"drop element", "/1", "", `[1,2,3]`, `[1,null,3]`},
		{"drop element by a number spelled otherwise", "/01 /1.0 /-", "", `[1,2,3]`, `[1,2,3]`},
		{"drop member with a number for a name", "/1", "", `{"1":2}`, `{}`},
		{"drop all elements", "/*", "", `[1,2]`, `[null,null]`},
		{"drop below what is dropped", "/a /a/b", "", `{"a":{"b":1}}`, `{}`},
		{"drop below what is no object", "/a/b", "", `{"a":"b"}`, `{"a":"b"}`},
		{"drop the empty name", "/", "", `{"":1,"a":2}`, `{"a":2}`},
		{"drop whole value", "''", "", `{"a":1}`, ``},
		{"drop damaged value", "''", "", `{`, ``},
		{"mask member", "", "/a", `{"a":[1],"b":2}`, `{"a":*,"b":2}`},
		{"mask element", "", "/0", `[1,2]`, `[*,2]`},
		{"mask in the middle", "", "/*/t", `[{"t":1},{"t":"x","u":2},{}]`, `[{"t":*},{"t":*,"u":2},{}]`},
		{"mask whole value", "", "''", `{"a":1}`, `*`},
		{"mask damaged value", "", "''", `{`, `*`},
		{"mask absent", "", "/x", `{"a":1}`, `{"a":1}`},
		{"drop and mask", "/a", "/a /b", `{"a":1,"b":2}`, `{"b":*}`},
		{"drop below what is masked", "/a/b", "/a", `{"a":{"b":1}}`, `{"a":*}`},
		{"damaged value", "/a", "/b", `{"a":1,`, `!{"a":1,`},
	} {
		ignore := ignoring(t, test.drop, test.mask)
		if got := Canonical(nil, []byte(test.value), ignore); string(got) != test.want {
			t.Errorf("%s: %s is spelled %s, want %s", test.name, test.value, got, test.want)
		}
	}
}

func TestEqualIgnoring(t *testing.T) {
	for _, test := range []struct {
		name, drop, mask string
		a, b             string
		want             bool
	}{
		{"dropped on one side", "/a", "", `{"a":1,"b":2}`, `{"b":2}`, true},
		{"dropped with other values", "/a", "", `{"a":1}`, `{"a":[2]}`, true},
		{"dropped, the rest differs", "/a", "", `{"a":1,"b":2}`, `{"b":3}`, false},
		{"dropped below", "/a/b", "", `{"a":{"b":1}}`, `{"a":{}}`, true},
		{"dropped below what one side lacks", "/a/b", "", `{"a":{"b":1}}`, `{}`, false},
		{"dropped in the middle", "/*/t", "", `{"x":{"t":1},"y":{"t":2}}`, `{"x":{},"y":{"t":3}}`, true},
		{"dropped element", "/0", "", `[1,2]`, `[{},2]`, true},
		{"dropped element, others keep their places", "/0", "", `[1,2]`, `[2]`, false},
		{"dropped element that one side lacks", "/1", "", `[1,2]`, `[1]`, false},
		{"dropped element is null", "/1", "", `[1,2]`, `[1,null]`, true},
		{"masked", "", "/a", `{"a":1}`, `{"a":{"b":2}}`, true},
		{"masked on one side, absent on the other", "", "/a", `{"a":1}`, `{}`, false},
		{"masked, the rest differs", "", "/a", `{"a":1,"b":2}`, `{"a":1,"b":3}`, false},
		{"masked element", "", "/*/t", `[{"t":1}]`, `[{"t":2}]`, true},
		{"masked element that one side lacks", "", "/*", `[1,2]`, `[1]`, false},
		{"masked is not like its mark", "", "/a", `{"a":1,"b":"*"}`, `{"a":"*","b":1}`, false},
		{"whole value dropped", "''", "", `1`, `{`, true},
		{"whole value masked", "", "''", `1`, `{`, true},
		{"damaged", "/a", "/a", `{"a":1,`, `{"a":2,`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			equal(t, test.a, test.b, ignoring(t, test.drop, test.mask), test.want)
		})
	}
}

func ignoring(t *testing.T, drop, mask string) Ignore {
	t.Helper()
	texts := func(list string) []string {
		fields := strings.Fields(list)
		for i, field := range fields {
			fields[i] = strings.Trim(field, "'")
		}
		return fields
	}
	return Ignore{Drop: pointers(t, texts(drop)...), Mask: pointers(t, texts(mask)...)}
}
