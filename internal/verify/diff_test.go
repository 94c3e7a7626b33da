package verify_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/verify"
	"wiretape/internal/wire"
	"wiretape/record"
)

func diff(t testing.TB, a, b string) findings.File {
	t.Helper()
	f := (&verify.Diff{A: a, B: b}).Run(t.Context())
	if f.Problem != "" {
		t.Fatalf("%s, %s: %s", a, b, f.Problem)
	}
	return f
}

// told gives all that was found.
func told(f findings.File) (list []findings.Finding) {
	for _, c := range f.Calls {
		list = append(list, c.Findings...)
	}
	return append(list, f.Findings...)
}

func wantSame(t testing.TB, f findings.File) {
	t.Helper()
	if len(f.Calls) == 0 {
		t.Error("no calls were compared")
	}
	for _, found := range told(f) {
		t.Errorf("found %s at %q %s: %s, %s", found.Rule, found.Pointer, found.Message, found.Recorded, found.Live)
	}
}

func TestDiffWithItself(t *testing.T) {
	for _, path := range fixtures(t) {
		wantSame(t, diff(t, path, path))
	}
}

func TestDiffOfChangedRecordings(t *testing.T) {
	own := []change{
		{"a tool gone", "demo-legacy", `{"name":"add",`, `{"name":"sum",`, findings.ToolRenamed + "," + findings.CallMissing + "," + findings.CallExtra, "", true},
		{"another host", "demo-legacy", `"clientInfo":{"name":"`, `"clientInfo":{"name":"another `, "", "", false},
		{"another argument", "demo-legacy", `"arguments":{"a":`, `"arguments":{"c":0,"a":`, findings.CallMissing + "," + findings.CallExtra, "", false},
	}
	for _, test := range append(own, changes...) {
		t.Run(test.name, func(t *testing.T) {
			test.told(t, told(diff(t, test.path(), changed(t, test.path(), test.from, test.to))))
		})
	}
}

func TestDiffOptions(t *testing.T) {
	path := filepath.Join("..", "..", "fixtures", "sessions", "demo-legacy.jsonl")
	other := changed(t, path, `"text":"42"`, `"text":"43"`)
	ignore, err := compare.ParsePointers("/result/content/*/text")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, (&verify.Diff{A: path, B: other, Ignore: ignore}).Run(t.Context()))
	expect, err := verify.ParseExpectation("/result/content/0/text=regex:4.")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, (&verify.Diff{A: path, B: other, Expect: []verify.Expectation{expect}}).Run(t.Context()))
	if ignore, err = compare.ParsePointers("/params/arguments/a"); err != nil {
		t.Fatal(err)
	}
	other = changed(t, path, `"arguments":{"a":`, `"arguments":{"a":1`)
	wantSame(t, (&verify.Diff{A: path, B: other, Ignore: ignore}).Run(t.Context()))
	path = filepath.Join("..", "..", "fixtures", "sessions", "everything-resources.jsonl")
	f := (&verify.Diff{A: path, B: changed(t, path, `nowhere not found`, `nowhere found`), Messages: true}).Run(t.Context())
	if list := told(f); len(list) != 1 || list[0].Rule != findings.ErrorMessageChanged {
		t.Errorf("found %+v", list)
	}
}

// opposite is what a rule is called with the sides swapped.
var opposite = map[string]string{
	findings.CallMissing: findings.CallExtra, findings.CallExtra: findings.CallMissing,
	findings.MissingAnswer: findings.ExtraAnswer, findings.ExtraAnswer: findings.MissingAnswer,
	findings.ToolAdded: findings.ToolRemoved, findings.ToolRemoved: findings.ToolAdded,
	findings.EntryAdded: findings.EntryRemoved, findings.EntryRemoved: findings.EntryAdded,
}

// TestDiffIsSymmetric compares all fixtures with each other, both ways.
func TestDiffIsSymmetric(t *testing.T) {
	found := map[string]int{}
	for i, a := range fixtures(t) {
		for _, b := range fixtures(t)[i+1:] {
			there, back := signs(diff(t, a, b), false), signs(diff(t, b, a), true)
			if !slices.Equal(there, back) {
				t.Errorf("%s and %s:\n%s\nand back:\n%s", a, b, strings.Join(there, "\n"), strings.Join(back, "\n"))
			}
			for _, sign := range there {
				rule, _, _ := strings.Cut(sign, " ")
				found[rule]++
			}
		}
	}
	if len(found) < 10 {
		t.Errorf("only %v was found", found)
	}
}

