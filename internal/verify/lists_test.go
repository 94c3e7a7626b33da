package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// listTest is two lists, and what is told of them: for each finding its rule, what it is about, where it is, and
// whether callers break.
type listTest struct {
	name, method, before, now string
	told                      []string
}

const (
	echo  = `{"name":"echo","inputSchema":{"type":"object"}}`
	said  = `{"name":"say","title":"Say it","inputSchema":{"type":"object"}}`
	add   = `{"name":"add","description":"Adds.","inputSchema":{"type":"object"}}`
	total = `{"name":"total","inputSchema":{"type":"object"},"description":"Adds."}`
	plus  = `{"name":"plus","inputSchema":{"type":"object"},"description":"Adds it up."}`
)

var listTests = []listTest{
	{"the same", "tools/list", echo + "," + add, echo + "," + add, nil},
	{"added", "tools/list", echo, add + "," + echo, []string{"tool-added add /result/tools/0"}},
	{"removed", "tools/list", echo + "," + add, add, []string{"tool-removed echo /result/tools/0 breaks"}},
	{"renamed", "tools/list", echo + "," + add, echo + "," + total, []string{"tool-renamed add /result/tools/1/name breaks"}},
	{"renamed, with a title", "tools/list", echo, said, []string{"tool-renamed echo /result/tools/0/name breaks"}},
	{"renamed, and moved", "tools/list", echo + "," + add, total + "," + echo, []string{"tool-renamed add /result/tools/1/name breaks"}},
	{"two renamed alike", "tools/list", called("a") + called("b") + echo, called("x") + echo + "," + `{"name":"y"}`, []string{
		"tool-renamed a /result/tools/0/name breaks", "tool-renamed b /result/tools/1/name breaks",
	}},
	{"one of two renamed alike", "tools/list", called("a") + `{"name":"b"}`, `{"name":"x"}`, []string{
		"tool-renamed a /result/tools/0/name breaks", "tool-removed b /result/tools/1 breaks",
	}},
	{"renamed, and another one", "tools/list", add, plus, []string{"tool-removed add /result/tools/0 breaks", "tool-added plus /result/tools/0"}},
	{"a name that is another one's", "tools/list", echo + "," + add, total + "," + `{"name":"add","inputSchema":{"type":"object"}}`, []string{
		"tool-removed echo /result/tools/0 breaks", "description-changed add /result/tools/1/description", "tool-added total /result/tools/0",
	}},
	{"a name lost", "tools/list", echo, `{"inputSchema":{"type":"object"}}`, []string{"tool-renamed echo /result/tools/0/name breaks"}},
	{"nameless", "tools/list", `{"a":1},{"a":2}`, `{"a":1},{"a":3}`, []string{"tool-changed  /result/tools/1/a"}},
	{"no objects", "tools/list", `1,"x",null`, `2,"x",[]`, []string{"tool-changed  /result/tools/0", "tool-changed  /result/tools/2"}},
	{"twice the same name", "tools/list", echo + "," + echo, echo + "," + echo, nil},
	{"once less", "tools/list", echo + "," + echo, echo, []string{"tool-removed echo /result/tools/1 breaks"}},
	{"the second of a name", "tools/list", echo + `,{"name":"echo"}`, echo + `,{"name":"echo","title":"x"}`, []string{"tool-changed echo /result/tools/1/title"}},
	{"another order", "tools/list", echo + "," + add + "," + plus, plus + "," + echo + "," + add, []string{"tool-order-changed  /result/tools"}},
	{"changed in another place", "tools/list", echo + "," + add, `{"name":"add","description":"It adds.","inputSchema":{"type":"object"}},` + echo, []string{
		"description-changed add /result/tools/1/description", "tool-order-changed  /result/tools",
	}},
	{"parts of a tool", "tools/list", `{"name":"a","title":"A","annotations":{"readOnlyHint":true},"outputSchema":{"type":"object"}}`, `{"name":"a","title":"B","annotations":{"readOnlyHint":false}}`, []string{
		"tool-changed a /result/tools/0/title", "annotations-changed a /result/tools/0/annotations/readOnlyHint", "output-schema-changed a /result/tools/0/outputSchema breaks",
	}},
	{"an output schema", "tools/list", `{"name":"a"}`, `{"name":"a","outputSchema":{"type":"object"}}`, []string{"output-schema-changed a /result/tools/0/outputSchema"}},
	{
		"one of the changes breaks", "tools/list", `{"name":"a","inputSchema":{"properties":{"x":{"type":"string","description":"X"}}}}`,
		`{"name":"a","inputSchema":{"properties":{"x":{"type":"null","description":"Y"}}}}`,
		[]string{"input-schema-changed a /result/tools/0/inputSchema/properties/x/type breaks", "input-schema-changed a /result/tools/0/inputSchema/properties/x/description"},
	},
	{
		"what is required in another order", "tools/list", `{"name":"a","inputSchema":{"required":["x","y"],"properties":{"x":{"enum":[1,2]}}}}`,
		`{"name":"a","inputSchema":{"required":["y","x"],"properties":{"x":{"enum":[2.0,1]}}}}`, nil,
	},
	{
		"in another order within parts of a schema", "tools/list",
		`{"name":"a","outputSchema":{"properties":{"default":{"enum":[1,2]}},"$defs":{"x":{"items":{"not":{"required":["x","y"]}}}}}}`,
		`{"name":"a","outputSchema":{"properties":{"default":{"enum":[2,1]}},"$defs":{"x":{"items":{"not":{"required":["y","x"]}}}}}}`, nil,
	},
	{
		"a default in another order", "tools/list", `{"name":"a","inputSchema":{"default":{"required":[1,2]},"properties":{"x":{"default":{"enum":[1,2]}}}}}`,
		`{"name":"a","inputSchema":{"default":{"required":[2,1]},"properties":{"x":{"default":{"enum":[2,1]}}}}}`, []string{
			"input-schema-changed a /result/tools/0/inputSchema/default/required/0", "input-schema-changed a /result/tools/0/inputSchema/default/required/1",
			"input-schema-changed a /result/tools/0/inputSchema/properties/x/default/enum/0", "input-schema-changed a /result/tools/0/inputSchema/properties/x/default/enum/1",
		},
	},
	{
		"a constant in another order", "tools/list", `{"name":"a","inputSchema":{"properties":{"enum":{"const":{"properties":{"enum":[1,2]}}}}}}`,
		`{"name":"a","inputSchema":{"properties":{"enum":{"const":{"properties":{"enum":[2,1]}}}}}}`, []string{
			"input-schema-changed a /result/tools/0/inputSchema/properties/enum/const/properties/enum/0 breaks", "input-schema-changed a /result/tools/0/inputSchema/properties/enum/const/properties/enum/1 breaks",
		},
	},
	{
		"required besides", "tools/list", `{"name":"a","inputSchema":{"required":["y"]}}`, `{"name":"a","inputSchema":{"required":["x","y"]}}`,
		[]string{"input-schema-changed a /result/tools/0/inputSchema/required/0 breaks", "input-schema-changed a /result/tools/0/inputSchema/required/1 breaks"},
	},
	{"a prompt", "prompts/list", `{"name":"a"}`, `{"name":"a","description":"A"}`, []string{"entry-changed a /result/prompts/0/description"}},
	{"another prompt", "prompts/list", `{"name":"a"}`, `{"name":"b"}`, []string{"entry-removed a /result/prompts/0 breaks", "entry-added b /result/prompts/0"}},
	{"prompts in another order", "prompts/list", `{"name":"a"},{"name":"b"}`, `{"name":"b"},{"name":"a"}`, nil},
	{
		"an argument that has to be given", "prompts/list", `{"name":"a","arguments":[{"name":"x"},{"name":"y","required":true}]}`,
		`{"name":"a","arguments":[{"name":"x","required":true},{"name":"y","required":true,"title":"Y"}]}`,
		[]string{"entry-changed a /result/prompts/0/arguments/0/required breaks", "entry-changed a /result/prompts/0/arguments/1/title"},
	},
	{
		"a new argument that has to be given", "prompts/list", `{"name":"a"}`, `{"name":"a","arguments":[{"name":"x","required":true}]}`,
		[]string{"entry-changed a /result/prompts/0/arguments breaks"},
	},
	{"an argument that need not be given", "prompts/list", `{"name":"a","arguments":[{"name":"x","required":true}]}`, `{"name":"a","arguments":[{"name":"x"},{"name":"y"}]}`, []string{
		"entry-changed a /result/prompts/0/arguments/0/required", "entry-changed a /result/prompts/0/arguments/1",
	}},
	{"a resource", "resources/list", `{"uri":"a:","name":"A","annotations":{"lastModified":"1"}}`, `{"uri":"a:","name":"B","annotations":{"lastModified":"2"}}`, []string{"entry-changed a: /result/resources/0/name"}},
	{"another resource", "resources/list", `{"uri":"a:","name":"A"}`, `{"uri":"b:","name":"A"}`, []string{"entry-removed a: /result/resources/0 breaks", "entry-added b: /result/resources/0"}},
	{"a template", "resources/templates/list", `{"uriTemplate":"a:{x}"}`, `{"uriTemplate":"a:{x}","mimeType":"text/plain"}`, []string{"entry-changed a:{x} /result/resourceTemplates/0/mimeType"}},
}

