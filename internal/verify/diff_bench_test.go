package verify_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"wiretape/internal/verify"
	"wiretape/record"
)

// BenchmarkDiff compares two recordings of 100,000 messages with other ids, of
// which so many in a thousand answers differ. MB is what the program held of the
// system's memory, at most.
func BenchmarkDiff(b *testing.B) {
	const messages = 100_000
	for _, size := range []int{200, 2000} {
		for _, different := range []int{0, 10, 1000} {
			b.Run(fmt.Sprintf("bytes=%d/differ=%d", size, different), func(b *testing.B) {
				first := longRecording(b, "a", messages, size, 0)
				second := longRecording(b, "b", messages, size, different)
				debug.FreeOSMemory()
				peak := watchMemory(b)
				for b.Loop() {
					f := (&verify.Diff{A: first, B: second, Slower: 2}).Run(b.Context())
					if found := len(told(f)); f.Problem != "" || len(f.Calls) != messages/2 || found != messages/2*different/1000 {
						b.Fatalf("%d calls, %d findings, problem %q", len(f.Calls), found, f.Problem)
					}
				}
				b.ReportMetric(peak(), "MB")
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/op")
			})
		}
	}
}

// watchMemory looks every millisecond how much memory is held. What it gives ends
// that, and tells the most there was.
func watchMemory(b *testing.B) (peak func() float64) {
	ctx, stop := context.WithCancel(b.Context())
	most := make(chan float64)
	go func() { // ends when peak is called
		samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
		var top uint64
		for ctx.Err() == nil {
			metrics.Read(samples)
			top = max(top, samples[0].Value.Uint64()-samples[1].Value.Uint64())
			time.Sleep(time.Millisecond)
		}
		most <- float64(top) / 1e6
	}()
	return func() float64 {
		stop()
		return <-most
	}
}

// longRecording makes a recording of calls, some of two rounds, whose answers have
// that size.
func longRecording(b *testing.B, name string, messages, size, different int) string {
	path := filepath.Join(b.TempDir(), name+".jsonl.zst")
	text := strings.Repeat("words ", size/6)
	_, err := record.Rewrite(path, record.Header{}, func(yield func(record.Event, error) bool) {
		for n := range messages / 2 {
			said := text
			if n%1000 < different {
				said += name
			}
			of := n
			if n%10 == 2 {
				of = n - 1 // it is the second round of that
			}
			params, result := fmt.Sprintf(`"name":"tool%d","arguments":{"n":%d}`, of%20, of), fmt.Sprintf(`"content":[{"type":"text","text":"%d %s"}]`, n, said)
			if n%10 == 1 {
				result += fmt.Sprintf(`,"requestState":"%s-%d"`, name, n)
			} else if n%10 == 2 {
				params += fmt.Sprintf(`,"requestState":"%s-%d"`, name, of)
			}
			at := time.Duration(n) * time.Millisecond
			ask := fmt.Sprintf(`{"jsonrpc":"2.0","id":"%s%d","method":"tools/call","params":{"_meta":{"progressToken":"%s%d"},%s}}`+"\n", name, n, name, n, params)
			answer := fmt.Sprintf(`{"jsonrpc":"2.0","id":"%s%d","result":{%s}}`+"\n", name, n, result)
			if !yield(record.Event{At: at, From: record.Host, To: record.Target, Line: []byte(ask)}, nil) ||
				!yield(record.Event{At: at, From: record.Target, To: record.Host, Line: []byte(answer)}, nil) {
				return
			}
		}
	}, "bench")
	if err != nil {
		b.Fatal(err)
	}
	return path
}
