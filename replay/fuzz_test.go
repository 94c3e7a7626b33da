package replay_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"wiretape/internal/wire"
	"wiretape/replay"
)

// FuzzHost lets a host say anything to a recording. Nothing hangs, and each request gets at most one answer, which is
// the recorded one for the recorded call.
func FuzzHost(f *testing.F) {
	for _, line := range []string{
		call("1", "a", `{"x":1}`), req("0", "initialize", sampling), note("notifications/initialized", ""), res("1", `{}`),
		note("notifications/cancelled", `{"requestId":1}`), "[" + call("1", "a", `{"x":1}`) + "]", "{bad", req("1", "ping", ""),
		modern("1", "server/discover", ""), modern(`"l"`, "subscriptions/listen", `,"notifications":{}`),
	} {
		f.Add([]byte(line + "\n" + line + "\n"))
	}
	rec, err := replay.Open(recorded(f, append(handshake[:3:3], "< "+req("9", "roots/list", ""), "> "+res("9", `{}`),
		"> "+call("1", "a", `{"x":1}`), "< "+req("3", "sampling/createMessage", `{}`), "> "+res("3", `{}`), "< "+res("1", `"of a"`),
		"> "+modern(`"l"`, "subscriptions/listen", `,"notifications":{}`), "< "+note("notifications/subscriptions/acknowledged", `{"_meta":{"io.modelcontextprotocol/subscriptionId":"l"}}`),
		"> "+call("2", "b", `{}`), "> "+note("notifications/cancelled", `{"requestId":2}`), "< "+note("notifications/message", `1`))...))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { rec.Close() })
	f.Fuzz(func(t *testing.T, said []byte) {
		s := rec.Start()
		defer s.Close()
		if _, err := s.Write(said); err != nil {
			t.Fatal(err)
		}
		s.CloseInput()
		heard, err := io.ReadAll(s)
		if err != nil {
			t.Fatal(err)
		}
		asked := make(map[string]int)
		for line := range bytes.Lines(said) {
			count(line, wire.Request, asked)
		}
		answered := make(map[string]int)
		for line := range bytes.Lines(heard) {
			count(line, wire.Response, answered)
			m := wire.Parse(line)
			if m.Kind == wire.Junk {
				t.Errorf("said %q", line)
			}
			if string(m.Result) == `"of a"` && !bytes.Contains(said, []byte("name")) {
				t.Errorf("an answer to a call that was not made: %s", line)
			}
		}
		for id, n := range answered {
			if n > asked[id] && id != "null" {
				t.Errorf("%d answers to %d requests with id %s", n, asked[id], id)
			}
		}
	})
}

// count counts the messages of a kind by id, in batches too.
func count(line []byte, kind wire.Kind, by map[string]int) {
	m := wire.Parse(line)
	switch m.Kind {
	case kind:
		by[string(m.ID)]++
	case wire.Batch:
		for element := range wire.Elements(line) {
			if m := wire.Parse(element); m.Kind == kind {
				by[string(m.ID)]++
			}
		}
	}
}

// FuzzRecording plays anything as a recording to a host that repeats what is in it.
func FuzzRecording(f *testing.F) {
	paths, err := filepath.Glob(sessions)
	if err != nil || len(paths) == 0 {
		f.Fatalf("no recordings: %v", err)
	}
	for _, path := range paths[:8] {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[:min(len(text), 8<<10)])
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "x.jsonl")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		rec, err := replay.Options{Torn: true}.Open(path)
		if err != nil {
			return
		}
		defer rec.Close()
		s := rec.Start()
		defer s.Close()
		for line := range bytes.Lines(text) {
			if message := wire.Get(line, "msg"); message != nil {
				line = append(bytes.Clone(message), '\n')
			}
			if _, err := s.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		s.CloseInput()
		if _, err := io.Copy(io.Discard, s); err != nil {
			t.Fatal(err)
		}
		s.Report()
	})
}
