package record

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// echo gives the nth call of an echo tool and its answer.
func echo(n int) (request, response []byte) {
	request = fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"message":"hello %d, and a text of some length to make up the two hundred bytes of a small call"}}}`+"\n", n, n)
	response = fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":"Echo: hello %d, and a text of some length to make up the two hundred bytes of a small call"}]}}`+"\n", n, n)
	return request, response
}

// large gives a response of about n bytes of mixed text.
func large(id, n int) []byte {
	words := strings.Split(`the quick brown fox jumps over a lazy dog while \"quoted\" lines\nwith breaks and päth/to/some.file:123 stand between numbers 3.14159 and {braces}`, " ")
	r := rand.New(rand.NewPCG(1, uint64(id)))
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":"`, id)
	for b.Len() < n {
		word := words[r.IntN(len(words))]
		fmt.Fprintf(&b, "%s %x ", word, r.Uint32()>>12)
	}
	b.WriteString(`"}]}}` + "\n")
	return b.Bytes()
}

// pieces cuts a line as it is read from a pipe.
func pieces(line []byte) [][]byte {
	var out [][]byte
	for len(line) > 64<<10 {
		out = append(out, line[:64<<10])
		line = line[64<<10:]
	}
	return append(out, line)
}

func BenchmarkWriterSmall(b *testing.B) {
	w := benchWriter(b)
	request, response := echo(1)
	b.SetBytes(int64(len(request) + len(response)))
	b.ReportAllocs()
	for b.Loop() {
		w.Line(Host, Target, request)
		w.Line(Target, Host, response)
	}
	closeBench(b, w)
}

func BenchmarkWriterLarge(b *testing.B) {
	w := benchWriter(b)
	request, _ := echo(1)
	response := pieces(large(1, 10<<20))
	b.SetBytes(10 << 20)
	b.ReportAllocs()
	for b.Loop() {
		w.Line(Host, Target, request)
		w.Line(Target, Host, response...)
	}
	closeBench(b, w)
}

func benchWriter(b *testing.B) *Writer {
	w, err := Create(filepath.Join(b.TempDir(), "bench.jsonl.zst"), Header{Started: time.Now()}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	return w
}

func closeBench(b *testing.B, w *Writer) {
	s, err := w.Close("bench")
	if err != nil {
		b.Fatal(err)
	}
	messages := s.Statistics.Bytes.HostToTarget + s.Statistics.Bytes.TargetToHost
	b.ReportMetric(float64(messages)/float64(s.FileBytes), "ratio")
}

// BenchmarkEchoOneAtATime records calls that are made one after the other, at
// the pace of a local server.
func BenchmarkEchoOneAtATime(b *testing.B) {
	w := benchWriter(b)
	b.ReportAllocs()
	for n := range b.N {
		request, response := echo(n)
		w.Line(Host, Target, request)
		for start := time.Now(); time.Since(start) < 30*time.Microsecond; {
		}
		w.Line(Target, Host, response)
		for start := time.Now(); time.Since(start) < 30*time.Microsecond; {
		}
	}
	closeBench(b, w)
}
