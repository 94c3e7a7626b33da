package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"wiretape/internal/wire"
	"wiretape/proxy"
	"wiretape/record"
)

// inside is an Endpoint whose targets are goroutines of the test that answer as
// echo does.
type inside struct{}

func (inside) Describe() record.Endpoint { return record.Endpoint{Transport: "pipe"} }

func (inside) Connect(context.Context, io.Writer) (proxy.Target, error) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	t := &insideTarget{inW, outR, make(chan struct{})}
	// Ends with its input.
	go func() {
		defer close(t.done)
		defer outW.Close()
		in := bufio.NewReader(inR)
		for {
			line, err := in.ReadBytes('\n')
			if err != nil {
				return
			}
			out := bufio.NewWriter(outW)
			respond(out, wire.Parse(line))
			out.Flush()
		}
	}()
	return t, nil
}

type insideTarget struct {
	in   *io.PipeWriter
	out  *io.PipeReader
	done chan struct{}
}

func (t *insideTarget) Read(p []byte) (int, error)  { return t.out.Read(p) }
func (t *insideTarget) Write(p []byte) (int, error) { return t.in.Write(p) }

func (t *insideTarget) Stop() proxy.Exit {
	t.in.Close()
	<-t.done
	return proxy.Exit{}
}

// inProcess starts a Proxy in this process, and gives the host's ends of it.
func inProcess(t *testing.T, p *proxy.Proxy) (in *os.File, out *bufio.Reader, end func() int) {
	t.Helper()
	theirIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.In, p.Out, p.Prefix = theirIn, theirOut, "wiretape_"
	p.Warn = func(sentence string) { t.Error(sentence) }
	ended := make(chan int, 1)
	// Ends with its input.
	go func() {
		status, err := p.Run(context.Background())
		if err != nil {
			t.Error(err)
		}
		ended <- status
	}()
	watchdog := time.AfterFunc(patience, func() {
		t.Errorf("the line does not end within %v", patience)
		ours.Close()
		in.Close()
	})
	return in, bufio.NewReaderSize(ours, 64<<10), func() int {
		in.Close()
		status := <-ended
		watchdog.Stop()
		for _, f := range []*os.File{theirIn, theirOut, ours} {
			f.Close()
		}
		return status
	}
}

// level is what a leak would raise.
type level struct {
	goroutines, files, threads int
	heap                       uint64
}

func measure() level {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	// Both are empty where there is no procfs.
	files, _ := os.ReadDir("/proc/self/fd")
	threads, _ := os.ReadDir("/proc/self/task")
	return level{runtime.NumGoroutine(), len(files), len(threads), m.HeapAlloc}
}

func TestNothingLeaksOverManyConnections(t *testing.T) {
	for name, test := range map[string]struct {
		endpoint proxy.Endpoint
		times    int
		recorded bool
	}{
		"inside":   {inside{}, count(10_000, 500), false},
		"recorded": {inside{}, count(500, 150), true},
		"processes": {&proxy.Command{Args: server("echo"), Env: actingAs("server")},
			count(200, 120), true},
	} {
		t.Run(name, func(t *testing.T) {
			p := &proxy.Proxy{Endpoint: test.endpoint}
			dir := t.TempDir()
			if test.recorded {
				p.Record = func(n int) (*record.Writer, error) {
					return record.Create(filepath.Join(dir, fmt.Sprint(n, ".jsonl.zst")), record.Header{}, record.Options{})
				}
			}
			in, out, end := inProcess(t, p)
			ask := asker(t, in, out)
			ask("initialize", initializeParams)
			ask("tools/list", "{}")
			var early level
			for i := range test.times {
				if i == 100 {
					early = measure()
				}
				ask("tools/call", `{"name":"echo"}`)
				ask("tools/call", `{"name":"wiretape_disconnect"}`)
				ask("tools/call", `{"name":"wiretape_connect"}`)
			}
			late := measure()
			t.Logf("after 100: %+v, after %d: %+v", early, test.times, late)
			if late.goroutines > early.goroutines+5 || late.files > early.files+5 || late.threads > early.threads+10 ||
				late.heap > early.heap+1<<20 {
				t.Errorf("after 100 connections %+v, after %d %+v", early, test.times, late)
			}
			if status := end(); status != 0 {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

// asker gives what makes a request and waits for its answer, which has to be a
// result without an error.
func asker(t *testing.T, in io.Writer, out *bufio.Reader) func(method, params string) {
	ids := 0
	return func(method, params string) {
		t.Helper()
		ids++
		if _, err := fmt.Fprintf(in, `{"jsonrpc":"2.0","id":%d,"method":"%s","params":%s}`+"\n", ids, method, params); err != nil {
			t.Fatal(err)
		}
		for {
			line, err := out.ReadBytes('\n')
			if err != nil {
				t.Fatal(err)
			}
			m := wire.Parse(line)
			if m.Kind != wire.Response || string(m.ID) != fmt.Sprint(ids) {
				continue
			}
			if m.Result == nil || string(wire.Get(m.Result, "isError")) == "true" {
				t.Fatalf("%s %s gave %s", method, params, line)
			}
			return
		}
	}
}

// A disk that is much slower than the line makes the line wait, and loses
// nothing.
func TestSlowDisk(t *testing.T) {
	for name, queue := range map[string]int{"short queue": 32 << 10, "shortest queue": 1} {
		t.Run(name, func(t *testing.T) {
			calls := count(100_000, 5_000)
			if queue == 1 {
				calls /= 50 // each event is written alone
			}
			file := filepath.Join(slowDir(t), "r.jsonl.zst")
			in, out, end := inProcess(t, &proxy.Proxy{
				Endpoint: inside{},
				Record: func(int) (*record.Writer, error) {
					return record.Create(file, record.Header{}, record.Options{QueueBytes: queue})
				},
			})
			makeCalls(&tap{t: t, in: in, out: out, stderr: newSaid()}, calls)
			if status := end(); status != 0 {
				t.Errorf("exit status %d", status)
			}
			wantCalls(t, file, calls)
		})
	}
}
