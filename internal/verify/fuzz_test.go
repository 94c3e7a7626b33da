package verify_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/verify"
	"wiretape/internal/wire"
)

// talks are what is said in recordings, a message a line; those with a '<' are the server's.
var talks = []string{
	`{"id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"a"},"_meta":{"progressToken":1}}}
<{"method":"notifications/progress","params":{"progressToken":1,"progress":1}}
<{"method":"notifications/progress","params":{"progressToken":1,"progress":2}}
<{"id":1,"result":{"content":[{"type":"text","text":"a"}],"structuredContent":{"a":[1,2]},"isError":false}}
{"id":2,"method":"tools/call","params":{"name":"echo"}}
<{"id":2,"error":{"code":-32602,"message":"no","data":{"a":1}}}
{"id":3,"method":"tools/call","params":{"name":"echo"}}
{"method":"notifications/cancelled","params":{"requestId":3}}`,
	`{"id":1,"method":"tools/list"}
<{"id":1,"result":{"nextCursor":"b","tools":[{"name":"a","inputSchema":{"type":"object","required":["x"]}},{"name":"b"}]}}
{"id":2,"method":"tools/list","params":{"cursor":"b"}}
<{"id":2,"result":{"tools":[{"name":"c","outputSchema":{"type":"object"}},{"name":"c"}],"ttlMs":3}}
{"id":3,"method":"tools/call","params":{"name":"c"}}
<{"id":3,"result":{"structuredContent":1}}`,
	`[{"id":1,"method":"prompts/list"},{"id":"x","method":"tasks/get","params":{"taskId":"t"}}]
<[{"id":1,"result":{"prompts":[{"name":"p","arguments":[{"name":"a"}]}]}},{"id":"x","result":{"taskId":"t","status":"working"}}]
{"id":4,"method":"tasks/get","params":{"taskId":"t"}}
<{"id":4,"result":{"taskId":"t","status":"completed"}}`,
	`{"id":1,"method":"tools/call","params":{"name":"a"}}
<{"id":1,"result":{"inputRequests":{"j":{"method":"elicitation/create","params":{"elicitationId":"e"}},"k":{"method":"roots/list"}},"requestState":"s"}}
{"id":2,"method":"tools/call","params":{"name":"a","inputResponses":{"j":{},"k":{"roots":[]}},"requestState":"s"}}
<{"id":2,"result":{"content":[]}}`,
	`{"id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{}}}
<{"id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s"},"instructions":"i"}}
<{"id":9,"method":"elicitation/create","params":{"message":"who?"}}
{"id":9,"result":{"action":"decline"}}
<{"id":10,"method":"roots/list"}
<words
{"id":5,"method":"subscriptions/listen","params":{}}
<{"method":"notifications/subscriptions/acknowledged","params":{"notifications":{"a":true},"_meta":{"io.modelcontextprotocol/subscriptionId":5}}}
<{"id":5,"result":{"_meta":{"io.modelcontextprotocol/subscriptionId":5}}}`,
}

// FuzzDiff compares two recordings with themselves, and with each other. The second one is also made of the first one,
// by the mutation of that number.
func FuzzDiff(f *testing.F) {
	for i, talk := range talks {
		f.Add([]byte(talk), []byte(talks[(i+1)%len(talks)]), uint16(0))
		for n := range uint16(20) {
			f.Add([]byte(talk), []byte(""), n*n)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, a, b []byte, n uint16) {
		if len(a)+len(b) > 1<<13 {
			return
		}
		if len(b) == 0 {
			b = mutant(a, int(n))
		}
		first, second := written(t, dir, "a.jsonl", a), written(t, dir, "b.jsonl", b)
		for _, path := range []string{first, second} {
			if list := signs(diff(t, path, path), false); len(list) > 0 {
				t.Fatalf("with itself:\n%s", strings.Join(list, "\n"))
			}
		}
		there, back := signs(diff(t, first, second), false), signs(diff(t, second, first), true)
		if !slices.Equal(there, back) {
			t.Fatalf("there\n%s\nand back\n%s", strings.Join(there, "\n"), strings.Join(back, "\n"))
		}
	})
}

