package replay_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"wiretape/internal/demo"
	"wiretape/record"
	"wiretape/replay"
)

// BenchmarkReplay compares the rate at which a recording answers with that of the demo server, which answers live, both
// over pipes: one call after the other, 64 in flight, and all of them at once, where the host's own work counts least.
func BenchmarkReplay(b *testing.B) {
	const calls, rounds = 4000, 5
	lines := []string{"> " + req("0", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}`), "< " + res("0", opened),
		"> " + note("notifications/initialized", "")}
	for i := range calls {
		id := fmt.Sprint(i + 1)
		lines = append(lines, "> "+call(id, "echo", fmt.Sprintf(`{"text":"number %d"}`, i)),
			"< "+res(id, fmt.Sprintf(`{"content":[{"text":"number %d","type":"text"}]}`, i)))
	}
	rec, err := replay.Open(packed(b, recorded(b, lines...)))
	if err != nil {
		b.Fatal(err)
	}
	defer rec.Close()
	play := func(in io.Reader, out io.Writer) error {
		s, err := rec.Serve(b.Context(), in, out)
		if s.Failed() > 0 {
			return fmt.Errorf("%d misses", s.Failed())
		}
		return err
	}
	for _, flight := range []int{1, 64, calls} {
		b.Run(fmt.Sprintf("%d in flight", flight), func(b *testing.B) {
			for range b.N {
				var ratios, rates []float64
				for range rounds {
					live, replayed := rate(b, demo.Serve, calls, flight), rate(b, play, calls, flight)
					ratios, rates = append(ratios, replayed/live), append(rates, replayed)
				}
				slices.Sort(ratios)
				slices.Sort(rates)
				b.ReportMetric(ratios[rounds/2], "x-live")
				b.ReportMetric(rates[rounds/2], "calls/s")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}

// packed gives the recording as recordings are kept, compressed.
func packed(b *testing.B, path string) string {
	b.Helper()
	r, err := record.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if _, err := record.Rewrite(path+".zst", r.Header(), r.All(), "host"); err != nil {
		b.Fatal(err)
	}
	return path + ".zst"
}

// rate gives how many calls a server answers in a second.
func rate(b *testing.B, serve func(io.Reader, io.Writer) error, calls, flight int) float64 {
	b.Helper()
	fromHost, toServer, err1 := os.Pipe()
	fromServer, toHost, err2 := os.Pipe()
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	ended := make(chan error)
	go func() {
		err := serve(fromHost, toHost)
		toHost.Close()
		ended <- err
	}()
	in := bufio.NewReader(fromServer)
	out := bufio.NewWriterSize(toServer, 32<<10)
	say := func(line string) {
		if _, err := out.WriteString(line + "\n"); err != nil {
			b.Error(err)
		}
		if flight < calls {
			out.Flush()
		}
	}
	hear := func() {
		if _, err := in.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
	}
	say(req("0", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}`))
	out.Flush()
	hear()
	say(note("notifications/initialized", ""))
	var asks []string
	for i := range calls {
		asks = append(asks, call(fmt.Sprint(i+1), "echo", fmt.Sprintf(`{"text":"number %d"}`, i)))
	}
	free := make(chan struct{}, flight)
	start := time.Now()
	go func() {
		for i := range calls {
			free <- struct{}{}
			say(asks[i])
		}
		out.Flush()
	}()
	for range calls {
		hear()
		<-free
	}
	took := time.Since(start)
	toServer.Close()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	fromHost.Close()
	fromServer.Close()
	return float64(calls) / took.Seconds()
}

// BenchmarkGigabyte gives how long it takes until a recording of 1 GB answers its first request, and how much memory it
// takes then.
func BenchmarkGigabyte(b *testing.B) {
	path := large(b, 10000, 100_000, "legacy")
	for range b.N {
		start := time.Now()
		rec, err := replay.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		s := rec.Start()
		if _, err := s.Write([]byte(req("1", "initialize", sampling) + "\n")); err != nil {
			b.Fatal(err)
		}
		if _, err := bufio.NewReader(s).ReadString('\n'); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-to-answer")
		b.ReportMetric(0, "ns/op")
		s.Report() // which reads it to its end
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-to-the-end")
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB")
		s.Close()
		if err := rec.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
