package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/verify"
	"wiretape/record"
)

// minting is what one server said and another one, which mints other values, would have said, and what differs.
type minting struct {
	name           string
	recorded, live []string // lines, host's and target's by turns
	handle         string
	rules          string
}

// page is a call of a list with its answer.
func page(method, cursor, answer string) []string {
	if cursor != "" {
		cursor = `"cursor":"` + cursor + `"`
	}
	return []string{`{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{` + cursor + `}}`, `{"jsonrpc":"2.0","id":1,"result":{` + answer + `}}`}
}

// counted are a tools/list of two pages, and a tool that counts.
func counted(cursor, count string) []string {
	return slices.Concat(
		page("tools/list", "", `"tools":[],"nextCursor":"`+cursor+`"`),
		page("tools/list", cursor, `"tools":[]`),
		[]string{asksEcho, `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"` + count + `"}],"structuredContent":{"n":"` + count + `"}}}`},
	)
}

// twoLists are two lists whose pages are asked for by turns.
func twoLists(tools, resources string) []string {
	return slices.Concat(
		page("tools/list", "", `"tools":[],"nextCursor":"`+tools+`"`),
		page("resources/list", "", `"resources":[],"nextCursor":"`+resources+`"`),
		page("tools/list", tools, `"tools":[{"name":"b"}]`),
		page("resources/list", resources, `"resources":[{"uri":"b:b"}]`),
	)
}

// twice are two turns through a list.
func twice(first, second string) []string {
	return slices.Concat(
		page("tools/list", "", `"tools":[],"nextCursor":"`+first+`"`), page("tools/list", first, `"tools":[{"name":"a"}]`),
		page("tools/list", "", `"tools":[],"nextCursor":"`+second+`"`), page("tools/list", second, `"tools":[{"name":"b"}]`),
	)
}

// batched is a tools/list whose second page is asked for in a batch.
func batched(cursor string) []string {
	second := page("tools/list", cursor, `"tools":[]`)
	ping := `{"jsonrpc":"2.0","id":"p","method":"ping"}`
	pong := `{"jsonrpc":"2.0","id":"p","result":{}}`
	return append(page("tools/list", "", `"tools":[],"nextCursor":"`+cursor+`"`), "["+ping+", "+second[0]+"]", "["+second[1]+","+pong+"]")
}

// rounds are two operations that overlap, each of two rounds.
func rounds(tool, state, other, otherState string) []string {
	asks := func(id, name, more string) string {
		return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + name + `","arguments":{}` + more + `}}`
	}
	wants := func(id, state string) string {
		return `{"jsonrpc":"2.0","id":` + id + `,"result":{"resultType":"input_required","requestState":"` + state + `"}}`
	}
	done := func(id, text string) string {
		return `{"jsonrpc":"2.0","id":` + id + `,"result":{"resultType":"complete","content":[{"type":"text","text":"` + text + `"}]}}`
	}
	return []string{
		asks("1", tool, ""), "", asks("2", other, ""), wants("1", state), "", wants("2", otherState),
		asks("3", tool, `,"requestState":"`+state+`"`), "", asks("4", other, `,"requestState":"`+otherState+`"`), done("3", "one"), "", done("4", "two"),
	}
}

// asked is what is asked for, and its key.
type asked struct{ key, message string }

// inputs is an operation that asks for something, and is told.
func inputs(state string, all ...asked) []string {
	var requests, responses []string
	for _, in := range all {
		requests = append(requests, fmt.Sprintf(`%q:{"method":"elicitation/create","params":{"mode":"url","elicitationId":"of %[1]s","message":%q}}`, in.key, in.message))
		responses = append(responses, fmt.Sprintf(`%q:{"action":"accept","content":{"to":%q}}`, in.key, in.message))
	}
	return []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{` + strings.Join(requests, ",") + `}` + state + `}}`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"a","inputResponses":{` + strings.Join(responses, ",") + `}` + state + `}}`,
		`{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","content":[]}}`,
	}
}