// called is a tool that has nothing but a name, with a comma.
func called(name string) string { return `{"name":"` + name + `"},` }

func TestLists(t *testing.T) {
	for _, test := range listTests {
		t.Run(test.name, func(t *testing.T) {
			member := listed[test.method].member
			before, now := fmt.Sprintf(`{%q:[%s]}`, member, test.before), fmt.Sprintf(`{%q:[%s]}`, member, test.now)
			if got := toldOfLists(&Check{}, test.method, before, now); !slices.Equal(got, test.told) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.told, "\n"))
			}
			whole := &Check{Ignore: must("/result/" + member)}
			if got := toldOfLists(whole, test.method, before, now); len(got) > 0 {
				t.Errorf("found in what is ignored: %s", got)
			}
		})
	}
}

func toldOfLists(check *Check, method, before, now string) (told []string) {
	p := newPlay(check, nil, &script{})
	c := &call{method: method, answer: &wire.Message{Result: []byte(before)}}
	for _, f := range p.compare(c, wire.Message{Result: []byte(now)}, true, nil) {
		text := fmt.Sprintf("%s %s %s", f.Rule, f.About, f.Pointer)
		if f.Breaking {
			text += " breaks"
		}
		told = append(told, text)
	}
	return told
}

// What is ignored, or need only be of a kind, is named by pointers from the root of the answer, as it is told.
func TestListsOptions(t *testing.T) {
	before := `{"tools":[` + echo + `,{"name":"add","description":"Adds 1","title":"2026-01-01"}]}`
	now := `{"tools":[{"name":"add","description":"Adds 2","title":"2026-01-02"},{"name":"echo2","inputSchema":{"type":"object"}}]}`
	for _, test := range []struct{ ignore, expect, want string }{
		{"", "", "tool-renamed description-changed tool-changed"},
		{"/result/tools/*/description", "", "tool-renamed tool-changed"},
		{"/result/tools/1/description", "", "tool-renamed tool-changed"},
		{"/result/tools/1", "", "tool-removed"},
		{"/result/tools/*", "", ""},
		{"/result", "", ""},
		{"/result/tools/0/name", "", "description-changed tool-changed"},
		{"/result/tools/0", "", "description-changed tool-changed tool-added"},
		{"/description", "", "tool-renamed description-changed tool-changed"},
		{"", "/result/tools/*/description=regex:Adds .", "tool-renamed tool-changed"},
		{"", "/result/tools/1/title=time", "tool-renamed description-changed"},
		{"", "/result/tools/*/name=any", "description-changed tool-changed"},
		{"", "/result/tools/*/title=number", "tool-renamed description-changed tool-changed"},
	} {
		check := &Check{}
		if test.ignore != "" {
			check.Ignore = must(test.ignore)
		}
		if test.expect != "" {
			e, err := ParseExpectation(test.expect)
			if err != nil {
				t.Fatal(err)
			}
			check.Expect = []Expectation{e}
		}
		var rules []string
		for _, text := range toldOfLists(check, "tools/list", before, now) {
			rule, _, _ := strings.Cut(text, " ")
			rules = append(rules, rule)
		}
		if got := strings.Join(rules, " "); got != test.want {
			t.Errorf("without %s, with %s: found %s, want %s", test.ignore, test.expect, got, test.want)
		}
	}
}

