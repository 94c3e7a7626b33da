package replaytest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/record"
	"wiretape/replay/replaytest"
)

func program(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// echoes is a test that asks the demo server for some texts.
func echoes(o replaytest.Options, path, program string, texts ...string) func(*fake) {
	return func(f *fake) {
		c := o.Record(f, path, program, "demo-server")
		for _, text := range texts {
			says(f, c, "echo", map[string]any{"text": text}, text)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// alone wants nothing but these files in a folder.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range max(len(entries), len(names)) {
		if i >= len(names) || i >= len(entries) || entries[i].Name() != names[i] {
			t.Fatalf("the folder has %v, want %v", entries, names)
		}
	}
}

func TestRecordOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"x.jsonl", "x.jsonl.zst"} {
		dir := filepath.Join(t.TempDir(), "testdata")
		path, gone := filepath.Join(dir, name), filepath.Join(t.TempDir(), "gone")
		o := replaytest.Options{Env: append(os.Environ(), "WIRETAPE_TEST_GONE="+gone)}
		try(t, echoes(o, path, program(t), "one", "two")).passed(t)
		read(t, gone)
		alone(t, dir, name)
		whole, err := record.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if whole.End == nil || whole.End.Reason != "host" || len(whole.Calls) != 3 {
			t.Errorf("recorded %+v", whole.End)
		}
		before := read(t, path)
		try(t, echoes(replaytest.Options{Unused: true}, path, "no-such-program", "one", "two")).passed(t)
		try(t, echoes(o, path, program(t), "three")).failed(t, "says", "was not recorded with these params")
		if !bytes.Equal(read(t, path), before) {
			t.Error("the recording was changed")
		}
	}
}

// What a recording tells of the server is the same on all machines.
func TestRecordTellsNothingOfTheMachine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	try(t, echoes(replaytest.Options{}, path, program(t), "one")).passed(t)
	info, err := record.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if target := info.Header.Target; target.Cwd != "" || target.Env != nil || info.Header.Label == "" {
		t.Errorf("recorded %+v", info.Header)
	}
}

func TestRecordNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	o := replaytest.Options{Mode: replaytest.None}
	try(t, echoes(o, path, program(t), "one")).failed(t, "there is no recording "+path+", and none is made in the mode none; run")
	alone(t, dir)
	try(t, echoes(replaytest.Options{}, path, program(t), "one")).passed(t)
	try(t, echoes(o, path, "no-such-program", "one")).passed(t)
}

func TestRecordAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	o := replaytest.Options{Mode: replaytest.All}
	try(t, echoes(o, path, program(t), "one")).passed(t)
	first := read(t, path)
	try(t, echoes(o, path, program(t), "two")).passed(t)
	alone(t, dir, "x.jsonl")
	if bytes.Contains(read(t, path), []byte("one")) {
		t.Error("it was not made anew")
	}
	second := read(t, path)
	try(t, func(f *fake) {
		echoes(o, path, program(t), "three")(f)
		f.Errorf("the answer is wrong")
	}).failed(t, "the answer is wrong")
	try(t, echoes(o, path, "no-such-program")).failed(t, "no-such-program")
	alone(t, dir, "x.jsonl")
	if !bytes.Equal(read(t, path), second) || bytes.Equal(first, second) {
		t.Error("a test that failed has left something")
	}
}

func TestRecordNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	o := replaytest.Options{Mode: replaytest.New}
	try(t, echoes(o, path, program(t), "one")).passed(t)
	first := read(t, path)
	try(t, echoes(o, path, "no-such-program", "one")).passed(t)
	try(t, func(f *fake) {
		echoes(o, path, program(t), "wrong")(f)
		f.Errorf("the answer is wrong")
	}).failed(t, "the answer is wrong")
	alone(t, dir, "x.jsonl")
	if !bytes.Equal(read(t, path), first) {
		t.Error("a test that failed, or that asked for nothing new, has left something")
	}
	f := try(t, echoes(o, path, "no-such-program", "two"))
	f.failed(t, "was not recorded with these params")
	if said := strings.Join(f.logs, "\n"); !strings.Contains(said, "no-such-program") {
		t.Errorf("logged %s", said)
	}
	try(t, echoes(o, path, program(t), "one", "two")).passed(t)
	alone(t, dir, "x.jsonl")
	try(t, echoes(replaytest.Options{Mode: replaytest.None, Unused: true}, path, "", "one", "two")).passed(t)
}

