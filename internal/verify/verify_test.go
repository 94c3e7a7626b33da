package verify_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/vcr"
	"wiretape/internal/verify"
	"wiretape/proxy"
	"wiretape/record"
	"wiretape/replay"
)

func fixtures(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "sessions", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	return paths
}

// played is a server that is a recording.
func played(t testing.TB, path string) proxy.Endpoint {
	t.Helper()
	rec, err := replay.Options{Exhausted: replay.Last}.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	e := &vcr.Endpoint{Recordings: []*replay.Recording{rec}}
	t.Cleanup(func() { e.Close() })
	return e
}

func all(f verify.Outcome) (list []findings.Finding) {
	for _, c := range f.Calls {
		list = append(list, c.Findings...)
	}
	return append(list, f.Findings...)
}

// TestRecordingAgainstItself verifies each recording against a replay of it.
func TestRecordingAgainstItself(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			f := (&verify.Check{Path: path, Server: played(t, path), Timeout: 10 * time.Second}).Run(t.Context())
			if f.Problem != "" || len(f.Calls) == 0 {
				t.Errorf("%d calls, problem %q", len(f.Calls), f.Problem)
			}
			for _, found := range all(f) {
				t.Errorf("found %+v: %s, %s", found, found.Recorded, found.Live)
			}
		})
	}
}

// changed gives a recording in which a text is another one.
func changed(t testing.TB, path, from, to string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(from)) {
		t.Fatalf("%s has no %s", path, from)
	}
	other := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(other, bytes.ReplaceAll(text, []byte(from), []byte(to)), 0o600); err != nil {
		t.Fatal(err)
	}
	return other
}

// change is what is another one in a recording, and what must be told of it.
type change struct {
	name, fixture, from, to string
	rules                   string
	pointer                 string // of all that is found; "" for any
	breaking                bool   // the first that is found
}

// changes are told alike of a server and of a recording.
var changes = []change{
	{"a tool's text", "demo-legacy", `"text":"42"`, `"text":"43"`, findings.ResultChanged, "/result/content/0/text", false},
	{"structured content", "demo-legacy", `"sum":42`, `"sum":43`, findings.ResultChanged, "/result/structuredContent/sum", false},
	{"a number by value", "demo-legacy", `"sum":42`, `"sum":42.0`, "", "", false},
	{"no error", "demo-legacy", `"result":{`, `"error":null,"result":{`, "", "", false},
	{"a text with no error", "demo-legacy", `"result":{"content":[{"text":"42"`, `"error":null,"result":{"content":[{"text":"43"`, findings.ResultChanged, "/result/content/0/text", false},
	{"a description", "demo-legacy", `Gives back the text.`, `Gives it back.`, findings.DescriptionChanged, "/result/tools/0/description", false},
	{"more required", "demo-legacy", `"required":["a","b"]`, `"required":["a","b","c"]`, findings.InputSchemaChanged, "/result/tools/1/inputSchema/required/2", true},
	{"less required", "demo-legacy", `"required":["a","b"]`, `"required":["a"]`, findings.InputSchemaChanged, "/result/tools/1/inputSchema/required/1", false},
	{"failure", "demo-legacy", `],"isError":true`, `]`, findings.OutcomeChanged, "/result/isError", false},
	{"an error's code", "everything-resources", `"code":-32602`, `"code":-32002`, findings.ErrorCodeChanged, "/error/code", false},
	{"an error's message", "everything-resources", `nowhere not found`, `nowhere found`, "", "", false},
	{"another version", "demo-legacy", `"protocolVersion":"2025-11-25","serverInfo"`, `"protocolVersion":"2025-06-18","serverInfo"`, findings.VersionChanged, "/result/protocolVersion", false},
	{"what is no output", "everything-tools", `"structuredContent":{"temperature":36,`, `"structuredContent":{"temperature":"cold",`, findings.ResultChanged + "," + findings.OutputInvalid, "/result/structuredContent/temperature", false},
	{"what the server asks", "demo-legacy", `"message":"Who is there?"`, `"message":"Who?"`, findings.ServerRequest, "/params/message", false},
}

// path is that of the recording.
func (c *change) path() string {
	return filepath.Join("..", "..", "fixtures", "sessions", c.fixture+".jsonl")
}

// told checks what was found.
func (c *change) told(t *testing.T, list []findings.Finding) {
	t.Helper()
	var rules []string
	for _, found := range list {
		rules = append(rules, found.Rule)
		if c.pointer != "" && found.Pointer != c.pointer {
			t.Errorf("at %s, want %s", found.Pointer, c.pointer)
		}
	}
	if got := strings.Join(rules, ","); got != c.rules {
		t.Errorf("found %s, want %s", got, c.rules)
	}
	if len(list) > 0 && list[0].Breaking != c.breaking {
		t.Errorf("breaking: %v", list[0].Breaking)
	}
}

