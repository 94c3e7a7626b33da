package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

var update = flag.Bool("update", false, "write fixtures/format again: the compressed vectors and what is expected")

const vectorFolder = "../fixtures/format"

// vectors gives the recordings in fixtures/format.
func vectors(t testing.TB) []string {
	plain, _ := filepath.Glob(vectorFolder + "/*.jsonl")
	packed, _ := filepath.Glob(vectorFolder + "/*.jsonl.zst")
	if len(plain) < 20 || len(packed) < 5 {
		t.Fatalf("found only %d plain and %d compressed vectors in %s", len(plain), len(packed), vectorFolder)
	}
	return append(plain, packed...)
}

// TestVectors puts every vector through all that can be done with a recording.
// NAME.want says what comes of it; its comments say what the vector is about.
func TestVectors(t *testing.T) {
	if *update {
		compressVectors(t)
	}
	for _, path := range vectors(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := outcome(t, path)
			about, want := readWant(t, path)
			if *update {
				if err := os.WriteFile(path+".want", []byte(about+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if about == "" {
				t.Error("the vector does not say what it is about")
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func readWant(t *testing.T, path string) (about, want string) {
	text, err := os.ReadFile(path + ".want")
	if err != nil {
		t.Fatal(err)
	}
	want = string(text)
	for strings.HasPrefix(want, "#") {
		line, rest, _ := strings.Cut(want, "\n")
		about, want = about+line+"\n", rest
	}
	return about, want
}

// outcome says in plain text what comes of a vector.
func outcome(t *testing.T, path string) string {
	var b strings.Builder
	name := filepath.Base(path) + ": "
	describe := func(err error) string {
		if err == nil {
			return "none"
		}
		_, text, _ := strings.Cut(err.Error(), name)
		return text
	}
	r, err := Load(path)
	fmt.Fprintf(&b, "error: %s\n", describe(err))
	info, err := Stat(path)
	if r == nil {
		if err == nil {
			t.Error("Stat reads what Load does not")
		}
		return b.String()
	}
	fmt.Fprintf(&b, "stat: %s\n", describe(err))
	if info.End != nil {
		fmt.Fprintf(&b, "stat: %d events, %v, ended by %q\n", info.Events, info.Duration, info.End.Reason)
	}
	fmt.Fprintf(&b, "rewritten: %s\n", rewritten(t, r, path))
	for i := range r.Events {
		fmt.Fprintf(&b, "event: %s\n", say(&r.Events[i]))
	}
	for _, c := range r.Calls {
		fmt.Fprintf(&b, "call: %s asks %s %s %s id %s, event %d answered by %d after %v, error %v\n",
			c.From, c.To, c.Method, c.Tool, c.ID, c.Request, c.Response, c.Latency, c.Error)
	}
	fmt.Fprintf(&b, "statistics: %s\n", r.Statistics.append(nil))
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if counted, _, _ := Count(again); string(counted.append(nil)) != string(r.Statistics.append(nil)) {
		t.Errorf("Count gives %s", counted.append(nil))
	}
	if r.End != nil && r.End.Raw != nil {
		fmt.Fprintf(&b, "statistics of the end event: %s\n", sameAs(r.End.Raw, r.Statistics.append(nil)))
	}
	return b.String()
}

func sameAs(a, b []byte) string {
	if bytes.Equal(a, b) {
		return "the same"
	}
	return "others"
}

// say prints an event with the bytes that were on the wire.
func say(e *Event) string {
	if e.Line == nil {
		rest := *e
		rest.Seq, rest.At = 0, 0
		return fmt.Sprintf("%d %v %s", e.Seq, e.At, rest.Append(nil))
	}
	to := string(e.To)
	if e.Stderr {
		to = "stderr"
	}
	extra := ""
	if e.Extra != nil {
		extra = fmt.Sprintf(" extra %s", e.Extra)
	}
	return fmt.Sprintf("%d %v %s>%s %q%s", e.Seq, e.At, e.From, to, e.Line, extra)
}

// rewritten writes a recording again, and says whether the bytes are the same.
func rewritten(t *testing.T, r *Recording, path string) string {
	again := plainText(t, r)
	second := all(again).recording
	if second == nil {
		t.Fatal("a recording that is written again cannot be read")
	}
	calls, _ := Calls(second.Events)
	if !reflect.DeepEqual(calls, r.Calls) || !bytes.Equal(again, plainText(t, second)) {
		t.Error("a recording that is written again is read as another")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".zst") {
		dec, _ := zstd.NewReader(nil)
		defer dec.Close()
		text, _ = dec.DecodeAll(text, nil)
	}
	return sameAs(text, again)
}

func plainText(t *testing.T, r *Recording) []byte {
	var b bytes.Buffer
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type reading struct {
	recording *Recording
	err       error
}

func all(file []byte) reading {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return reading{nil, err}
	}
	defer r.Close()
	recording, err := r.rest()
	return reading{recording, err}
}

// TestCutAtEveryByte cuts every vector at every byte (those that are damaged
// anyway at some). What is read is the beginning of what the whole file gives.
func TestCutAtEveryByte(t *testing.T) {
	for _, path := range vectors(t) {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		whole := all(file)
		step := 1
		if torn := (*DamageError)(nil); whole.err != nil && !(errors.As(whole.err, &torn) && torn.Torn) {
			step = 13
		}
		for n := 0; n < len(file); n += step {
			if problem := cut(whole, all(file[:n]), file[:min(n, 4)]); problem != "" {
				t.Errorf("%s cut at %d: %s", path, n, problem)
				break
			}
		}
	}
}

// cut says what is wrong with what was read of a file that was cut.
func cut(whole, part reading, start []byte) string {
	var d *DamageError
	switch {
	case whole.recording == nil && part.recording == nil:
		return ""
	case errors.Is(part.err, ErrNotRecording) && !isFrame(start) && !bytes.HasPrefix([]byte(headerStart), start):
		return "" // a header that no writer makes
	case whole.recording == nil:
		return "events come out of a file that is no recording"
	case part.recording == nil && (errors.Is(part.err, ErrEmpty) || errors.As(part.err, &d)):
		return ""
	case part.recording == nil:
		return fmt.Sprintf("error %v", part.err)
	}
	if errors.As(whole.err, &d) && !d.Torn {
		// A frame that is damaged gives what is whole of it when it is the last.
		return ""
	}
	got, want := part.recording.Events, whole.recording.Events
	switch {
	case len(got) > len(want) || len(got) > 0 && !reflect.DeepEqual(got, want[:len(got)]):
		return "the events are not the beginning of those of the whole file"
	case part.err == nil && len(got) < len(want):
		return "no error"
	case part.err != nil && (!errors.As(part.err, &d) || !d.Torn):
		return fmt.Sprintf("error %v", part.err)
	}
	return ""
}

// compressVectors makes the compressed vectors out of the plain one.
func compressVectors(t *testing.T) {
	text, err := os.ReadFile(vectorFolder + "/conversation.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1]
	packed := packVector(t, lines)
	ends := frameEnds(packed)
	damaged := bytes.Clone(packed)
	damaged[(ends[2]+ends[3])/2] ^= 0x10
	noHeader := bytes.Clone(packed)
	noHeader[ends[0]/2] ^= 0x10
	one, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	events := bytes.Join(lines[1:4], nil)
	for name, file := range map[string][]byte{
		"frames":          packed,
		"damaged-frame":   damaged,
		"damaged-header":  noHeader,
		"damaged-size":    append(append(bytes.Clone(packed[:ends[1]]), 0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0xFF, 0xFF, 0xFF), packed[ends[1]:]...),
		"missing-frame":   append(bytes.Clone(packed[:ends[1]]), packed[ends[2]:]...),
		"torn-frame":      packed[:ends[4]-7],
		"torn-table":      packed[:len(packed)-5],
		"no-table":        packed[:ends[len(ends)-2]],
		"one-frame":       one.EncodeAll(text, nil),
		"within-a-line":   append(one.EncodeAll(text[:len(lines[0])+40], nil), one.EncodeAll(text[len(lines[0])+40:], nil)...),
		"frame-no-header": one.EncodeAll(events, nil),
		"other-text":      one.EncodeAll([]byte("Hello, world\n"), nil),
	} {
		if err := os.WriteFile(vectorFolder+"/"+name+".jsonl.zst", file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// packVector compresses lines with a new frame for every fourth, and a flush
// after each.
func packVector(t *testing.T, lines [][]byte) []byte {
	var file memory
	f, err := newFrames(newSink(&file), func() bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		if i%4 == 0 && f.text > 0 {
			err = f.end()
		}
		err = errors.Join(err, f.add(text{frame: line, cut: len(line)}, i == 0 || i == len(lines)-1), f.flush())
	}
	if err = errors.Join(err, f.finish()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// frameEnds gives where each frame of a file ends.
func frameEnds(file []byte) []int {
	var ends []int
	in := intake{src: bytes.NewReader(file)}
	for in.need(1) {
		e := measure(&in)
		in.drop(e.size)
		in.skip(e.after)
		ends = append(ends, int(in.offset))
	}
	return ends
}

// memory is a file that is none.
type memory struct {
	mu   sync.Mutex
	data []byte
}

func (m *memory) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data = append(m.data, p...)
	return len(p), nil
}

// Bytes gives a copy of what was written so far.
func (m *memory) Bytes() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.data)
}

func (m *memory) Len() int { return len(m.Bytes()) }

func (*memory) Sync() error  { return nil }
func (*memory) Close() error { return nil }

// TestStatisticsAreJSON pins the names of docs/FORMAT.md.
func TestStatisticsAreJSON(t *testing.T) {
	var s Statistics
	want := `{"tools_called":0,"resources_accessed":0,"prompts_executed":0,"errors":0,` +
		`"messages":{"host_to_target":0,"target_to_host":0},"bytes":{"host_to_target":0,"target_to_host":0},` +
		`"unanswered":0,"junk_lines":0,"stderr_lines":0,"methods":{},"tools":{},"server_requests":{}}`
	s.Methods, s.Tools, s.ServerRequests = map[string]Tally{}, map[string]Tally{}, map[string]Tally{}
	if got := string(s.append(nil)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, s = Calls(nil)
	if got, err := json.Marshal(s); err != nil || string(got) != want {
		t.Errorf("got\n%s, %v\nwant\n%s", got, err, want)
	}
}
