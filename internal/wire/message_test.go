package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range odd {
		t.Run(test.name, func(t *testing.T) {
			line := []byte(test.line)
			if got := Parse(line); !reflect.DeepEqual(got, test.want) {
				t.Errorf("Parse(%q)\n got %v\nwant %v", clip(line), show(got), show(test.want))
			}
			if string(line) != test.line {
				t.Error("Parse wrote to the line")
			}
		})
	}
}

// Lines that another parser accepts are those that Parse sees something in, and
// both see the same.
func TestParseAgrees(t *testing.T) {
	for _, line := range corpus(t) {
		agrees(t, line)
	}
}

func agrees(t *testing.T, line []byte) {
	t.Helper()
	m := Parse(line)
	for _, part := range [][]byte{m.ID, m.Params, m.Result, m.Error} {
		if !within(line, part) {
			t.Fatalf("%q: %q is no part of the line", clip(line), clip(part))
		}
	}
	var members map[string]json.RawMessage
	switch {
	case !json.Valid(line):
		if !reflect.DeepEqual(m, Message{}) {
			t.Fatalf("%q is no JSON, but Parse sees %v", clip(line), show(m))
		}
		return
	case Is(line, '[') != (m.Kind == Batch):
		t.Fatalf("%q is a %v", clip(line), m.Kind)
	case !Is(line, '{'):
		return
	}
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatal(err)
	}
	if string(members["error"]) == "null" {
		delete(members, "error")
	}
	for name, part := range map[string][]byte{"id": m.ID, "params": m.Params, "result": m.Result, "error": m.Error} {
		if !bytes.Equal(part, members[name]) {
			t.Fatalf("%q: %s is %q, want %q", clip(line), name, clip(part), clip(members[name]))
		}
	}
	var method any
	if json.Unmarshal(members["method"], &method); method == nil {
		method = ""
	}
	if text, ok := method.(string); ok && text != m.Method {
		t.Fatalf("%q: method is %q, want %q", clip(line), m.Method, text)
	}
}

func TestPeek(t *testing.T) {
	tests := []struct {
		prefix string
		ok     bool
		kind   Kind
		id     string
	}{
		{`{"jsonrpc":"2.0","id":1,"method":"ping"`, false, Junk, `1`},
		{`{"jsonrpc":"2.0","id":1,"method":"ping",`, true, Request, `1`},
		{`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"not read \x`, true, Request, `1`},
		{`{"method":"ping","jsonrpc":"2.0","params":{},"id":1}`, true, Request, `1`},
		{`{"method":"ping","id":12`, false, Notification, ``}, // 12 may go on
		{`{"method":"ping","id":12 `, true, Request, `12`},
		{`{"method":"ping","id":"1`, false, Notification, ``},
		{`{"id":1,"result":`, true, Response, `1`},
		{`{"id":1,"result":{"content":[{"type":"text","text":"aaa`, true, Response, `1`},
		{`{"id":null,"error":{"co`, true, Response, `null`},
		{`{"\u0069d":1,"\u0072esult":[`, true, Response, `1`},
		{" \r\n\t{ \"id\" : 1.0 , \"result\" : ", true, Response, `1.0`},
		{`{"id":1,"res`, false, Junk, `1`},
		{`{"id":1`, false, Junk, ``},
		{`{"result":{},"jsonrpc":"2.0",`, false, Response, ``}, // the id comes last
		{`{"result":{},"jsonrpc":"2.0","id":1}`, true, Response, `1`},
		{`{"error":{"code":-32700}}`, false, Response, ``},
		{`{"jsonrpc":"2.0","method":"notifications/progress","params":{`, false, Notification, ``},
		{`{"method":null,"id":1,"x":0}`, false, Junk, `1`},
		{`[{"id":1,"method":"ping"}`, false, Junk, ``},
		{"\ufeff{\"id\":1,\"result\":{", false, Junk, ``},
		{`words`, false, Junk, ``},
		{``, false, Junk, ``},
	}
	for _, test := range tests {
		m, ok := Peek([]byte(test.prefix))
		if ok != test.ok || m.Kind != test.kind || string(m.ID) != test.id {
			t.Errorf("Peek(%q) = %v, %v, want %v %s, %v", test.prefix, show(m), ok, test.kind, test.id, test.ok)
		}
	}
}

