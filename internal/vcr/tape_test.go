package vcr_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/vcr"
	"wiretape/record"
)

func TestModes(t *testing.T) {
	for _, m := range vcr.Modes {
		if got, err := vcr.ParseMode(string(m)); got != m || err != nil {
			t.Errorf("ParseMode(%q) = %q, %v", m, got, err)
		}
	}
	if _, err := vcr.ParseMode(""); err == nil {
		t.Error("no mode is a mode")
	}
}

func TestOncePlaysWhatItRecorded(t *testing.T) {
	path := recorded(t)
	live := demoServer()
	session(t, &vcr.Tape{Path: path, Mode: vcr.Once, Live: live}, func(h *host) {
		h.open()
		h.wants(h.tool("add", `{"a":1,"b":2}`), `"sum":3`)
	})
	if live.started > 0 {
		t.Error("the live server was started")
	}
}

func TestNoneTellsWhatWasMissed(t *testing.T) {
	tape := &vcr.Tape{Path: recorded(t), Mode: vcr.None}
	h := connect(t, tape)
	h.open()
	h.wants(h.tool("add", `{"a":1,"b":5}`), `"error"`)
	h.leave()
	if err := tape.Close(); err == nil || !strings.Contains(err.Error(), "1 call was not answered") {
		t.Errorf("err = %v", err)
	}
}

func TestNoneNeedsARecording(t *testing.T) {
	tape := &vcr.Tape{Path: filepath.Join(t.TempDir(), "x.jsonl"), Mode: vcr.None}
	if _, _, err := tape.Open(); err == nil || !strings.Contains(err.Error(), "there is no recording") {
		t.Errorf("err = %v", err)
	}
}

func TestAllReplacesTheRecording(t *testing.T) {
	path := recorded(t)
	old := load(t, path)
	tape := &vcr.Tape{Path: path, Mode: vcr.All, Live: demoServer()}
	h := connect(t, tape)
	h.open()
	if now := load(t, path); now.Header.ID != old.Header.ID {
		t.Error("the old recording is gone before the new one is complete")
	}
	h.leave()
	if err := tape.Close(); err != nil {
		t.Fatal(err)
	}
	if now := load(t, path); now.Header.ID == old.Header.ID {
		t.Error("the old recording is still there")
	}
	if found := files(t, path); !slices.Equal(found, []string{"x.jsonl"}) {
		t.Errorf("files: %q", found)
	}
}

