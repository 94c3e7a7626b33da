package replay_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/replay"
)

// recorded makes a recording of lines such as "> {…}" for what the host said and "< {…}" for what the target said,
// "p> {…}" and "<p {…}" for what the proxy said and heard, "x 3" for an end of the target with status 3. The line "…"
// lets a second pass, and the line "!" tears the recording there.
func recorded(t testing.TB, lines ...string) string {
	t.Helper()
	out := []string{`{"wiretape":1,"id":"01a2","session":"01a1","connection":1,"label":"test","started":"2026-11-22T08:00:00Z","target":{"transport":"stdio","command":["test"]},"version":"1"}`}
	seq, at, reason := 0, 0.0, "host"
	event := func(format string, args ...any) {
		seq++
		at += 0.001
		out = append(out, fmt.Sprintf(`{"seq":%d,"at":%.3f,`, seq, at)+fmt.Sprintf(format, args...)+"}")
	}
	torn := false
	for _, line := range lines {
		kind, text, _ := strings.Cut(line, " ")
		switch kind {
		case ">":
			event(`"from":"host","to":"target",%s`, body(text))
		case "<":
			event(`"from":"target","to":"host",%s`, body(text))
		case "p>":
			event(`"from":"proxy","to":"target",%s`, body(text))
		case "<p":
			event(`"from":"target","to":"proxy",%s`, body(text))
		case "hp>":
			event(`"from":"host","to":"proxy",%s`, body(text))
		case "<hp":
			event(`"from":"proxy","to":"host",%s`, body(text))
		case "x":
			reason = "exit"
			event(`"event":"exit","code":%s`, text)
		case "…":
			at++
		case "!":
			torn = true
		default:
			t.Fatalf("a line of a recording begins with %q", kind)
		}
	}
	if !torn {
		event(`"event":"end","reason":%q,"statistics":{}`, reason)
	}
	path := filepath.Join(t.TempDir(), "test.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(out, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func body(text string) string {
	if json.Valid([]byte(text)) {
		return `"msg":` + text
	}
	return fmt.Sprintf(`"raw":%q`, text)
}

// talk is a host that says and hears one line after the other.
type talk struct {
	t      testing.TB
	s      *replay.Session
	in     *bufio.Reader
	warned *[]string
	probes int
}

// begin opens a recording and talks to it.
func begin(t testing.TB, o replay.Options, lines ...string) *talk {
	t.Helper()
	return talkTo(t, o, recorded(t, lines...))
}

func talkTo(t testing.TB, o replay.Options, path string) *talk {
	t.Helper()
	var warned []string
	o.Warn = func(sentence string) { warned = append(warned, sentence) }
	rec, err := o.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	s := rec.Start()
	t.Cleanup(func() {
		s.Close()
		if err := rec.Close(); err != nil {
			t.Error(err)
		}
	})
	return &talk{t: t, s: s, in: bufio.NewReader(s), warned: &warned}
}

func (k *talk) say(lines ...string) {
	k.t.Helper()
	for _, line := range lines {
		if _, err := k.s.Write([]byte(line + "\n")); err != nil {
			k.t.Fatal(err)
		}
	}
}

// line gives the next line that is heard.
func (k *talk) line() string {
	k.t.Helper()
	line, err := k.in.ReadString('\n')
	if err != nil {
		k.t.Fatalf("%q, then %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// hears checks what is heard next.
func (k *talk) hears(want ...string) {
	k.t.Helper()
	for _, want := range want {
		if got := k.line(); got != want {
			k.t.Fatalf("heard %s\nwant  %s", got, want)
		}
	}
}

// fails hears an error with a code, the text of which has all the parts.
func (k *talk) fails(id string, code int, parts ...string) {
	k.t.Helper()
	got := k.line()
	if !strings.HasPrefix(got, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,`, id, code)) {
		k.t.Errorf("heard %s\nwant an error %d for %s", got, code, id)
	}
	for _, part := range parts {
		if !strings.Contains(got, part) {
			k.t.Errorf("%s\nis not in %s", part, got)
		}
	}
}

// silent checks that nothing is left to be heard.
func (k *talk) silent() {
	k.t.Helper()
	k.probes++
	id := fmt.Sprintf(`"probe-%d"`, k.probes)
	k.say(`{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}`)
	k.hears(`{"jsonrpc":"2.0","id":` + id + `,"result":{}}`)
}

// ends checks that nothing more is heard to the end, and gives the report.
func (k *talk) ends() replay.Report {
	k.t.Helper()
	k.s.CloseInput()
	if rest, err := io.ReadAll(k.in); err != nil || len(rest) > 0 {
		k.t.Fatalf("at the end was heard %q, %v", rest, err)
	}
	return k.s.Report()
}

// warns checks that the user was told something.
func (k *talk) warns(part string) {
	k.t.Helper()
	if !slices.ContainsFunc(*k.warned, func(s string) bool { return strings.Contains(s, part) }) {
		k.t.Errorf("%q is not among the warnings %q", part, *k.warned)
	}
}

func req(id, method, params string) string {
	if params == "" {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q}`, id, method)
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
}

func res(id, result string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, id, result)
}

func note(method, params string) string {
	if params == "" {
		return fmt.Sprintf(`{"jsonrpc":"2.0","method":%q}`, method)
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params)
}

// call is a call of a tool.
func call(id, tool, arguments string) string {
	return req(id, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, tool, arguments))
}
