package verify_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/demo"
	"wiretape/internal/verify"
	"wiretape/proxy"
	"wiretape/record"
)

// demoServer is the demo server, in this process, over pipes as a process has them.
type demoServer struct{}

func (demoServer) Describe() record.Endpoint { return record.Endpoint{} }

func (demoServer) Connect(context.Context, io.Writer) (proxy.Target, error) {
	fromHost, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, toHost, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		demo.Serve(fromHost, toHost)
		toHost.Close()
		fromHost.Close()
	}()
	return demoTarget{in, out, ended}, nil
}

type demoTarget struct {
	*os.File
	out   *os.File
	ended chan struct{}
}

func (d demoTarget) Read(p []byte) (int, error) { return d.out.Read(p) }

func (d demoTarget) Stop() proxy.Exit {
	d.File.Close()
	<-d.ended
	return proxy.Exit{}
}

const benchCalls, benchFlight = 10000, 16

// busy writes a recording of echo calls, so many of them in flight, and gives the host's lines.
func busy(b *testing.B) (path string, lines []string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "busy.jsonl")
	var out strings.Builder
	out.WriteString(strings.SplitAfter(oneCall, "\n")[0])
	seq := 0
	said := func(from, to, message string) {
		seq++
		fmt.Fprintf(&out, `{"seq":%d,"at":%d.5,"from":%q,"to":%q,"msg":%s}`+"\n", seq, seq, from, to, message)
		if from == "host" {
			lines = append(lines, message)
		}
	}
	said("host", "target", `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"b","version":"1"}}}`)
	said("target", "host", `{"jsonrpc":"2.0","id":0,"result":{"capabilities":{"prompts":{},"resources":{},"tools":{}},"instructions":"A demonstration: nothing here has any effect.","protocolVersion":"2025-11-25","serverInfo":{"name":"wiretape-demo","title":"wiretape demo server","version":"1.0.0"}}}`)
	for i := 1; i <= benchCalls+benchFlight; i++ {
		if i > benchFlight {
			said("target", "host", fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"content":[{"text":"number %d","type":"text"}]}}`, i-benchFlight, i-benchFlight))
		}
		if i <= benchCalls {
			said("host", "target", fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"text":"number %d"}}}`, i, i))
		}
	}
	fmt.Fprintf(&out, `{"seq":%d,"at":%d,"event":"end","reason":"host","statistics":{}}`+"\n", seq+1, seq+1)
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return path, lines
}

// BenchmarkVerify compares the time that it takes to verify 10,000 calls with the time that it takes to make them, as
// many at a time.
func BenchmarkVerify(b *testing.B) {
	path, lines := busy(b)
	for range b.N {
		var ratios []float64
		for range 5 {
			bare := sendBare(b, lines)
			start := time.Now()
			o := (&verify.Check{Path: path, Server: demoServer{}}).Run(b.Context())
			if took := time.Since(start); o.Left > 0 || o.Problem != "" || len(o.Calls) != benchCalls+1 {
				b.Fatalf("%d calls, %d left, %s", len(o.Calls), o.Left, o.Problem)
			} else {
				ratios = append(ratios, float64(took)/float64(bare))
			}
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[len(ratios)/2], "x-bare")
		b.ReportMetric(0, "ns/op")
	}
}

func sendBare(b *testing.B, lines []string) time.Duration {
	b.Helper()
	start := time.Now()
	target, err := demoServer{}.Connect(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	in := bufio.NewReader(target)
	free := make(chan struct{}, benchFlight)
	go func() {
		for _, line := range lines {
			free <- struct{}{}
			io.WriteString(target, line+"\n")
		}
	}()
	for range lines {
		if _, err := in.ReadSlice('\n'); err != nil {
			b.Fatal(err)
		}
		<-free
	}
	target.Stop()
	return time.Since(start)
}
