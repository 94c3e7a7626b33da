package imports

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/record"
)

// TestBytes shows that a message is what it is in the file.
func TestBytes(t *testing.T) {
	odd := `{ "jsonrpc":"2.0","id":1.0,"id":9007199254740993,"method":"a\u0062c","params":{"x":1e2,"x":"\ud800","y":"` + "\xff" + `"}}`
	for name, text := range map[string]string{
		"mcpsnoop":  strings.Replace(snoopStart, `{"jsonrpc":"2.0","id":1,"method":"ping"}`, odd, 1),
		"npm":       npmStart + strings.Replace(npmFrame, `{"jsonrpc":"2.0","id":1,"method":"ping"}`, odd, 1),
		"mcporter":  strings.TrimSuffix(odd, "}") + `,"_meta":{"dir":"send","server":"s","ts":"2026-11-22T08:00:00Z"}}`,
		"mcp-rec":   strings.Replace(recStart, `{"jsonrpc": "2.0", "id": 1, "method": "ping"}`, odd, 1),
		"PyPI":      pypiStart + strings.Replace(pypiMessage, `{"jsonrpc":"2.0","id":1,"method":"ping"}`, odd, 1) + "]}",
		"recorder":  recorder + `{"type":"jsonrpc_request","request":` + odd + `}]}`,
		"CRLF":      strings.Replace(strings.Replace(snoopStart, `{"jsonrpc":"2.0","id":1,"method":"ping"}`, odd, 1), "\n", "\r\n", 1),
		"first _me": `{"_meta":{"dir":"send","server":"s","ts":"2026-11-22T08:00:00Z"},` + odd[1:] + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, []byte(text)).Connections[0]
			written(t, c)
			got := strings.Replace(string(events(t, c)[0].Line), `{ "`, `{"`, 1)
			if want := strings.Replace(odd, `{ "`, `{"`, 1) + "\n"; got != want {
				t.Errorf("the line is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestIndented: a message stands on one line, whatever the document looks like,
// and nothing but white space is lost on the way.
func TestIndented(t *testing.T) {
	text := pypiStart + `{"seq":0,"t_offset_ms":1,"sender":"client","payload":{` + "\r\n\t" + `"jsonrpc" : "2.0",` + "\n" + `"method": "a  b\n","params":[1.50, 1E+2]` + "\n}}]}"
	got := string(events(t, open(t, []byte(text)).Connections[0])[0].Line)
	if want := `{"jsonrpc":"2.0","method":"a  b\n","params":[1.50,1E+2]}` + "\n"; got != want {
		t.Errorf("the line is %s, want %s", got, want)
	}
}

// TestByteOrderMark: a mark before the text is no part of it.
func TestByteOrderMark(t *testing.T) {
	for _, v := range vectors(t) {
		if got := picture(t, open(t, append([]byte("\ufeff"), v.section("in")...))); got != string(v.section("want")) {
			t.Errorf("%s: read\n%s", v.path, got)
		}
	}
	if err := tried(t, "\ufeff"); !errors.Is(err, record.ErrEmpty) {
		t.Errorf("a mark alone: %v", err)
	}
}

// TestSaidOnce: what only one line tells of the server stays known.
func TestSaidOnce(t *testing.T) {
	bare := strings.NewReplacer(`"server_label":"l",`, "", `"transport":"stdio",`, "").Replace(snoopStart)
	for _, text := range []string{snoopStart + bare, bare + snoopStart} {
		c := open(t, []byte(text)).Connections[0]
		if h := c.Header; h.Label != "l" || h.Target.Transport != "stdio" {
			t.Errorf("%s\nhas the header %+v, and lacks %q", text, h, c.Lacks)
		}
	}
}

func TestStarted(t *testing.T) {
	undated := "when the connection began is not known"
	for text, want := range map[string]string{
		strings.Replace(npmStart, `"startedAt":"2026-11-22T08:00:00Z",`, "", 1) + npmFrame: "2026-01-02T03:04:05Z",
		npmStart + npmFrame: "2026-11-22T08:00:00Z",
		strings.Replace(pypiStart, "08:00:00Z", "10:00:00.5+02:00", 1) + pypiMessage + "]}":                   "2026-11-22T08:00:00.499Z",
		strings.Replace(pypiStart, "08:00:00Z", "08:00:00.123456", 1) + pypiMessage + "]}":                    "2026-11-22T08:00:00.122456Z",
		recorder + `{"type":"notification","request":{"jsonrpc":"2.0","method":"m"}}]}`:                       "2026-01-02T03:04:05Z",
		strings.Replace(snoopStart, `"ts":"2026-11-22T08:00:00Z",`, "", 1):                                    "2026-01-02T03:04:05Z",
		strings.Replace(recStart, "1795334400.5", "1795334400.123456789", 1):                                  "2026-11-22T08:00:00.123456789Z",
		strings.Replace(porterStart, "08:00:00Z", "09:00:00.000000001+01:00", 1):                              "2026-11-22T08:00:00.000000001Z",
		strings.Replace(snoopStart, "08:00:00Z", "08:00:00.1Z", 1) + snoopStart /* the clock was set back */ : "2026-11-22T08:00:00.1Z",
	} {
		c := open(t, []byte(text)).Connections[0]
		if got := c.Header.Started.Format(time.RFC3339Nano); got != want {
			t.Errorf("%s\nbegan at %s, want %s", text, got, want)
		}
		if unknown := c.Header.Started.Equal(moment); unknown != slices.ContainsFunc(c.Lacks, func(s string) bool { return strings.HasPrefix(s, undated) }) {
			t.Errorf("%s\nlacks %q", text, c.Lacks)
		}
	}
}

// TestLargeFile: what is in memory of a file with an entry a line is an index.
func TestLargeFile(t *testing.T) {
	const messages, size = 200, 100 << 10
	path := filepath.Join(t.TempDir(), "large")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.Repeat("x", size)
	for i := range messages {
		fmt.Fprintf(file, `{"session_id":"s","server_label":"l","seq":%d,"ts":"2026-11-22T08:00:00Z","direction":"c2s","raw":{"jsonrpc":"2.0","method":"m","params":{"n":%d,"fill":"%s"}}}`+"\n", i+1, i, fill)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for e, err := range f.Connections[0].Events() {
		if err != nil || len(e.Line) < size || !strings.Contains(string(e.Line[:100]), fmt.Sprintf(`"n":%d,`, n)) {
			t.Fatalf("event %d is %.100s, %v", n, e.Line, err)
		}
		n++
	}
	if n != messages {
		t.Errorf("there are %d events, want %d", n, messages)
	}
}

// TestChangedFile: a file that has become shorter since is an error, not junk.
func TestChangedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(snoopStart+snoopStart), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, int64(len(snoopStart))); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.jsonl")
	c := f.Connections[0]
	if _, err := record.Rewrite(out, c.Header, c.Events(), Reason); err == nil || !strings.Contains(err.Error(), "shorter") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("there is half a recording")
	}
}

// TestSessions: sessions that stand in one file become connections of their own.
func TestSessions(t *testing.T) {
	for text, want := range map[string][]int{
		npmStart + npmFrame + npmFrame + npmStart + npmFrame:                               {2, 1},
		snoopStart + strings.Replace(snoopStart, `"s"`, `"other"`, 1) + snoopStart:         {2, 1},
		porterStart + strings.Replace(porterStart, `"s"`, `"other"`, 1):                    {1, 1},
		recStart + strings.Replace(recStart, "ping", "initialize", 1) + recStart:           {1, 2},
		strings.Replace(recStart, "ping", "initialize", 1) + recStart /* the first one */ : {2},
	} {
		f := open(t, []byte(text))
		var got []int
		for i, c := range f.Connections {
			got = append(got, len(events(t, c)))
			if h := c.Header; h.Connection != i+1 || h.Session != f.Connections[0].Header.Session || i > 0 && h.ID == f.Connections[0].Header.ID {
				t.Errorf("%s\nconnection %d has the header %+v", text, i+1, h)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\nhas connections of %v events, want %v", text, got, want)
		}
	}
}

// TestPipe: what cannot be read twice is kept.
func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(snoopStart + snoopStart); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f := &File{file: r}
	defer f.Close()
	if err := f.begin(); err != nil {
		t.Fatal(err)
	}
	if n := len(events(t, f.Connections[0])); n != 2 {
		t.Errorf("there are %d events, want 2", n)
	}
}