// elicited is a call for which the host is asked to open a page.
func elicited(id, message string) []string {
	return []string{
		asksEcho, `{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"mode":"url","url":"https://example.com/","elicitationId":` + id + `,"message":"` + message + `"}}`,
		`{"jsonrpc":"2.0","id":"q","result":{"action":"accept"}}`, saysEcho,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"done","arguments":{"elicitationId":` + id + `}}}`, `{"jsonrpc":"2.0","id":2,"result":{}}`,
	}
}

// refused is a call that is to be made again when a page was opened.
func refused(id string) []string {
	return []string{asksEcho, `{"jsonrpc":"2.0","id":1,"error":{"code":-32042,"message":"x","data":{"elicitations":[{"elicitationId":"` + id + `"}]}}}`}
}

// filled is a basket that is opened, and filled.
func filled(basket, text string) []string {
	return []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open"}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"basket":{"id":` + basket + `}},"content":[{"type":"text","text":` + text + `}]}}`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"_meta":{"progressToken":2},"name":"fill","arguments":{"basket":` + basket + `,"n":5}}}`,
		`{"jsonrpc":"2.0","id":2,"result":{"structuredContent":{"baskets":[` + basket + `]}}}`,
	}
}

const name, age = "What is your name?", "How old are you?"

var mintings = []minting{
	{"a key of what is asked for", inputs("", asked{"k-1", name}), inputs("", asked{"k-2", name}), "", ""},
	{"a key and a state", inputs(`,"requestState":"s"`, asked{"k-1", name}), inputs(`,"requestState":"t"`, asked{"k-2", name}), "", ""},
	{"two keys", inputs("", asked{"k-1", name}, asked{"k-2", age}), inputs("", asked{"k-2", name}, asked{"k-3", age}), "", ""},
	{"keys in another order", inputs("", asked{"k-1", name}, asked{"k-2", age}), inputs("", asked{"k-3", age}, asked{"k-4", name}), "", ""},
	{"the same is asked for twice", inputs("", asked{"k-1", name}, asked{"k-2", name}), inputs("", asked{"k-2", name}, asked{"k-1", name}), "", ""},
	{"something else is asked for", inputs("", asked{"k", name}), inputs("", asked{"k", age}), "", findings.ResultChanged},
	{"something else, and another key", inputs("", asked{"k-1", name}), inputs("", asked{"k-2", age}), "", findings.ResultChanged},
	{"the id of an elicitation", elicited(`"e-1"`, name), elicited(`"e-2"`, name), "", ""},
	{"the id and the words of an elicitation", elicited(`"e-1"`, name)[:4], elicited(`"e-2"`, age)[:4], "", findings.ServerRequest},
	{"a handle", filled(`"b-1"`, `"b-1"`), filled(`"b-2"`, `"b-2"`), "/result/structuredContent/basket/id", ""},
	{"a handle, within a text", filled(`"b-1"`, `"Take b-1"`), filled(`"b-2"`, `"Take b-2"`), "/result/structuredContent/basket", findings.ResultChanged},
	{"a handle that is a number", filled(`2`, `"2"`), filled(`7`, `"7"`), "/result/structuredContent/basket/id", ""},
	{"a handle that is a number, within an object", filled(`2`, `""`), filled(`-7.5`, `""`), "/result/structuredContent/basket", ""},
	{"a number within a text", filled(`2`, `"Take 2"`), filled(`7`, `"Take 7"`), "/result/structuredContent/basket/id", findings.ResultChanged},
	{"a handle that was a number", filled(`2`, `""`)[:2], filled(`"2"`, `""`)[:2], "/result/structuredContent/basket/id", findings.ResultChanged},
	{"the id of an elicitation before a call", refused("e-1"), refused("e-2"), "", ""},

	{"a cursor", counted("10", "5"), counted("20", "5"), "", ""},
	{"a cursor, and a text like it", counted("10", "10"), counted("20", "20"), "", findings.ResultChanged + "," + findings.ResultChanged},
	{"no cursor any more", page("tools/list", "", `"nextCursor":"2"`), page("tools/list", "", `"nextCursor":""`), "", findings.ResultChanged},
	{"a cursor for the first time", page("tools/list", "", `"nextCursor":""`), page("tools/list", "", `"nextCursor":"2"`), "", findings.ResultChanged},
	{"the cursor of one of two lists", twoLists("2", "2"), twoLists("x", "2"), "", ""},
	{"a cursor in a batch", batched("2"), batched("x"), "", ""},
	{"the cursors of two lists", twoLists("2", "2"), twoLists("x", "y"), "", ""},
	{"cursors change places", twoLists("1", "2"), twoLists("2", "1"), "", ""},
	{"a cursor that was the same each time", twice("2", "2"), twice("x", "y"), "", ""},
	{"a cursor that stays, and then does not", twice("2", "2"), twice("2", "y"), "", ""},
	{"two operations in one state", rounds("a", "s", "b", "s"), rounds("a", "x", "b", "y"), "", ""},
	{"the same operation twice in one state", rounds("a", "s", "a", "s"), rounds("a", "x", "a", "y"), "", ""},
	{"a state that stays, and one that does not", rounds("a", "s", "a", "s"), rounds("a", "s", "a", "y"), "", ""},
}

// What servers mint is given back to who minted it, and is no difference.
func TestMintings(t *testing.T) {
	for _, test := range mintings {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, b := conversation(t, 0, test.recorded...), conversation(t, 0, test.live...)
			var handles compare.Pointers
			if test.handle != "" {
				var err error
				if handles, err = compare.ParsePointers(test.handle); err != nil {
					t.Fatal(err)
				}
			}
			o := (&verify.Check{Path: a, Server: played(t, b), Timeout: 10 * time.Second, Handles: handles}).Run(t.Context())
			f := (&verify.Diff{A: a, B: b, Handles: handles}).Run(t.Context())
			for how, list := range map[string][]findings.Finding{"verify": all(o), "diff": told(f)} {
				var rules []string
				for _, found := range list {
					rules = append(rules, found.Rule)
				}
				if got := strings.Join(rules, ","); got != test.rules || o.Problem+f.Problem != "" {
					t.Errorf("%s found %s, want %s: %+v %s%s", how, got, test.rules, list, o.Problem, f.Problem)
				}
			}
		})
	}
}

// What is written into a recording is what the recorded server would have minted.
func TestUpdateKeepsMints(t *testing.T) {
	talk := func(tool, cursor, task, handle, count string) []string {
		first, second := asked{task, name}, asked{"other", tool}
		return slices.Concat(
			inputs(`,"requestState":"`+task+`"`, first, second),
			page("tools/call", "", `"structuredContent":{"id":`+handle+`,"n":[5,`+count+`],"of":"`+task+`"}`),
			page("tools/list", "", `"tools":[{"name":"`+tool+`"}],"nextCursor":"`+cursor+`"`),
			page("tools/list", cursor, `"tools":[],"taskId":"`+cursor+`"`),
			page("tools/call", "", `"task":{"taskId":"`+task+`"},"text":"`+tool+`"`),
		)
	}
	before, after, want := conversation(t, 0, talk("old", "2", "t", "1", "3")...), conversation(t, 0, talk("new", "x", "u", "7", "7")...), conversation(t, 0, talk("new", "2", "t", "1", "7")...)
	handles, err := compare.ParsePointers("/result/structuredContent/id", "/result/structuredContent/of")
	if err != nil {
		t.Fatal(err)
	}
	check := &verify.Check{Path: before, Server: played(t, after), Timeout: 10 * time.Second, Update: true, Handles: handles}
	if o := check.Run(t.Context()); o.Updated != 4 || o.Left != 0 || o.Problem != "" {
		t.Errorf("updated %d, left %d, %s: %+v", o.Updated, o.Left, o.Problem, all(o))
	}
	got, gotErr := record.Load(before)
	expected, wantErr := record.Load(want)
	if gotErr != nil || wantErr != nil {
		t.Fatal(gotErr, wantErr)
	}
	for i, e := range expected.Events {
		if e.From == record.Target && string(e.Line) != string(got.Events[i].Line) {
			t.Errorf("event %d is %s, want %s", e.Seq, got.Events[i].Line, e.Line)
		}
	}
}

// What the host answers goes to the question that was answered, whatever its key.
func TestInputsAreAnswered(t *testing.T) {
	path := conversation(t, 0, inputs("", asked{"k-1", name}, asked{"k-2", age})...)
	live := inputs("", asked{"k-2", name}, asked{"k-1", age})
	told := ""
	server := fake{func(line string) []string {
		if !strings.Contains(line, "inputResponses") {
			return live[1:2]
		}
		told = line
		return live[3:4]
	}}
	if o := (&verify.Check{Path: path, Server: server, Timeout: 10 * time.Second}).Run(t.Context()); len(all(o)) > 0 || o.Problem != "" {
		t.Errorf("%s: %+v", o.Problem, all(o))
	}
	if !compare.Equal([]byte(told), []byte(live[2]), compare.Ignore{}) {
		t.Errorf("the server is told %s, want %s", told, live[2])
	}
}
