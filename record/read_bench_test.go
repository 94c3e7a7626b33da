package record

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// benched runs a benchmark on recordings of 100 MB of messages, small and
// large, plain and compressed.
func benched(b *testing.B, run func(b *testing.B, path string)) {
	for _, size := range []int{100, 100_000} {
		for _, name := range []string{"x.jsonl", "x.jsonl.zst"} {
			b.Run(fmt.Sprintf("%d%s", size, name[1:]), func(b *testing.B) {
				path := filepath.Join(b.TempDir(), name)
				var lines [][]byte // more of them than a frame's window holds
				for n := range 2<<20/size + 1 {
					lines = append(lines, large(n, size))
				}
				_, err := Rewrite(path, Header{}, func(yield func(Event, error) bool) {
					for n := range 100_000_000 / size {
						e := Event{At: time.Duration(n) * time.Millisecond, From: Target, To: Host, Line: lines[n%len(lines)]}
						if !yield(e, nil) {
							return
						}
					}
				}, "bench")
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ResetTimer()
				run(b, path)
			})
		}
	}
}

// BenchmarkReader indexes a recording. Its speed is that of the text.
func BenchmarkReader(b *testing.B) {
	benched(b, func(b *testing.B, path string) {
		for b.Loop() {
			r, err := Open(path)
			if err != nil {
				b.Fatal(err)
			}
			for err == nil {
				_, err = r.Next()
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
			r.Close()
		}
		b.SetBytes(textOf(b, path))
	})
}

// textOf is how many bytes the plain form of a recording has.
func textOf(b *testing.B, path string) int64 {
	r, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Rewrite(filepath.Join(b.TempDir(), "text.jsonl"), r.Header(), r.All(), "bench")
	if err := errors.Join(err, r.Close(), os.Remove(s.Path)); err != nil {
		b.Fatal(err)
	}
	return s.RawBytes
}

func BenchmarkFileInOrder(b *testing.B) {
	benched(b, func(b *testing.B, path string) {
		fetch(b, path, func(n, all int) int { return n % all })
	})
}

func BenchmarkFileRandom(b *testing.B) {
	benched(b, func(b *testing.B, path string) {
		fetch(b, path, func(_, all int) int { return rand.IntN(all) })
	})
}

// fetch reads one event at a time, that which pick names.
func fetch(b *testing.B, path string, pick func(n, all int) int) {
	_, places := indexFile(b, path)
	f, err := OpenFile(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	n := 0
	for b.Loop() {
		if _, err := f.At(places[pick(n, len(places))]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
