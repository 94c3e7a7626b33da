package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// both runs a test for a plain and for a compressed recording.
func both(t *testing.T, test func(t *testing.T, path string)) {
	for _, name := range []string{"x.jsonl", "x.jsonl.zst"} {
		t.Run(name, func(t *testing.T) { test(t, filepath.Join(t.TempDir(), name)) })
	}
}

func create(t testing.TB, path string, o Options) *Writer {
	t.Helper()
	w, err := Create(path, Header{Label: "test", Started: time.Now(), Target: Endpoint{Transport: "stdio"}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func load(t testing.TB, path string) *Recording {
	t.Helper()
	r, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines that are hard to keep; the last ones of their streams come last.
func hardLines() [][]byte {
	return [][]byte{
		[]byte("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n"),
		[]byte("\n"), []byte("\r\n"), []byte("\r\r\n"), []byte(" \n"), []byte("\t{}\t\n"),
		[]byte("caf\xe9\xff\x00\n"), []byte("\"\xed\xa0\x80\"\n"), []byte("\"\\ud800\"\n"),
		[]byte("{\"a\":1,\"a\":2,\"id\":123456789012345678901234567890}\n"),
		[]byte("{\"a\":\r1}\n"), []byte("\xef\xbb\xbf{}\n"), []byte("\u2028\u2029\u0085\n"),
		[]byte("{\"id\":\"" + string(bytes.Repeat([]byte("x"), 1<<20)) + "\"}\n"),
		append(bytes.Repeat([]byte("["), 20000), '\n'),
		append(bytes.Repeat([]byte{0}, 70000), '\n'),
		[]byte("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"),
	}
}

func TestWireComesBack(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		w := create(t, path, Options{})
		var sent, stderr []byte
		for _, line := range hardLines() {
			w.Line(Host, Target, line)
			w.Line(Target, Host, line[:len(line)/2], nil, line[len(line)/2:])
			w.Stderr(line)
			sent, stderr = append(sent, line...), append(stderr, line...)
		}
		if _, err := w.Close("eof"); err != nil {
			t.Fatal(err)
		}
		r := load(t, path)
		if !bytes.Equal(Wire(r.Events, Host, Target), sent) || !bytes.Equal(Wire(r.Events, Target, ""), sent) {
			t.Error("the wire does not come back")
		}
		var got []byte
		for _, e := range r.Events {
			if e.Stderr {
				got = append(got, e.Line...)
			}
		}
		if !bytes.Equal(got, stderr) {
			t.Error("stderr does not come back")
		}
	})
}

func TestLineOf64MB(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	both(t, func(t *testing.T, path string) {
		line := append(bytes.Repeat([]byte("0123456789abcdef"), 4<<20), '\n')
		line[0], line[len(line)-2] = '"', '"'
		w := create(t, path, Options{})
		w.Line(Target, Host, pieces(line)...)
		w.Line(Host, Target, []byte("{}\n"))
		if _, err := w.Close("eof"); err != nil {
			t.Fatal(err)
		}
		if r := load(t, path); !bytes.Equal(Wire(r.Events, Target, Host), line) || len(r.Events) != 3 {
			t.Error("the line does not come back")
		}
	})
}

func TestSummarySaysWhatIsInTheFile(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		w := create(t, path, Options{})
		for n := range 500 {
			request, response := echo(n)
			w.Line(Host, Target, request)
			w.Line(Target, Host, response)
		}
		w.Line(Host, Target) // nothing
		w.Exit(Exit{Code: 3})
		live := w.Statistics()
		s, err := w.Close("exit")
		if err != nil || w.Err() != nil {
			t.Fatal(err, w.Err())
		}
		file, _ := os.ReadFile(path)
		r := load(t, path)
		if !reflect.DeepEqual(live, s.Statistics) || !reflect.DeepEqual(live, r.Statistics) || !reflect.DeepEqual(live, r.End.Statistics) {
			t.Errorf("statistics differ:\n%+v live\n%+v at the end\n%+v of the file\n%+v in the file", live, s.Statistics, r.Statistics, r.End.Statistics)
		}
		if !s.Complete || s.Path != path || s.Events != 1002 || s.FileBytes != int64(len(file)) || s.SHA256 != hashOf(file) || s.RawBytes != int64(len(plainText(t, r))) {
			t.Errorf("summary %+v of a file of %d bytes", s, len(file))
		}
		if got, want := r.Header, w.Header(); !got.Started.Equal(want.Started) || got.ID != want.ID || got.Label != "test" || w.Path() != path {
			t.Errorf("header %+v, want %+v", got, want)
		}
		info, err := Stat(path)
		if err != nil || info.Events != 1002 || info.End == nil || !reflect.DeepEqual(*info.End, *r.End) || info.Duration != r.Events[1001].At || info.Size != s.FileBytes {
			t.Errorf("Stat gives %+v, %v", info, err)
		}
	})
}

