package vcr_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"wiretape/internal/vcr"
	"wiretape/internal/wire"
	"wiretape/record"
	"wiretape/replay"
)

const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`

func introduceYourself(wire.Message) string { return `{"action":"accept","content":{"name":"Ada"}}` }

// TestNewFetchesWhatIsMissing goes on to see that it is not missing any more.
func TestNewFetchesWhatIsMissing(t *testing.T) {
	path := recorded(t)
	old := load(t, path)
	talk := func(h *host) {
		h.answer = introduceYourself
		h.open()
		h.wants(h.tool("add", `{"a":1,"b":3}`), `"sum":4`)
		h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
		h.wants(h.tool("ask", `{}`), "Hello, Ada!")
		h.wants(h.call("tools/call", `{"name":"countdown","arguments":{"from":2},"_meta":{"progressToken":"p"}}`), "Lift-off!")
		if n := len(h.heard); n != 2 {
			t.Errorf("%d notifications: %q", n, h.heard)
		}
	}
	live := demoServer()
	session(t, &vcr.Tape{Path: path, Mode: vcr.New, Live: live}, talk)
	if live.started != 1 {
		t.Errorf("the live server was started %d times", live.started)
	}
	if found := files(t, path); !slices.Equal(found, []string{"x.jsonl"}) {
		t.Errorf("files: %q", found)
	}
	session(t, &vcr.Tape{Path: path, Mode: vcr.None}, talk)

	rec := load(t, path)
	if rec.Header.ID != old.Header.ID {
		t.Error("the header has changed")
	}
	var methods []string
	last := old.Events[len(old.Events)-1].At
	for _, e := range rec.Events[len(old.Events)-2:] {
		if e.At < last {
			t.Errorf("event %d is at %v, after one at %v", e.Seq, e.At, last)
		}
		last = e.At
		if m := wire.Parse(e.Line); e.To == record.Target && m.Method != "" {
			methods = append(methods, fmt.Sprintf("%s %s", e.From, m.Method))
		}
	}
	want := []string{"proxy initialize", "proxy notifications/initialized", "host tools/call", "host tools/call", "host tools/call"}
	if !slices.Equal(methods, want) {
		t.Errorf("the live server was told %q, want %q", methods, want)
	}
	if !slices.ContainsFunc(rec.Events, func(e record.Event) bool { return e.Stderr && string(e.Line) == "listening\n" }) {
		t.Error("what the live server wrote to stderr is not recorded")
	}
}

func TestNewLeavesACompleteRecordingAlone(t *testing.T) {
	path := recorded(t)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	session(t, &vcr.Tape{Path: path, Mode: vcr.New, Live: &server{err: errNoServer}}, func(h *host) {
		h.open()
		h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
	})
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("the file was touched: %v", err)
	}
}

func TestNewWithoutARecordingMakesOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "x.jsonl.zst")
	for _, mode := range []vcr.Mode{vcr.New, vcr.None} {
		session(t, &vcr.Tape{Path: path, Mode: mode, Live: demoServer()}, func(h *host) {
			h.open()
			h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
		})
	}
}

// TestNewNeedsNoHandshake is for the revision in which servers know no session.
func TestNewNeedsNoHandshake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl.zst")
	add := func(h *host, b, sum string) {
		h.wants(h.call("tools/call", `{"name":"add","arguments":{"a":1,"b":`+b+`},`+meta+`}`), `"sum":`+sum)
	}
	session(t, &vcr.Tape{Path: path, Mode: vcr.Once, Live: demoServer()}, func(h *host) { add(h, "2", "3") })
	for _, mode := range []vcr.Mode{vcr.New, vcr.None} {
		session(t, &vcr.Tape{Path: path, Mode: mode, Live: demoServer()}, func(h *host) {
			add(h, "3", "4")
			add(h, "2", "3")
		})
	}
	for _, e := range load(t, path).Events {
		if e.From == record.Proxy {
			t.Errorf("the proxy said %s", e.Line)
		}
	}
}

// TestNewWithAServerThatFails has a live server that is of no use, in several
// ways: the host gets an error, and the recording stays as it is.
func TestNewWithAServerThatFails(t *testing.T) {
	answering := func(result string) func(io.Reader, io.Writer) error {
		return func(in io.Reader, out io.Writer) error {
			line := make([]byte, 1<<10)
			n, err := in.Read(line)
			fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%s,%s}`+"\n", wire.Parse(line[:n]).ID, result)
			_, _ = io.Copy(io.Discard, in)
			return err
		}
	}
	for name, c := range map[string]struct {
		live      *server
		says, err string
	}{
		"cannot be started": {&server{err: errNoServer}, "was not recorded", errNoServer.Error()},
		"ends at once":      {&server{serve: func(io.Reader, io.Writer) error { return nil }}, `"error"`, "it ended"},
		"refuses":           {&server{serve: answering(`"error":{"code":-32602,"message":"no"}`)}, "it refused the session", "refused"},
		"another version":   {&server{serve: answering(`"result":{"protocolVersion":"2024-11-05"}`)}, `it speaks \"2024-11-05\"`, "it speaks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := recorded(t)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			tape := &vcr.Tape{Path: path, Mode: vcr.New, Live: c.live}
			h := connect(t, tape)
			h.open()
			h.wants(h.tool("add", `{"a":1,"b":3}`), c.says)
			h.wants(h.tool("add", `{"a":1,"b":4}`), `"error"`)
			h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
			h.leave()
			if err := tape.Close(); err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("err = %v", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the recording has changed: %v", err)
			}
			if found := files(t, path); len(found) != 1 || c.live.started != 1 {
				t.Errorf("files: %q, started %d times", found, c.live.started)
			}
		})
	}
}

