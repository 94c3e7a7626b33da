package findings

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// element is any element of an XML document.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
}

// antRules is what JUnit.xsd says of the elements in use: each attribute, all of
// them required, and the children, a blank after each.
var antRules = map[string]struct {
	attrs    map[string]string
	children string
}{
	"testsuites": {nil, `(testsuite )*`},
	"testsuite": {map[string]string{
		"name": `(?s:.*\S.*)`, "package": `(?s:.*)`, "id": `\d+`, "timestamp": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`, "hostname": `\S+`,
		"tests": `\d+`, "failures": `\d+`, "errors": `\d+`, "time": `\d+\.\d+`,
	}, `properties (testcase )*system-out system-err `},
	"properties": {nil, `(property )*`},
	"property":   {map[string]string{"name": `\S+`, "value": `(?s:.*)`}, ``},
	"testcase":   {map[string]string{"name": `(?s:.*)`, "classname": `(?s:.*)`, "time": `\d+\.\d+`}, `((error|failure) )?`},
	"error":      {map[string]string{"message": `(?s:.*)`, "type": `(?s:.*)`}, ``},
	"failure":    {map[string]string{"message": `(?s:.*)`, "type": `(?s:.*)`}, ``},
	"system-out": {nil, ``},
	"system-err": {nil, ``},
}

// fitsAnt checks a document against antRules, and that its numbers are right.
func fitsAnt(t *testing.T, doc []byte) element {
	t.Helper()
	var root element
	if err := xml.Unmarshal(doc, &root); err != nil {
		t.Fatalf("%v in\n%s", err, doc)
	}
	if root.XMLName.Local != "testsuites" {
		t.Errorf("the root is %s", root.XMLName.Local)
	}
	root.check(t)
	return root
}

func (e element) check(t *testing.T) {
	t.Helper()
	name := e.XMLName.Local
	rule, known := antRules[name]
	if !known || len(e.Attrs) != len(rule.attrs) {
		t.Fatalf("<%s> with %v", name, e.Attrs)
	}
	for _, a := range e.Attrs {
		if pattern, ok := rule.attrs[a.Name.Local]; !ok || !whole(pattern).MatchString(a.Value) {
			t.Errorf("<%s %s=%q>", name, a.Name.Local, a.Value)
		}
	}
	var children strings.Builder
	for _, child := range e.Children {
		children.WriteString(child.XMLName.Local + " ")
		child.check(t)
	}
	if !whole(rule.children).MatchString(children.String()) {
		t.Errorf("<%s> has %s", name, children.String())
	}
	if name == "testsuite" {
		e.checkNumbers(t)
	}
}

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

func (e element) checkNumbers(t *testing.T) {
	t.Helper()
	numbers := map[string]int{}
	for _, child := range e.Children {
		numbers[child.XMLName.Local]++
		for _, inner := range child.Children {
			numbers[inner.XMLName.Local]++
		}
	}
	for attr, name := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error"} {
		if got := e.attr(attr); got != fmt.Sprint(numbers[name]) {
			t.Errorf("%s=%s, there are %d", attr, got, numbers[name])
		}
	}
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestJUnitFitsTheSchema(t *testing.T) {
	root := fitsAnt(t, written(t, "junit", sample(), Options{}))
	if len(root.Children) != len(sample().Files) {
		t.Errorf("%d suites", len(root.Children))
	}
	for i, suite := range root.Children {
		if suite.attr("id") != fmt.Sprint(i) {
			t.Errorf("suite %d has the id %s", i, suite.attr("id"))
		}
	}
	fitsAnt(t, written(t, "junit", &Set{Files: []File{{}}}, Options{}))
}

func TestPackageOf(t *testing.T) {
	for path, want := range map[string]string{
		"fixtures/a.jsonl":       "fixtures.a",
		"./a.jsonl.zst":          "a",
		"/srv/it's/b.jsonl":      "srv.it's.b",
		"../x.y/b":               "x.y.b",
		"":                       "",
		"fixtures/a.jsonl.jsonl": "fixtures.a.jsonl",
	} {
		if got := packageOf(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