// What is ignored does not count in whether a tool is the same by another name.
func TestRenamedButForWhatIsIgnored(t *testing.T) {
	before, now := `{"tools":[`+add+`]}`, `{"tools":[`+plus+`]}`
	check := &Check{Ignore: must("/result/tools/*/description")}
	if got := toldOfLists(check, "tools/list", before, now); len(got) != 1 || !strings.HasPrefix(got[0], findings.ToolRenamed) {
		t.Errorf("found %s", got)
	}
}

// What is no list is compared as it stands, and what it is beside too.
func TestListsThatAreNone(t *testing.T) {
	const two = `{"tools":[` + echo + `,` + add + `],"x":1}`
	for now, want := range map[string]string{
		`{"x":1}`:                                     "result-changed  /result/tools",
		`{"tools":null,"x":1}`:                        "result-changed  /result/tools",
		`{"tools":{"0":` + echo + `},"x":1}`:          "result-changed  /result/tools",
		`{"tools":[` + echo + `,` + add + `],"x":2}`:  "result-changed  /result/x",
		`{"tools":[` + echo + `,` + add + `],"x":1} `: "",
		`[]`: "result-changed  /result",
		`{"tools":[],"tools":[` + echo + `,` + add + `],"x":1}`: "",
	} {
		if got := strings.Join(toldOfLists(&Check{}, "tools/list", two, now), ", "); got != want {
			t.Errorf("%s: found %q, want %q", now, got, want)
		}
	}
}