// What a host of before 2026-07-28 recorded is completed by a client that knows both
// eras.
func TestRecordNewStaysInTheRecordedEra(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(path, read(t, session("demo-legacy")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []replaytest.Mode{replaytest.New, replaytest.None} {
		try(t, echoes(replaytest.Options{Mode: mode}, path, program(t), "hello, wire", "two")).passed(t)
	}
	if bytes.Contains(read(t, path), []byte("2026-07-28")) {
		t.Error("it has both eras now")
	}
}

// A call that cannot be answered for this client is a miss in the mode new too.
func TestRecordNewMayMiss(t *testing.T) {
	t.Parallel()
	for _, mayMiss := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if err := os.WriteFile(path, read(t, session("demo-legacy")), 0o600); err != nil {
			t.Fatal(err)
		}
		f := try(t, func(f *fake) {
			c := replaytest.Options{Mode: replaytest.New, MayMiss: mayMiss}.Record(f, path, program(t), "demo-server")
			if _, err := call(f, c, "ask", map[string]any{"question": "Who is there?"}); err == nil {
				f.Errorf("it was answered")
			}
		})
		if !mayMiss {
			f.failed(t, "1 call was not answered from the recording: tools/call ask")
			continue
		}
		f.passed(t)
		if said := strings.Join(f.logs, "\n"); !strings.Contains(said, "does not have that capability") {
			t.Errorf("logged %s", said)
		}
	}
}

// Nothing is kept of a test that fails, or is skipped.
func TestRecordOfAFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.jsonl")
	try(t, func(f *fake) {
		echoes(replaytest.Options{}, path, program(t), "one")(f)
		f.Errorf("the answer is wrong")
	}).failed(t, "the answer is wrong")
	try(t, func(f *fake) {
		echoes(replaytest.Options{}, path, program(t), "one")(f)
		f.SkipNow()
	}).passed(t)
	f := try(t, func(f *fake) {
		replaytest.Record(f, path, program(t), "broken-server")
	})
	f.failed(t, "the server ended with exit status 3")
	if said := strings.Join(f.logs, "\n"); !strings.Contains(said, "out of order") {
		t.Errorf("logged %s", said)
	}
	try(t, func(f *fake) {
		replaytest.Record(f, path, "no-such-program")
	}).failed(t, "no-such-program")
	alone(t, dir)
}

func TestRecordBothEras(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2025-06-18", "2026-07-28"} {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		o := replaytest.Options{ClientOptions: []client.ClientOption{client.WithElicitationHandler(ada{}), client.WithProtocolVersion(version)}}
		for range 2 {
			try(t, func(f *fake) {
				c := o.Record(f, path, program(t), "demo-server")
				if got := c.ProtocolVersion(); got != version {
					f.Errorf("the revision is %s, want %s", got, version)
				}
				says(f, c, "ask", nil, "Hello, Ada!")
			}).passed(t)
		}
		// A client that tries the newest revision first comes to the recorded one.
		o.ClientOptions = o.ClientOptions[:1]
		try(t, func(f *fake) {
			if got := o.Client(f, path).ProtocolVersion(); got != version {
				f.Errorf("the revision is %s, want %s", got, version)
			}
		}).passed(t)
		o.Mode = replaytest.New
		try(t, echoes(o, path, program(t), "added")).passed(t)
		try(t, echoes(o, path, "no-such-program", "added")).passed(t)
	}
}

type ada struct{}

// Elicit implements client.ElicitationHandler.
func (ada) Elicit(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	content := map[string]any{"name": "Ada"}
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: "accept", Content: content}}, nil
}
