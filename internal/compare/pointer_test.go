package compare

import (
	"reflect"
	"strings"
	"testing"
)

func TestParsePointer(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"/", []string{""}},
		{"/a", []string{"a"}},
		{"/a/b", []string{"a", "b"}},
		{"/a//", []string{"a", "", ""}},
		{"/~0~1/~01", []string{"~/", "~1"}},
		{"/*/é", []string{"*", "é"}},
		{"/ /\"\\", []string{" ", "\"\\"}},
	} {
		p, err := ParsePointer(test.text)
		if err != nil || !reflect.DeepEqual(p.tokens, test.want) {
			t.Errorf("ParsePointer(%q) = %q, %v, want %q", test.text, p.tokens, err, test.want)
		}
		if got := p.String(); got != test.text {
			t.Errorf("%q is spelled as %q", test.text, got)
		}
	}
}

func TestParsePointerErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a", `pointer "a" does not begin with "/"`},
		{"#/a", `pointer "#/a" does not begin with "/"`},
		{"*", `pointer "*" does not begin with "/"`},
		{"/~", `pointer "/~" has the escape "~", which is neither "~0" nor "~1"`},
		{"/~0~2", `pointer "/~0~2" has the escape "~2", which is neither "~0" nor "~1"`},
		{"/a/~é/~3", `pointer "/a/~é/~3" has the escape "~é", which is neither "~0" nor "~1"`},
	} {
		if _, err := ParsePointer(test.text); err == nil || err.Error() != test.want {
			t.Errorf("ParsePointer(%q): %v, want %s", test.text, err, test.want)
		}
		if ps, err := ParsePointers("/a", test.text); err == nil || ps != nil {
			t.Errorf("ParsePointers with %q = %v, %v", test.text, ps, err)
		}
	}
}

func TestUnder(t *testing.T) {
	ps := pointers(t, "", "/params", "/params/a", "/*/b/c", "/result/a", "/params/*", "/param")
	for _, test := range []struct{ name, want string }{
		{"params", " /a /b/c /*"},
		{"result", "/b/c /a"},
		{"x", "/b/c"},
		{"", "/b/c"},
	} {
		if got := joined(ps.Under(test.name)); got != test.want {
			t.Errorf("Under(%q) is %q, want %q", test.name, got, test.want)
		}
	}
	if got := joined(ps); got != " /params /params/a /*/b/c /result/a /params/* /param" {
		t.Errorf("Under changed the set to %q", got)
	}
}

func joined(ps Pointers) string {
	var texts []string
	for _, p := range ps {
		texts = append(texts, p.String())
	}
	return strings.Join(texts, " ")
}

// pointers reads pointers that are in order.
func pointers(t *testing.T, texts ...string) Pointers {
	t.Helper()
	ps, err := ParsePointers(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

func FuzzParsePointer(f *testing.F) {
	for _, text := range []string{"", "/", "/a/b", "/~0~1/*", "/~2", "a", "/~", "/é~é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePointer(text)
		if err != nil {
			return
		}
		if got := p.String(); got != text {
			t.Errorf("%q is spelled as %q", text, got)
		}
		under, depth := Pointers{p}, strings.Count(text, "/")
		for range depth {
			under = under.Under(under[0].tokens[0])
		}
		if !under.whole() || under.Under("") != nil {
			t.Errorf("%q ends at %v", text, under)
		}
	})
}

func TestPointersMatch(t *testing.T) {
	ps, err := ParsePointers("/a/*/c", "/b~1c")
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[string]bool{
		"/a/0/c": true, "/a/x/c/d": true, "/a/0": false, "/a/0/d": false, "/b~1c": true, "/b/c": false, "": false, "/a": false, "nothing": false,
	} {
		if got := ps.Match(place); got != want {
			t.Errorf("%q: %v", place, got)
		}
	}
	if whole, _ := ParsePointers(""); !whole.Match("/x") || !whole.Match("") {
		t.Error("the whole does not match")
	}
}