// TestNewCancels has the host cancel a call that the live server works on, by a
// message of its own and within a batch.
func TestNewCancels(t *testing.T) {
	for _, around := range []string{"%s", "[%s]"} {
		path := recorded(t)
		talk := func(h *host) {
			h.open()
			h.wants(h.tool("add", `{"a":2,"b":2}`), `"sum":4`)
			id, _ := h.ask("tools/call", `{"name":"wait","arguments":{}}`)
			h.say(fmt.Sprintf(around, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`+id+`}}`))
			h.wants(h.tool("add", `{"a":3,"b":3}`), `"sum":6`)
		}
		session(t, &vcr.Tape{Path: path, Mode: vcr.New, Live: demoServer()}, talk)
		session(t, &vcr.Tape{Path: path, Mode: vcr.None}, talk)
	}
}

// TestNewTellsWhatWasNotAnswered leaves while a call is under way, with a server that
// answers others, and with one that answers nothing. It is not recorded.
func TestNewTellsWhatWasNotAnswered(t *testing.T) {
	silent := &server{serve: func(in io.Reader, _ io.Writer) error {
		_, err := io.Copy(io.Discard, in)
		return err
	}}
	for _, live := range []*server{demoServer(), silent} {
		path := recorded(t)
		tape := &vcr.Tape{Path: path, Mode: vcr.New, Live: live}
		h := connect(t, tape)
		h.open()
		if live != silent {
			h.wants(h.tool("add", `{"a":2,"b":2}`), `"sum":4`)
		}
		h.ask("tools/call", `{"name":"wait","arguments":{}}`)
		h.leave()
		if err := tape.Close(); err == nil || !strings.Contains(err.Error(), "not answered by the live server either (1): the session ended before") {
			t.Errorf("err = %v", err)
		}
		for _, c := range load(t, path).Calls {
			if c.Tool == "wait" {
				t.Errorf("it was recorded: %+v", c)
			}
		}
		if found := files(t, path); len(found) != 1 {
			t.Errorf("files: %q", found)
		}
	}
}

// TestNewKeepsSubscriptions has one that nothing ends but the session.
func TestNewKeepsSubscriptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	serve := func(in io.Reader, out io.Writer) error {
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			m := wire.Parse(lines.Bytes())
			if m.Method == "subscriptions/listen" {
				fmt.Fprintf(out, `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":%s}}}`+"\n", m.ID)
				continue
			}
			fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%s,"result":{"resultType":"complete"}}`+"\n", m.ID)
		}
		return lines.Err()
	}
	session(t, &vcr.Tape{Path: path, Mode: vcr.Once, Live: &server{serve: serve}}, func(h *host) {
		h.wants(h.call("tools/list", `{`+meta+`}`), "complete")
	})
	for _, mode := range []vcr.Mode{vcr.New, vcr.None} {
		session(t, &vcr.Tape{Path: path, Mode: mode, Live: &server{serve: serve}}, func(h *host) {
			id, _ := h.ask("subscriptions/listen", `{"notifications":{},`+meta+`}`)
			h.wants(h.call("prompts/list", `{`+meta+`}`), "complete")
			if len(h.heard) != 1 || !strings.Contains(h.heard[0], `subscriptionId":`+id) {
				t.Errorf("mode %s: heard %q", mode, h.heard)
			}
		})
	}
}