func TestChangedServers(t *testing.T) {
	// Here the host also calls the tool that is gone.
	gone := change{"a tool gone", "demo-legacy", `{"name":"add",`, `{"name":"sum",`, findings.ToolRenamed + "," + findings.OutcomeChanged, "", true}
	for _, test := range append(changes[:len(changes):len(changes)], gone) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := played(t, changed(t, test.path(), test.from, test.to))
			o := (&verify.Check{Path: test.path(), Server: server, Timeout: 10 * time.Second}).Run(t.Context())
			if o.Problem != "" {
				t.Error(o.Problem)
			}
			test.told(t, all(o))
		})
	}
}

// TestUpdate writes what has changed into the recording, and nothing else.
func TestUpdate(t *testing.T) {
	source := filepath.Join("..", "..", "fixtures", "sessions", "demo-legacy.jsonl")
	path := changed(t, source, `"text":"42"`, `"text":"41"`)
	check := &verify.Check{Path: path, Server: played(t, source), Timeout: 10 * time.Second, Update: true}
	if o := check.Run(t.Context()); o.Updated != 1 || o.Left != 0 || o.Problem != "" {
		t.Errorf("updated %d, left %d, %s", o.Updated, o.Left, o.Problem)
	}
	want, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
	}
	if o := check.Run(t.Context()); o.Updated != 0 || len(all(o)) > 0 {
		t.Errorf("again: updated %d, found %v", o.Updated, all(o))
	}
}

// What the server mints is given back to it, and is no difference.
func TestMintedValues(t *testing.T) {
	dir := filepath.Join("..", "..", "fixtures", "sessions")
	for name, c := range map[string]struct{ fixture, from, to string }{
		"task":         {"everything-tasks", "fa93da94985c24d9717646738b0f1aff", "00000000000000000000000000000000"},
		"requestState": {"go-sdk-modern-mrtr", `"requestState":"round=1"`, `"requestState":"other"`},
		"key":          {"go-sdk-modern-mrtr", `"user_name":{`, `"someone":{`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, c.fixture+".jsonl")
			check := &verify.Check{Path: path, Server: played(t, changed(t, path, c.from, c.to)), Timeout: 10 * time.Second}
			if o := check.Run(t.Context()); o.Problem != "" || len(all(o)) > 0 {
				t.Errorf("%s: %+v", o.Problem, all(o))
			}
		})
	}
}

// fake is a server that answers each line as answers does; nil ends it.
type fake struct{ answers func(line string) []string }

func (f fake) Describe() record.Endpoint { return record.Endpoint{} }

func (f fake) Connect(context.Context, io.Writer) (proxy.Target, error) {
	fromHost, in := io.Pipe()
	out, toHost := io.Pipe()
	go func() {
		defer toHost.Close()
		lines := bufio.NewScanner(fromHost)
		for lines.Scan() {
			said := f.answers(lines.Text())
			if said == nil {
				fromHost.Close()
				return
			}
			for _, line := range said {
				io.WriteString(toHost, line+"\n")
			}
		}
	}()
	return fakeTarget{in, out}, nil
}

type fakeTarget struct {
	*io.PipeWriter
	out *io.PipeReader
}

func (f fakeTarget) Read(p []byte) (int, error) { return f.out.Read(p) }

func (f fakeTarget) Stop() proxy.Exit {
	f.PipeWriter.Close()
	f.out.Close()
	return proxy.Exit{}
}

const oneCall = `{"wiretape":1,"id":"1","label":"x","started":"2026-11-22T08:00:00Z","target":{"transport":"stdio"}}
{"seq":1,"at":0.1,"from":"host","to":"target","msg":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}}
{"seq":2,"at":0.2,"from":"target","to":"host","msg":{"jsonrpc":"2.0","id":1,"result":{}}}
{"seq":3,"at":0.3,"event":"end","reason":"host","statistics":{}}
`