func TestManyWritersKeepTheirOrder(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		const writers, each = 8, 1500
		w := create(t, path, Options{QueueBytes: 20000})
		var all sync.WaitGroup
		for n := range writers {
			all.Go(func() {
				for i := range each {
					w.Line(Host, Target, fmt.Appendf(nil, `{"method":"n","params":[%d,%d]}`+"\n", n, i))
				}
			})
		}
		all.Wait()
		if _, err := w.Close("eof"); err != nil {
			t.Fatal(err)
		}
		var next [writers]int
		events := load(t, path).Events
		for _, e := range events[:len(events)-1] {
			var m struct{ Params [2]int }
			if err := json.Unmarshal(e.Line, &m); err != nil {
				t.Fatal(err)
			}
			if next[m.Params[0]] != m.Params[1] {
				t.Fatalf("event %d: writer %d has line %d, want %d", e.Seq, m.Params[0], m.Params[1], next[m.Params[0]])
			}
			next[m.Params[0]]++
		}
		if len(events) != writers*each+1 {
			t.Errorf("%d events", len(events))
		}
		for i := 1; i < len(events); i++ {
			if events[i].At < events[i-1].At {
				t.Fatalf("time falls at event %d", events[i].Seq)
			}
		}
	})
}

func TestBurstLosesNothing(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		const burst = 200_000
		w := create(t, path, Options{QueueBytes: 1 << 20})
		for n := range burst {
			w.Line(Target, Host, fmt.Appendf(nil, `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":%d}}`+"\n", n))
		}
		s, err := w.Close("eof")
		if err != nil || s.Statistics.Messages.TargetToHost != burst || s.Events != burst+1 {
			t.Fatalf("%+v, %v", s, err)
		}
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for n := range burst {
			e, err := r.Next()
			want := fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":%d}}`+"\n", n)
			if err != nil || string(e.Line) != want {
				t.Fatalf("event %d: %q, %v", n+1, e.Line, err)
			}
		}
	})
}

// A message is in the file 5 ms after it was handed over, and one that came
// alone does not wake the recorder before 2 ms.
func TestFlushWithin5ms(t *testing.T) {
	for _, name := range []string{"x.jsonl", "x.jsonl.zst"} {
		synctest.Test(t, func(t *testing.T) {
			var file memory
			w := newWriter(name, Header{}, Options{})
			if err := w.begin(&file); err != nil {
				t.Fatal(err)
			}
			for n := range 100 {
				before := file.Len()
				request, _ := echo(n)
				w.Line(Host, Target, request)
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if file.Len() != before {
					t.Fatal("written at once")
				}
				time.Sleep(4 * time.Millisecond)
				synctest.Wait()
				got := all(file.Bytes()).recording
				if got == nil || len(got.Events) != n+1 || !bytes.Equal(got.Events[n].Line, request) {
					t.Fatalf("event %d is not in the file after 5 ms", n+1)
				}
			}
			if _, err := w.Close("eof"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A recorder that is killed leaves a file that ends anywhere behind its last
// flush: all that was flushed can be read.
func TestKillCostsOnlyTheLastFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file memory
		w := newWriter("x.jsonl.zst", Header{}, Options{})
		if err := w.begin(&file); err != nil {
			t.Fatal(err)
		}
		var flushed []int // file sizes, by number of events
		for n := range 60 {
			request, _ := echo(n)
			w.Line(Host, Target, request)
			time.Sleep(5 * time.Millisecond)
			synctest.Wait()
			flushed = append(flushed, file.Len())
		}
		if _, err := w.Close("eof"); err != nil {
			t.Fatal(err)
		}
		whole := file.Bytes()
		for n, size := range flushed {
			for end := size; n+1 < len(flushed) && end < flushed[n+1]; end++ {
				got := all(whole[:end])
				var d *DamageError
				if got.recording == nil || len(got.recording.Events) < n+1 || !errors.As(got.err, &d) || !d.Torn {
					t.Fatalf("cut at %d, where %d events were flushed: %v", end, n+1, got.err)
				}
			}
		}
	})
}

func TestMemoryStaysBoundedWithLargeLines(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "x.jsonl.zst"), Options{})
	line := pieces(append(bytes.Repeat([]byte(`"text" `), 1<<20), '\n'))
	runtime.GC() // of what other tests have left
	var most runtime.MemStats
	for range 20 {
		w.Line(Target, Host, line...)
		var now runtime.MemStats
		if runtime.ReadMemStats(&now); now.HeapInuse > most.HeapInuse {
			most = now
		}
	}
	if _, err := w.Close("eof"); err != nil {
		t.Fatal(err)
	}
	if most.HeapInuse > 96<<20 {
		t.Errorf("%d MB in use", most.HeapInuse>>20)
	}
}