// TestNewAtOnce asks for much that is recorded and much that is not.
func TestNewAtOnce(t *testing.T) {
	path := recorded(t)
	const calls = 50
	talk := func(h *host) {
		h.answer = introduceYourself
		h.open()
		var all sync.WaitGroup
		for i := range calls {
			all.Go(func() { h.wants(h.tool("add", fmt.Sprintf(`{"a":%d,"b":100}`, i)), fmt.Sprintf(`"sum":%d`, i+100)) })
			if i%5 == 0 {
				all.Go(func() { h.wants(h.tool("ask", fmt.Sprintf(`{"question":"%d?"}`, i)), "Hello, Ada!") })
			}
			all.Go(func() { h.wants(h.call("ping", `{}`), `"result":{}`) })
		}
		all.Wait()
	}
	session(t, &vcr.Tape{Path: path, Mode: vcr.New, Live: demoServer()}, talk)
	session(t, &vcr.Tape{Path: path, Mode: vcr.None}, talk)
}

// TestNewKeepsWhatItCannotAdd has the recording disappear meanwhile.
func TestNewKeepsWhatItCannotAdd(t *testing.T) {
	path := recorded(t)
	tape := &vcr.Tape{Path: path, Mode: vcr.New, Live: demoServer()}
	h := connect(t, tape)
	h.open()
	h.wants(h.tool("add", `{"a":1,"b":3}`), `"sum":4`)
	if err := os.Rename(path, filepath.Join(t.TempDir(), "x.jsonl")); err != nil {
		t.Skip("a file that is open cannot be moved here:", err)
	}
	h.leave()
	err := tape.Close()
	found := files(t, path)
	if err == nil || len(found) != 1 || !strings.Contains(err.Error(), found[0]) {
		t.Errorf("files: %q, err = %v", found, err)
	}
}