// What Peek says of any beginning of a valid line, Parse says of the line.
func TestPeekNeverContradictsParse(t *testing.T) {
	told := 0
	for _, line := range corpus(t) {
		if !json.Valid(line) || ambiguous(line) {
			continue
		}
		whole := Parse(line)
		for n := range min(len(line), 2_000) {
			if m, ok := Peek(line[:n]); ok {
				told++
				agree(t, line[:n], m, whole)
			}
		}
	}
	if told < 1_000 {
		t.Errorf("Peek had an answer for only %d beginnings", told)
	}
}

func agree(t *testing.T, prefix []byte, m, whole Message) {
	t.Helper()
	if m.Kind != whole.Kind || !bytes.Equal(m.ID, whole.ID) {
		t.Fatalf("Peek(%q) = %v, but the line is %v", clip(prefix), show(m), show(whole))
	}
}

// ambiguous reports whether a member that decides stands twice in line.
func ambiguous(line []byte) bool {
	seen := map[string]int{}
	for name := range Members(line) {
		seen[name]++
	}
	return max(seen["id"], seen["method"], seen["result"], seen["error"]) > 1
}

// A line of 64 MB is a message like any other, whether its id comes first or last.
func TestVeryLongLine(t *testing.T) {
	result := `{"content":[{"type":"text","text":"` + strings.Repeat("0123456789abcdef", 64<<20/16) + `"}]}`
	last := []byte(`{"result":` + result + `,"jsonrpc":"2.0","id":7}` + "\n")
	if m := Parse(last); m.Kind != Response || string(m.ID) != "7" || len(m.Result) != len(result) {
		t.Errorf("id last: Parse sees a %v with id %q", m.Kind, m.ID)
	}
	if _, ok := Peek(last[:pieceSize]); ok {
		t.Error("id last: Peek knows the id from the first piece")
	}
	first := []byte(`{"jsonrpc":"2.0","id":7,"result":` + result + "}\n")
	if m, ok := Peek(first[:pieceSize]); !ok || m.Kind != Response || string(m.ID) != "7" {
		t.Errorf("id first: Peek sees %v, %v", show(m), ok)
	}
	if body, _ := Cut(first); !Valid(body) {
		t.Error("id first: not valid")
	}
}

func TestCut(t *testing.T) {
	for line, want := range map[string][2]string{
		"":         {"", ""},
		"a":        {"a", ""},
		"a\n":      {"a", "\n"},
		"a\r\n":    {"a", "\r\n"},
		"a\r":      {"a\r", ""},
		"a\r\r\n":  {"a\r", "\r\n"},
		"a \n":     {"a ", "\n"},
		"a\n\n":    {"a\n", "\n"},
		"\n":       {"", "\n"},
		"\r\n":     {"", "\r\n"},
		"a\u2028":  {"a\u2028", ""},
		"a\x00b\n": {"a\x00b", "\n"},
	} {
		body, eol := Cut([]byte(line))
		if got := [2]string{string(body), string(eol)}; got != want {
			t.Errorf("Cut(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestKindNames(t *testing.T) {
	for kind, want := range map[Kind]string{Junk: "junk", Request: "request", Notification: "notification", Response: "response", Batch: "batch"} {
		if kind.String() != want {
			t.Errorf("%d is %q, want %q", kind, kind, want)
		}
	}
}

// show makes a message readable.
func show(m Message) string {
	var out strings.Builder
	out.WriteString(m.Kind.String())
	for _, part := range []struct {
		name string
		raw  []byte
	}{{"id", m.ID}, {"method", []byte(m.Method)}, {"params", m.Params}, {"result", m.Result}, {"error", m.Error}} {
		if part.raw != nil {
			out.WriteString(" " + part.name + "=" + string(clip(part.raw)))
		}
	}
	return out.String()
}