var inList = regexp.MustCompile(`^/result/(?:(?:tools|prompts|resources|resourceTemplates)/\d+|inputRequests/[^/]*)`)

// signs gives what was found, in an order of its own. What only one way can be
// seen is left out.
func signs(f findings.File, swapped bool) (list []string) {
	for _, c := range append(f.Calls, findings.Call{Findings: f.Findings}) {
		for _, sign := range signsOf(c.Findings, swapped) {
			list = append(list, fmt.Sprintf("%s %s %s", sign, c.Method, c.Name))
		}
	}
	slices.Sort(list)
	return list
}

func signsOf(found []findings.Finding, swapped bool) (list []string) {
	for _, one := range found {
		rule, about, a, b := one.Rule, one.About, len(one.Recorded) > 0, len(one.Live) > 0
		if rule == findings.OutputInvalid {
			continue
		}
		if swapped {
			rule, a, b = cmp.Or(opposite[rule], rule), b, a
		}
		if rule == findings.ToolRenamed {
			about = "" // the names are values
		}
		// Which one of a list it is, and the key of what is asked for, differ from side to side.
		pointer := inList.ReplaceAllStringFunc(one.Pointer, path.Dir)
		list = append(list, fmt.Sprintf("%s %s %s %v %v", rule, about, pointer, a, b))
	}
	slices.Sort(list)
	return list
}

// TestDiffOfDisguisedRecordings compares each recording with one in which ids,
// tokens and all that the server minted are others.
func TestDiffOfDisguisedRecordings(t *testing.T) {
	minted := 0
	for _, path := range fixtures(t) {
		other, n := disguised(t, path)
		minted += n
		wantSame(t, diff(t, path, other))
		wantSame(t, diff(t, other, path))
	}
	if minted < 5 {
		t.Errorf("only %d minted strings", minted)
	}
}