// What is gone from a page may stand on the next one.
func TestListsOfPages(t *testing.T) {
	page := func(tools, cursor string) string { return `{"tools":[` + tools + `]` + cursor + `}` }
	const more = `,"nextCursor":"2"`
	for _, test := range []struct{ before, now, want string }{
		{page(echo+","+add, ""), page(plus+","+echo, ""), "tool-removed add /result/tools/1 breaks, tool-added plus /result/tools/0"},
		{page(echo+","+add, more), page(plus+","+echo, more), "tool-removed add /result/tools/1, tool-added plus /result/tools/0"},
		{page(echo+","+add, ""), page(echo, more), "result-changed  /result/nextCursor, tool-removed add /result/tools/1"},
	} {
		if got := strings.Join(toldOfLists(&Check{}, "tools/list", test.before, test.now), ", "); got != test.want {
			t.Errorf("%s, %s: found %q, want %q", test.before, test.now, got, test.want)
		}
	}
}

// Lists of many entries take a time in proportion.
func TestManyEntries(t *testing.T) {
	long := func(prefix string) string {
		var all []string
		for i := range 20_000 {
			all = append(all, fmt.Sprintf(`{"name":"%s%d","description":"%d"}`, prefix, i, i))
		}
		return `{"tools":[` + strings.Join(all, ",") + `]}`
	}
	if got := toldOfLists(&Check{}, "tools/list", long("a"), long("b")); len(got) != 20_000 || !strings.HasPrefix(got[0], findings.ToolRenamed) {
		t.Errorf("%d findings, the first is %s", len(got), got[0])
	}
}

// All that changed in a schema is told.
func TestManySchemaChanges(t *testing.T) {
	long := func(kind string) string {
		var all []string
		for i := range 3000 {
			all = append(all, fmt.Sprintf(`"p%d":{"type":%q}`, i, kind))
		}
		return `{"tools":[{"name":"a","inputSchema":{"properties":{` + strings.Join(all, ",") + `}}}]}`
	}
	told := toldOfLists(&Check{}, "tools/list", long("string"), long("null"))
	if len(told) != 3000 || !strings.HasSuffix(told[2999], "/type breaks") {
		t.Errorf("%d findings", len(told))
	}
}