// TestNewDoesNotFetchForABatch asks for one that is recorded and one that is not.
func TestNewDoesNotFetchForABatch(t *testing.T) {
	live := demoServer()
	tape := &vcr.Tape{Path: recorded(t), Mode: vcr.New, Live: live}
	target, _, err := tape.Open()
	if err != nil {
		t.Fatal(err)
	}
	life, err := target.Connect(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	add := `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":%d}}}`
	fmt.Fprintf(life, "["+add+","+add+"]\n", 1, 2, 2, 3)
	line, err := bufio.NewReader(life).ReadString('\n')
	if err != nil || !strings.Contains(line, `"sum":3`) || !strings.Contains(line, `"error"`) {
		t.Errorf("%s, %v", line, err)
	}
	life.Stop()
	if err := tape.Close(); err == nil || live.started > 0 {
		t.Errorf("err = %v, started %d times", err, live.started)
	}
}

// TestNewFetchesTheHandshake has a recording that begins in the middle.
func TestNewFetchesTheHandshake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	w, err := record.Create(path, record.Header{}, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.Line(record.Host, record.Target, []byte(`{"jsonrpc":"2.0","id":1,"method":"a"}`+"\n"))
	w.Line(record.Target, record.Host, []byte(`{"jsonrpc":"2.0","id":1,"result":{}}`+"\n"))
	if _, err := w.Close("host"); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []vcr.Mode{vcr.New, vcr.None} {
		session(t, &vcr.Tape{Path: path, Mode: mode, Live: demoServer()}, func(h *host) {
			h.open()
			h.wants(h.tool("add", `{"a":1,"b":3}`), `"sum":4`)
			h.wants(h.call("a", `{}`), `"result":{}`)
		})
	}
}

// TestNewStaysInTheRecordedEra has a host that first asks for the other one.
func TestNewStaysInTheRecordedEra(t *testing.T) {
	path := recorded(t)
	live := demoServer()
	for _, mode := range []vcr.Mode{vcr.New, vcr.None} {
		session(t, &vcr.Tape{Path: path, Mode: mode, Live: live}, func(h *host) {
			h.wants(h.call("server/discover", `{`+meta+`}`), "-32601")
			h.open()
			if mode == vcr.New && live.started > 0 {
				t.Error("the live server was started for what needs no answer of its")
			}
			h.wants(h.tool("add", `{"a":1,"b":3}`), `"sum":4`)
		})
	}
	for _, e := range load(t, path).Events {
		if wire.Parse(e.Line).Method == "server/discover" {
			t.Errorf("it was recorded: %s", e.Line)
		}
	}
}

// TestNewIntroducesTheHostLater has a host that calls before it opens the session,
// so that the live server is there by then.
func TestNewIntroducesTheHostLater(t *testing.T) {
	live := demoServer()
	session(t, &vcr.Tape{Path: recorded(t), Mode: vcr.New, Live: live}, func(h *host) {
		h.wants(h.tool("add", `{"a":1,"b":3}`), `"error"`)
		h.open()
		h.wants(h.tool("add", `{"a":1,"b":4}`), `"sum":5`)
	})
	if live.started != 1 {
		t.Errorf("the live server was started %d times", live.started)
	}
}

// TestNewFetchesLostAnswers has a recording that is torn before two answers, one of
// which nobody asks for.
func TestNewFetchesLostAnswers(t *testing.T) {
	path := recorded(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = text[:bytes.Index(text, []byte(`,"event":"end"`))]
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for _, rest := range []string{
		`"from":"host","to":"target","msg":{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"ask","_meta":{"progressToken":"p"}}}}` + "\n",
		`"from":"target","to":"host","msg":{"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{}}}` + "\n",
		`"from":"host","to":"target","msg":{"jsonrpc":"2.0","id":0,"result":{"action":"cancel"}}}` + "\n",
		`"from":"host","to":"target","msg":{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":3}}}}` + "\n",
		`"from":"target","to":"host","msg":{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}}` + "\n",
		`"fr`,
	} {
		text = fmt.Appendf(text, `{"seq":%d,"at":1,%s`, bytes.Count(text, []byte("\n")), rest)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	options := replay.Options{Torn: true}
	for _, mode := range []vcr.Mode{vcr.New, vcr.None} {
		session(t, &vcr.Tape{Path: path, Mode: mode, Live: demoServer(), Options: options}, func(h *host) {
			h.answer = func(wire.Message) string {
				t.Error("the host is asked for the sake of a call that it does not make")
				return "{}"
			}
			h.open()
			h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
			h.wants(h.tool("add", `{"a":1,"b":3}`), `"sum":4`)
			if len(h.heard) > 0 {
				t.Errorf("heard %q", h.heard)
			}
		})
		options.Torn = false
	}
	for _, c := range load(t, path).Calls {
		if c.Response == 0 {
			t.Errorf("it has a call without an answer: %+v", c)
		}
	}
}