// mutant is a talk in which one mutation of one line was made.
func mutant(talk []byte, n int) []byte {
	lines := bytes.Split(talk, []byte("\n"))
	at := n % len(lines)
	line, fromServer := bytes.CutPrefix(lines[at], []byte("<"))
	all := verify.Mutants(line)
	if !wire.Valid(line) || len(all) == 0 {
		return talk
	}
	if lines[at] = all[n/len(lines)%len(all)]; fromServer {
		lines[at] = append([]byte("<"), lines[at]...)
	}
	return bytes.Join(lines, []byte("\n"))
}

// written writes a recording of a talk.
func written(t *testing.T, dir, name string, talk []byte) string {
	var out bytes.Buffer
	out.WriteString(`{"wiretape":1,"id":"1","label":"x","started":"2026-11-22T08:00:00Z","target":{"transport":"stdio"}}` + "\n")
	seq := 0
	for line := range bytes.Lines(talk) {
		seq++
		from, to := "host", "target"
		if line[0] == '<' {
			from, to, line = to, from, line[1:]
		}
		fmt.Fprintf(&out, `{"seq":%d,"at":%d,"from":%q,"to":%q,"raw64":%q}`+"\n", seq, seq, from, to, base64.StdEncoding.EncodeToString(bytes.TrimSuffix(line, []byte("\n"))))
	}
	fmt.Fprintf(&out, `{"seq":%d,"at":%d,"event":"end","reason":"host","statistics":{}}`+"\n", seq+1, seq+1)
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// FuzzCompared compares two answers with themselves, and with each other.
func FuzzCompared(f *testing.F) {
	for _, talk := range talks {
		methods := map[string]string{}
		for line := range strings.Lines(talk) {
			line, fromServer := strings.CutPrefix(strings.TrimSpace(line), "<")
			m := wire.Parse([]byte(line))
			if !fromServer {
				methods[string(m.ID)] = m.Method
				continue
			}
			for _, other := range verify.Mutants([]byte(line)) {
				f.Add(methods[string(m.ID)], []byte(line), other, "/result/tools/*/name")
			}
		}
	}
	f.Fuzz(func(t *testing.T, method string, a, b []byte, ignored string) {
		if len(a)+len(b) > 1<<13 || wire.Parse(a).Kind != wire.Response || wire.Parse(b).Kind != wire.Response {
			return
		}
		check := &verify.Check{Messages: true}
		for _, answer := range [][]byte{a, b} {
			if found := verify.Compared(check, method, answer, answer); len(found) > 0 {
				t.Fatalf("with itself: %+v", found)
			}
		}
		found := verify.Compared(check, method, a, b)
		there, back := signsOf(found, false), signsOf(verify.Compared(check, method, b, a), true)
		// What a task that is not over says depends on which one it is.
		if method != "tasks/get" && !slices.Equal(there, back) {
			t.Fatalf("there\n%s\nand back\n%s", strings.Join(there, "\n"), strings.Join(back, "\n"))
		}
		for _, one := range found {
			if utf8.Valid(a) && utf8.Valid(b) {
				points(t, a, b, one)
			}
		}
		if ps, err := compare.ParsePointers(ignored); err == nil && ignored != "" {
			check.Ignore = ps
			if less := verify.Compared(check, method, a, b); slices.ContainsFunc(less, func(one findings.Finding) bool { return ps.Match(one.Pointer) && one.Pointer != "" }) {
				t.Fatalf("found in what is ignored: %+v", less)
			}
		}
	})
}

// points checks that a finding's value stands where it says.
func points(t *testing.T, a, b []byte, found findings.Finding) {
	t.Helper()
	value := a
	switch {
	case found.Rule == findings.ToolAdded || found.Rule == findings.EntryAdded:
		value = b
	case found.Recorded == nil || found.Pointer == "":
		return
	}
	p, err := compare.ParsePointer(found.Pointer)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.Names() {
		value = inner(value, name)
	}
	if found.Rule != findings.ToolOrderChanged && !bytes.Equal(value, or(found.Recorded, found.Live)) {
		t.Fatalf("%s is %s, where %+v is", found.Pointer, value, found)
	}
}

func or(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// inner is a member of an object, or an element of an array; nil if there is none.
func inner(value []byte, name string) []byte {
	if wire.Is(value, '{') {
		return wire.Get(value, name)
	}
	n := 0
	for element := range wire.Elements(value) {
		if fmt.Sprint(n) == name {
			return element
		}
		n++
	}
	return nil
}