func TestServersInTrouble(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.jsonl")
	if err := os.WriteFile(path, []byte(oneCall), 0o600); err != nil {
		t.Fatal(err)
	}
	const right = `{"jsonrpc":"2.0","id":1,"result":{}}`
	tests := []struct {
		name    string
		answers func(string) []string
		rules   string
		problem string
	}{
		{"right", func(string) []string { return []string{right} }, "", ""},
		{"hangs", func(string) []string { return []string{} }, findings.MissingAnswer, ""},
		{"dies", func(string) []string { return nil }, findings.MissingAnswer, "the server ended without an answer to tools/call a"},
		{"asks", func(line string) []string {
			if strings.Contains(line, "tools/call") {
				return []string{`{"jsonrpc":"2.0","id":"p","method":"ping"}`, `{"jsonrpc":"2.0","id":"q","method":"roots/list"}`}
			}
			if strings.Contains(line, `"q"`) && strings.Contains(line, "-31000") {
				return []string{right}
			}
			return []string{}
		}, findings.ServerRequest, ""},
		{"floods", func(string) []string { return append(slices.Repeat([]string{"junk"}, 1000), right) }, findings.MessageInvalid, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := inVirtualTime(t, &verify.Check{Path: path, Server: fake{test.answers}, Timeout: 200 * time.Millisecond})
			var rules []string
			for _, f := range all(o) {
				rules = append(rules, f.Rule)
			}
			if got := strings.Join(rules, ","); got != test.rules || !strings.Contains(o.Problem, test.problem) || (o.Problem == "") != (test.problem == "") {
				t.Errorf("found %s, problem %q", got, o.Problem)
			}
		})
	}
}

// What the user names as a handle is given back to the server too.
func TestHandles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "handles.jsonl")
	said := func(seq int, from, to, message string) string {
		return fmt.Sprintf(`{"seq":%d,"at":0.%d,"from":%q,"to":%q,"msg":%s}`+"\n", seq, seq, from, to, message)
	}
	recorded := strings.SplitAfter(oneCall, "\n")[0] +
		said(1, "host", "target", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create"}}`) +
		said(2, "target", "host", `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"basket":"recorded-1"}}}`) +
		said(3, "host", "target", `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"fill","arguments":{"basket":"recorded-1"}}}`) +
		said(4, "target", "host", `{"jsonrpc":"2.0","id":2,"result":{"structuredContent":{"filled":"recorded-1"}}}`) +
		`{"seq":5,"at":1,"event":"end","reason":"host","statistics":{}}` + "\n"
	if err := os.WriteFile(path, []byte(recorded), 0o600); err != nil {
		t.Fatal(err)
	}
	server := fake{func(line string) []string {
		switch {
		case strings.Contains(line, "create"):
			return []string{`{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"basket":"live-1"}}}`}
		case strings.Contains(line, `"basket":"live-1"`):
			return []string{`{"jsonrpc":"2.0","id":2,"result":{"structuredContent":{"filled":"live-1"}}}`}
		}
		return []string{`{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no such basket"}}`}
	}}
	handles, err := compare.ParsePointers("/result/structuredContent/basket")
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range []compare.Pointers{handles, nil} {
		o := (&verify.Check{Path: path, Server: server, Timeout: 10 * time.Second, Handles: named}).Run(t.Context())
		if found := len(all(o)); o.Problem != "" || (found == 0) != (named != nil) {
			t.Errorf("with %v: %d findings, %s", named, found, o.Problem)
		}
	}
}

// How a task went counts once: when it was over, or if that was never recorded.
func TestTasksThatEndEarly(t *testing.T) {
	says := func(status string) string { return strings.ReplaceAll(working, "working", status) }
	const cancels = `{"jsonrpc":"2.0","id":1,"method":"tasks/cancel","params":{"taskId":"t"}}`
	told := `{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t","status":"failed"}}`
	once := []string{asksTask, working}
	for _, test := range []struct {
		recorded []string
		live     map[string]string
		rules    string
	}{
		{once, map[string]string{asksTask: working}, ""},
		{once, map[string]string{asksTask: complete}, ""},
		{once, map[string]string{asksTask: says("failed")}, findings.ResultChanged},
		{once, map[string]string{asksTask: says("cancelled")}, findings.ResultChanged},
		{slices.Concat(once, []string{asksTask, says("failed")}), map[string]string{asksTask: says("failed")}, ""},
		{slices.Concat(once, []string{"", told}), map[string]string{asksTask: says("failed")}, ""},
		{slices.Concat([]string{cancels, says("cancelled")}, once), map[string]string{asksTask: says("cancelled"), cancels: says("cancelled")}, ""},
	} {
		o := (&verify.Check{Path: conversation(t, 0, test.recorded...), Server: answering(test.live), Timeout: 10 * time.Second}).Run(t.Context())
		var rules []string
		for _, f := range all(o) {
			rules = append(rules, f.Rule+" "+f.Pointer)
		}
		if got := strings.Join(rules, ","); strings.TrimSuffix(got, " /result/status") != test.rules || o.Problem != "" {
			t.Errorf("%s, then %s: found %q, problem %q", test.recorded, test.live, got, o.Problem)
		}
	}
}