// TestSessionWithoutAnswer has a server that ends at once.
func TestSessionWithoutAnswer(t *testing.T) {
	broken := func() *server { return &server{serve: func(io.Reader, io.Writer) error { return nil }} }
	path := recorded(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tape := &vcr.Tape{Path: path, Mode: vcr.All, Live: broken()}
	connect(t, tape).leave()
	if err := tape.Close(); err == nil || !strings.Contains(err.Error(), "stays as it was") {
		t.Errorf("err = %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the old recording has changed: %v", err)
	}

	fresh := filepath.Join(t.TempDir(), "x.jsonl")
	tape = &vcr.Tape{Path: fresh, Mode: vcr.Once, Live: broken()}
	connect(t, tape).leave()
	if err := tape.Close(); err == nil || !strings.Contains(err.Error(), "there is no recording") {
		t.Errorf("err = %v", err)
	}
	for _, p := range []string{path, fresh} {
		if found := files(t, p); len(found) > 1 {
			t.Errorf("files: %q", found)
		}
	}
}

func TestServerThatCannotBeStarted(t *testing.T) {
	path := recorded(t)
	before := load(t, path)
	tape := &vcr.Tape{Path: path, Mode: vcr.All, Live: &server{err: errNoServer}}
	h := connect(t, tape)
	h.in.Close()
	if err := <-h.done; !errors.Is(err, errNoServer) {
		t.Errorf("err = %v", err)
	}
	if err := tape.Close(); err != nil {
		t.Error(err)
	}
	if after := load(t, path); after.Header.ID != before.Header.ID {
		t.Error("the recording was replaced")
	}
}

// connections records two connections of a session.
func connections(t *testing.T, path string, mode vcr.Mode) {
	t.Helper()
	tape := &vcr.Tape{Path: path, Mode: mode, Live: demoServer()}
	_, rec, err := tape.Open()
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 2; n++ {
		w, err := rec(n)
		if err != nil {
			t.Fatal(err)
		}
		w.Line(record.Host, record.Target, []byte(`{"jsonrpc":"2.0","id":1,"method":"which"}`+"\n"))
		w.Line(record.Target, record.Host, []byte(`{"jsonrpc":"2.0","id":1,"result":{"n":`+string(rune('0'+n))+`}}`+"\n"))
		if _, err := w.Close("host"); err != nil {
			t.Fatal(err)
		}
	}
	if err := tape.Close(); err != nil {
		t.Fatal(err)
	}
}

// playsConnections has them played in turn.
func playsConnections(t *testing.T, path string) {
	t.Helper()
	tape := &vcr.Tape{Path: path, Mode: vcr.None}
	endpoint, _, err := tape.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"n":1`, `"n":2`, `"n":2`} {
		h := join(t, endpoint, nil)
		h.wants(h.call("which", `{}`), want)
		h.leave()
	}
	if err := errors.Join(tape.Played().Unused(), tape.Close()); err != nil {
		t.Error(err)
	}
}

func TestConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	for _, mode := range []vcr.Mode{vcr.Once, vcr.All} {
		connections(t, path, mode)
		if found := files(t, path); !slices.Equal(found, []string{"x-2.jsonl", "x.jsonl"}) {
			t.Fatalf("%s: files: %q", mode, found)
		}
		playsConnections(t, path)
	}
}

// TestConnectionsReplaceNothingElse has their names taken by what is none of them.
func TestConnectionsReplaceNothingElse(t *testing.T) {
	other, err := os.ReadFile(recorded(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		mode vcr.Mode // of a recording that is there before, if it is All
		text string
	}{
		{"notes", vcr.Once, "my notes"},
		{"notes", vcr.All, "my notes"},
		{"another session", vcr.All, string(other)},
		{"a second connection of another session", vcr.Once, strings.Replace(string(other), `"connection":1`, `"connection":2`, 1)},
	} {
		t.Run(string(c.mode)+" "+c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.jsonl")
			if c.mode == vcr.All {
				path = recorded(t)
			}
			taken := filepath.Join(filepath.Dir(path), "x-2.jsonl")
			if err := os.WriteFile(taken, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				connections(t, path, c.mode)
				c.mode = vcr.All
				if text, err := os.ReadFile(taken); err != nil || string(text) != c.text {
					t.Errorf("it was replaced by %q, %v", text, err)
				}
				if found := files(t, path); !slices.Equal(found, []string{"x-2.jsonl", "x-3.jsonl", "x.jsonl"}) {
					t.Errorf("files: %q", found)
				}
			}
			playsConnections(t, path)
			if err := os.Remove(taken); err != nil {
				t.Fatal(err)
			}
			playsConnections(t, path)
		})
	}
}

// TestOthersConnection has a file that another session left.
func TestOthersConnection(t *testing.T) {
	path := recorded(t)
	text, err := os.ReadFile(recorded(t))
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), `"connection":1`, `"connection":2`, 1))
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "x-2.jsonl"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	tape := &vcr.Tape{Path: path, Mode: vcr.None}
	if _, _, err := tape.Open(); err != nil {
		t.Fatal(err)
	}
	if n := len(tape.Played().Recordings); n != 1 {
		t.Errorf("%d recordings are played", n)
	}
	if err := tape.Close(); err != nil {
		t.Error(err)
	}
}

func TestRulesBeside(t *testing.T) {
	path := recorded(t)
	beside := filepath.Join(filepath.Dir(path), "x.rules.json")
	for _, c := range []struct{ rules, err, sum string }{
		{`{"rules":[{"name":"add","ignore":["/params/arguments/b"]}]}`, "", `"sum":3`},
		{`{"rules":[{"match":"fuzzy"}]}`, "rules from " + beside + ": rule 1: ", ""},
		{`{"rules":[{},{"exhausted":"never"}]}`, "rule 2: ", ""},
		{`{"rules":[{"ignore":["a"]}]}`, "rule 1: ", ""},
		{`{"rules":`, "reading rules", ""},
	} {
		if err := os.WriteFile(beside, []byte(c.rules), 0o600); err != nil {
			t.Fatal(err)
		}
		tape := &vcr.Tape{Path: path, Mode: vcr.None}
		if c.err == "" {
			session(t, tape, func(h *host) {
				h.open()
				h.wants(h.tool("add", `{"a":1,"b":9}`), c.sum)
			})
			continue
		}
		if _, _, err := tape.Open(); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: err = %v", c.rules, err)
		}
	}
}