func disguised(t testing.TB, path string) (other string, minted int) {
	t.Helper()
	whole, err := record.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	swap := map[string][]byte{}
	for _, e := range whole.Events {
		result := wire.Parse(e.Line).Result
		for _, raw := range [][]byte{
			wire.Get(result, "nextCursor"), wire.Get(result, "requestState"), wire.Get(result, "taskId"), wire.Get(result, "task", "taskId"),
		} {
			if wire.Is(raw, '"') && swap[string(raw)] == nil {
				swap[string(raw)] = fmt.Appendf(nil, `"disguise %d"`, len(swap))
			}
		}
	}
	other = filepath.Join(t.TempDir(), filepath.Base(path)+".zst")
	_, err = record.Rewrite(other, whole.Header, func(yield func(record.Event, error) bool) {
		for _, e := range whole.Events {
			e.Line = disguise(e.Line, swap)
			if !yield(e, nil) {
				return
			}
		}
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return other, len(swap)
}

func disguise(line []byte, swap map[string][]byte) []byte {
	for from, to := range swap {
		line = bytes.ReplaceAll(line, []byte(from), to)
	}
	for _, at := range [][]string{
		{"id"}, {"params", "requestId"}, {"params", "progressToken"}, {"params", "_meta", "progressToken"}, {"params", "_meta", "io.modelcontextprotocol/subscriptionId"},
	} {
		if raw := wire.Get(line, at...); raw != nil {
			line, _ = wire.Set(line, wire.Quote("other "+string(raw)), at...)
		}
	}
	return line
}

// conversation writes a recording of lines, host's and target's by turns, the
// latter after the time it takes.
func conversation(t testing.TB, took time.Duration, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	_, err := record.Rewrite(path, record.Header{}, func(yield func(record.Event, error) bool) {
		for i, line := range lines {
			e := record.Event{At: time.Duration(i/2) * time.Second, From: record.Host, To: record.Target, Line: []byte(line + "\n")}
			if i%2 == 1 {
				e.From, e.To, e.At = record.Target, record.Host, e.At+took
			}
			if !yield(e, nil) {
				return
			}
		}
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	asksEcho = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}`
	saysEcho = `{"jsonrpc":"2.0","id":1,"result":{"content":[]}}`
	asksTask = `{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t"}}`
	working  = `{"jsonrpc":"2.0","id":1,"result":{"taskId":"t","status":"working"}}`
	complete = `{"jsonrpc":"2.0","id":1,"result":{"taskId":"t","status":"completed"}}`
)

func TestDiffTellsWhatIsSlower(t *testing.T) {
	slow, fast := conversation(t, 30*time.Millisecond, asksEcho, saysEcho), conversation(t, 10*time.Millisecond, asksEcho, saysEcho)
	for _, test := range []struct {
		a, b   string
		slower float64
		want   int
	}{{fast, slow, 0, 0}, {fast, slow, 2, 1}, {fast, slow, 3, 1}, {fast, slow, 3.1, 0}, {slow, fast, 2, 0}} {
		f := (&verify.Diff{A: test.a, B: test.b, Slower: test.slower}).Run(t.Context())
		if list := told(f); len(list) != test.want || !f.Same() {
			t.Errorf("%v times: found %+v", test.slower, list)
		}
	}
	f := (&verify.Diff{A: fast, B: slow, Slower: 2}).Run(t.Context())
	if note := f.Findings[0]; note.Rule != findings.Latency || note.About != "tools/call echo" || string(note.Recorded) != "10.00" || string(note.Live) != "30.00" {
		t.Errorf("found %+v: %s, %s", note, note.Recorded, note.Live)
	}
}

// Progress has to rise; how often it is told does not matter. Tokens may be used again.
func TestDiffOfProgress(t *testing.T) {
	spoken := func(progress ...string) string {
		var lines []string
		for range 2 {
			lines = append(lines, strings.Replace(asksEcho, `{"name"`, `{"_meta":{"progressToken":"p"},"name"`, 1))
			for _, number := range progress {
				lines = append(lines, `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":`+number+`}}`, "")
			}
			lines = append(lines, saysEcho)
		}
		return conversation(t, 0, lines...)
	}
	rises, more, falls := spoken("1", "2"), spoken("0.5", "1e0", "5"), spoken("1", "1")
	wantSame(t, diff(t, rises, more))
	wantSame(t, diff(t, falls, falls))
	for _, pair := range [][2]string{{rises, falls}, {falls, more}} {
		if list := told(diff(t, pair[0], pair[1])); len(list) != 2 || list[0].Rule != findings.ProgressChanged {
			t.Errorf("found %+v", list)
		}
	}
}

func TestDiffOfHandles(t *testing.T) {
	shop := func(basket string) string {
		return conversation(t, 0,
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open"}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"baskets":[{"id":"`+basket+`"}]}}}`,
			`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"buy","arguments":{"basket":"`+basket+`"}}}`,
			`{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"`+basket+`"}]}}`)
	}
	a, b := shop("b-1"), shop(strings.Repeat("long ", 30)+`\"2`)
	if list := told(diff(t, a, b)); len(list) != 3 {
		t.Errorf("found %+v", list)
	}
	handles, err := compare.ParsePointers("/result/structuredContent/baskets/*/id")
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, (&verify.Diff{A: a, B: b, Handles: handles}).Run(t.Context()))
}

// Calls stand in batches, or alone, and in another order.
func TestDiffOfBatches(t *testing.T) {
	const asksAdd, saysAdd = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"add"}}`, `{"jsonrpc":"2.0","id":2,"result":{"content":[1]}}`
	alone := conversation(t, 0, asksEcho, saysEcho, asksAdd, saysAdd)
	batch := conversation(t, 0, "["+asksAdd+","+asksEcho+"]", "["+saysEcho+","+saysAdd+"]")
	wantSame(t, diff(t, alone, batch))
	other := conversation(t, 0, "["+asksAdd+","+asksEcho+"]", "["+saysEcho+","+strings.ReplaceAll(saysAdd, "[1]", "[2]")+"]")
	if list := told(diff(t, alone, other)); len(list) != 1 || string(list[0].Recorded) != "1" || string(list[0].Live) != "2" {
		t.Errorf("found %+v", list)
	}
}

// TestDiffOfShuffledCalls takes two heaps of the same few calls: what one has more
// of is missing in the other, whatever the order.
func TestDiffOfShuffledCalls(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		var heaps [2][]string
		left, missing, extra := map[int]int{}, 0, 0
		for side := range heaps {
			for range random.IntN(30) + 1 {
				which := random.IntN(6)
				left[which] += 1 - 2*side
				heaps[side] = append(heaps[side],
					fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///%d"}}`, which),
					fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"result":{"contents":[%d]}}`, which))
			}
		}
		for _, n := range left {
			missing, extra = missing+max(n, 0), extra+max(-n, 0)
		}
		for _, found := range told(diff(t, conversation(t, 0, heaps[0]...), conversation(t, 0, heaps[1]...))) {
			switch found.Rule {
			case findings.CallMissing:
				missing--
			case findings.CallExtra:
				extra--
			default:
				t.Errorf("seed %d: found %+v", seed, found)
			}
		}
		if missing != 0 || extra != 0 {
			t.Errorf("seed %d: %d missing and %d extra calls were not found", seed, missing, extra)
		}
	}
}

// Of many large differences, the first ones have their values.
func TestDiffHoldsFewValues(t *testing.T) {
	long := func(text string) string {
		var lines []string
		for i := range 20 {
			id := fmt.Sprint(i)
			lines = append(lines, strings.ReplaceAll(asksEcho, ":1,", ":"+id+","),
				`{"jsonrpc":"2.0","id":`+id+`,"result":{"text":"`+id+strings.Repeat(text, 1<<19)+`"}}`)
		}
		return conversation(t, 0, lines...)
	}
	list := told(diff(t, long("a"), long("b")))
	if len(list) != 20 || list[0].Live == nil || list[19].Live != nil {
		t.Errorf("%d findings, the values of the first have %d bytes, those of the last one %d", len(list), len(list[0].Live), len(list[19].Live))
	}
}

// A host asks for a task as often as it likes.
func TestDiffOfPolls(t *testing.T) {
	few := conversation(t, 0, asksTask, working, asksTask, complete)
	many := conversation(t, 0, asksTask, working, asksTask, working, asksTask, working, asksTask, complete)
	never := conversation(t, 0, asksTask, working)
	wantSame(t, diff(t, few, many))
	wantSame(t, diff(t, many, few))
	if list := told(diff(t, few, never)); len(list) != 1 || list[0].Rule != findings.CallMissing {
		t.Errorf("found %+v", list)
	}
}

// A host pings as often as it likes, and fixtures leave that out.
func TestDiffOfPings(t *testing.T) {
	const ping, pong, none = `{"jsonrpc":"2.0","id":1,"method":"ping"}`, `{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"?"}}`
	never, twice := conversation(t, 0, asksEcho, saysEcho), conversation(t, 0, ping, pong, asksEcho, saysEcho, ping, pong)
	wantSame(t, diff(t, never, twice))
	wantSame(t, diff(t, twice, never))
	if list := told(diff(t, twice, conversation(t, 0, ping, none, asksEcho, saysEcho))); len(list) != 1 || list[0].Rule != findings.OutcomeChanged {
		t.Errorf("found %+v", list)
	}
}

// Two cursors are spelled alike in one recording, and stand for others in the other one.
func TestDiffOfConstantCursors(t *testing.T) {
	list := func(cursor, next string) (lines []string) {
		return []string{
			`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + cursor + `}}`, `{"jsonrpc":"2.0","id":1,"result":{"tools":[]` + next + `}}`,
		}
	}
	first, second := list("", `,"nextCursor":"2"`), list(`"cursor":"2"`, "")
	other := list(`"cursor":"x"`, `,"nextCursor":"2"`)
	a := conversation(t, 0, slices.Concat(first, second)...)
	b := conversation(t, 0, slices.Concat(other, first, second)...)
	if found := told(diff(t, a, b)); len(found) != 1 || found[0].Rule != findings.CallExtra {
		t.Errorf("found %+v", found)
	}
}

func TestDiffOfDamagedRecordings(t *testing.T) {
	path := fixtures(t)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 10, len(whole) / 2, len(whole) - 30} {
		torn := filepath.Join(t.TempDir(), "torn.jsonl")
		if err := os.WriteFile(torn, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		for _, d := range []verify.Diff{{A: path, B: torn}, {A: torn, B: path}} {
			if f := d.Run(t.Context()); !strings.Contains(f.Problem, "torn.jsonl: ") || n > 1000 && len(f.Calls) == 0 {
				t.Errorf("%d bytes: %d calls, problem %q", n, len(f.Calls), f.Problem)
			}
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if f := (&verify.Diff{A: path, B: path}).Run(stopped); f.Problem == "" {
		t.Error("it went on")
	}
}