// A server that answers without having asked the host will not ask any more.
func TestNoLongerAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "asked.jsonl")
	said := func(seq int, from, to, message string) string {
		return fmt.Sprintf(`{"seq":%d,"at":%d,"from":%q,"to":%q,"msg":%s}`+"\n", seq, seq, from, to, message)
	}
	recorded := strings.SplitAfter(oneCall, "\n")[0] +
		said(1, "host", "target", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}`) +
		said(2, "target", "host", `{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Who?"}}`) +
		said(3, "host", "target", `{"jsonrpc":"2.0","id":"q","result":{"action":"decline"}}`) +
		said(4, "target", "host", `{"jsonrpc":"2.0","id":1,"result":{}}`) +
		`{"seq":5,"at":5,"event":"end","reason":"host","statistics":{}}` + "\n"
	if err := os.WriteFile(path, []byte(recorded), 0o600); err != nil {
		t.Fatal(err)
	}
	server := fake{func(string) []string { return []string{`{"jsonrpc":"2.0","id":1,"result":{}}`} }}
	o := (&verify.Check{Path: path, Server: server, Timeout: time.Hour}).Run(t.Context())
	if list := all(o); len(list) != 1 || list[0].Rule != findings.ServerRequest || list[0].Seq != 2 || o.Problem != "" {
		t.Errorf("found %+v, problem %q", list, o.Problem)
	}
}

// A host may answer what it was asked, and ask something itself, in one batch.
func TestAnswersInBatches(t *testing.T) {
	said := func(seq int, from, to, message string) string {
		return fmt.Sprintf(`{"seq":%d,"at":%d,"from":%q,"to":%q,"msg":%s}`+"\n", seq, seq, from, to, message)
	}
	path := filepath.Join(t.TempDir(), "batch.jsonl")
	recorded := strings.SplitAfter(oneCall, "\n")[0] +
		said(1, "host", "target", `{"jsonrpc":"2.0","method":"notifications/initialized"}`) +
		said(2, "target", "host", `{"jsonrpc":"2.0","id":"q","method":"roots/list"}`) +
		said(3, "target", "host", `{"jsonrpc":"2.0","id":"r","method":"sampling/createMessage"}`) +
		said(4, "host", "target", `[{"jsonrpc":"2.0","id":"q","result":1},{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}},{"jsonrpc":"2.0","id":"r","result":2}]`) +
		said(5, "target", "host", `{"jsonrpc":"2.0","id":1,"result":{}}`) +
		`{"seq":6,"at":6,"event":"end","reason":"host","statistics":{}}` + "\n"
	if err := os.WriteFile(path, []byte(recorded), 0o600); err != nil {
		t.Fatal(err)
	}
	var heard string
	server := fake{func(line string) []string {
		if heard = line; strings.Contains(line, "initialized") {
			return []string{`{"jsonrpc":"2.0","id":"live r","method":"sampling/createMessage"}`, `{"jsonrpc":"2.0","id":"live q","method":"roots/list"}`}
		}
		return []string{`{"jsonrpc":"2.0","id":1,"result":{"is":"changed"}}`}
	}}
	o := (&verify.Check{Path: path, Server: server, Timeout: 10 * time.Second}).Run(t.Context())
	if list := all(o); len(o.Calls) != 1 || len(list) != 1 || list[0].Rule != findings.ResultChanged || o.Problem != "" {
		t.Errorf("%d calls, found %+v, problem %q", len(o.Calls), list, o.Problem)
	}
	want := `[{"jsonrpc":"2.0","id":"live q","result":1},{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}},{"jsonrpc":"2.0","id":"live r","result":2}]`
	if heard != want {
		t.Errorf("it heard\n%s\nwant\n%s", heard, want)
	}
	// One of the questions is not asked any more: the rest is said all the same.
	server.answers = func(line string) []string {
		if heard = line; strings.Contains(line, "initialized") {
			return []string{`{"jsonrpc":"2.0","id":"live q","method":"roots/list"}`}
		}
		return []string{`{"jsonrpc":"2.0","id":1,"result":{}}`}
	}
	o = (&verify.Check{Path: path, Server: server, Timeout: 100 * time.Millisecond}).Run(t.Context())
	if list := all(o); len(o.Calls) != 1 || len(list) != 1 || list[0].Rule != findings.ServerRequest || o.Problem != "" {
		t.Errorf("%d calls, found %+v, problem %q", len(o.Calls), list, o.Problem)
	}
	if want = strings.Replace(want, `,{"jsonrpc":"2.0","id":"live r","result":2}`, "", 1); heard != want {
		t.Errorf("it heard\n%s\nwant\n%s", heard, want)
	}
}
