package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wiretape/internal/demo"
	"wiretape/internal/wire"
	"wiretape/record"
)

// BenchmarkLine measures wiretape, recording, against a bare relay that copies
// both ways, in the same run and in turns, because the machine may be shared.
// It prints ratios: what the relay takes is 1.
//
//	go test -run '^$' -bench Line ./proxy
func BenchmarkLine(b *testing.B) {
	b.Run("roundtrip", benchRoundTrip)
	b.Run("inflight64", benchInFlight)
	b.Run("reply10MB", benchLarge)
	b.Run("start", benchStart)
	b.Run("idle", benchIdle)
	b.Run("size", benchSize)
	b.Run("ls1000", benchList)
}

const rounds = 7 // of each, in turns

// benchRoundTrip: 200-byte replies, one in flight.
func benchRoundTrip(b *testing.B) {
	var p50, p99 []float64
	for range rounds {
		bare := roundTrips(b, relayed(b, "demo"), 4000)
		taped := roundTrips(b, recorded(b, "demo"), 4000)
		p50 = append(p50, quantile(taped, .5)/quantile(bare, .5))
		p99 = append(p99, quantile(taped, .99)/quantile(bare, .99))
	}
	report(b, "p50/relay", p50)
	report(b, "p99/relay", p99)
}

// roundTrips gives the time of each call, in seconds, sorted.
func roundTrips(b *testing.B, p *peer, n int) []float64 {
	defer p.close()
	times := make([]float64, 0, n)
	for i := range n + 200 {
		began := time.Now()
		p.send(call(i))
		p.line()
		if i >= 200 { // warmed up
			times = append(times, time.Since(began).Seconds())
		}
	}
	slices.Sort(times)
	return times
}

// benchInFlight: 64 calls in flight, messages per second.
func benchInFlight(b *testing.B) {
	var ratios []float64
	for range rounds {
		bare := rate(relayed(b, "demo"), 64, 40_000)
		taped := rate(recorded(b, "demo"), 64, 40_000)
		ratios = append(ratios, taped/bare)
	}
	report(b, "rate/relay", ratios)
}

func rate(p *peer, inFlight, n int) float64 {
	defer p.close()
	room := make(chan struct{}, inFlight)
	began := time.Now()
	// Ends when all are sent.
	go func() {
		for i := range n {
			room <- struct{}{}
			p.send(call(i))
		}
	}()
	for range n {
		p.line()
		<-room
	}
	return float64(n) / time.Since(began).Seconds()
}

// benchLarge: replies of 10 MB of text, bytes per second.
func benchLarge(b *testing.B) {
	const n = 20
	var ratios, peak []float64
	for range rounds {
		bare, _ := throughput(relayed(b, "large"), n)
		taped, memory := throughput(recorded(b, "large"), n)
		ratios = append(ratios, taped/bare)
		peak = append(peak, memory)
	}
	report(b, "rate/relay", ratios)
	report(b, "peak-MB", peak)
}

func throughput(p *peer, n int) (rate, peakMB float64) {
	defer p.close()
	began, bytes := time.Now(), 0
	for i := range n {
		p.send(call(i))
		bytes += p.skip()
	}
	rate = float64(bytes) / time.Since(began).Seconds()
	return rate, p.memory("VmHWM")
}

// benchStart: from the start to the first answer, over the bare server.
func benchStart(b *testing.B) {
	var extra []float64
	for range 4 * rounds {
		bare := firstAnswer(bareServer(b, "demo"))
		taped := firstAnswer(recorded(b, "demo"))
		extra = append(extra, (taped-bare)*1000)
	}
	report(b, "more-ms", extra)
}

func firstAnswer(p *peer) float64 {
	defer p.close()
	p.send(call(0))
	p.line()
	return time.Since(p.began).Seconds()
}

// benchIdle: memory after initialize.
func benchIdle(b *testing.B) {
	var memory []float64
	for range rounds {
		p := recorded(b, "demo")
		p.send([]byte(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"b","version":"1"}}}` + "\n"))
		p.line()
		memory = append(memory, p.memory("VmRSS"))
		p.close()
	}
	report(b, "MB", memory)
}

// benchSize: the recording of 20,000 echo calls, made one at a time.
func benchSize(b *testing.B) {
	p := recorded(b, "demo")
	bytes := 0
	for i := range 20_000 {
		request := call(i)
		p.send(request)
		bytes += len(request) + len(p.line())
	}
	p.close()
	info, err := os.Stat(p.recording)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(bytes)/float64(info.Size()), "smaller")
	b.ReportMetric(0, "ns/op")
}

// benchList: the time that ls takes for 1,000 recordings of 1 MB.
func benchList(b *testing.B) {
	dir := b.TempDir()
	first := filepath.Join(dir, "0.jsonl.zst")
	tape, err := record.Create(first, record.Header{Label: "ls"}, record.Options{})
	if err != nil {
		b.Fatal(err)
	}
	noise := rand.NewChaCha8([32]byte{})
	for range 1000 {
		var p [1024]byte
		_, _ = noise.Read(p[:]) // never fails
		tape.Line(record.Target, record.Host, fmt.Appendf(nil, `{"jsonrpc":"2.0","method":"x","params":{"x":"%s"}}`+"\n", base64.StdEncoding.EncodeToString(p[:])))
	}
	if _, err := tape.Close("end"); err != nil {
		b.Fatal(err)
	}
	file, err := os.ReadFile(first)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 999 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i+1, ".jsonl.zst")), file, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	var times []float64
	for range rounds {
		began := time.Now()
		out, err := exec.Command(wiretape(b), "ls", "--record-dir", dir).Output()
		if lines := strings.Count(string(out), "\n"); err != nil || lines != 1001 {
			b.Fatalf("%d lines, %v", lines, err)
		}
		times = append(times, time.Since(began).Seconds())
	}
	b.ReportMetric(float64(len(file))/1e6, "MB-each")
	report(b, "s", times)
}

// report prints the median of what was measured, and its spread.
func report(b *testing.B, what string, values []float64) {
	slices.Sort(values)
	b.Logf("%s: median %.2f, from %.2f to %.2f", what, quantile(values, .5), values[0], values[len(values)-1])
	b.ReportMetric(quantile(values, .5), what)
	b.ReportMetric(0, "ns/op")
}

func quantile(sorted []float64, q float64) float64 { return sorted[int(q*float64(len(sorted)-1))] }

// greeting makes an echo's answer 200 bytes long.
var greeting = strings.Repeat("hello, wiretape ", 8) + "0123456"

func call(id int) []byte {
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"text":"%s"}}}`+"\n", id, greeting)
}

// peer is what the benchmark talks to, as a host.
type peer struct {
	b         *testing.B
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	began     time.Time
	recording string
}

func bareServer(b *testing.B, server string) *peer { return play(b, server) }

func relayed(b *testing.B, server string) *peer { return play(b, "relay", server) }

func recorded(b *testing.B, server string) *peer {
	b.Helper()
	file := filepath.Join(b.TempDir(), fmt.Sprintf("%d.jsonl.zst", time.Now().UnixNano()))
	cmd := exec.Command(wiretape(b), "-o", file, "--", os.Args[0], "bench", server)
	p := startPeer(b, cmd)
	p.recording = file
	return p
}

var built struct {
	sync.Once
	path string
	err  error
}

// wiretape builds the real program: its size is a part of what is measured.
func wiretape(b *testing.B) string {
	built.Do(func() {
		var dir string
		if dir, built.err = os.MkdirTemp("", "bench"); built.err != nil {
			return
		}
		built.path = filepath.Join(dir, "wiretape")
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", built.path, "wiretape")
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		b.Fatal(built.err)
	}
	return built.path
}

// play runs the test binary again, in a role of benched.
func play(b *testing.B, role ...string) *peer {
	b.Helper()
	return startPeer(b, exec.Command(os.Args[0], append([]string{"bench"}, role...)...))
}

func startPeer(b *testing.B, cmd *exec.Cmd) *peer {
	b.Helper()
	cmd.Env = append(os.Environ(), actAs+"=server")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	p := &peer{b: b, cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<20), began: time.Now()}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	return p
}

func (p *peer) send(line []byte) {
	if _, err := p.in.Write(line); err != nil {
		p.b.Error(err)
	}
}

func (p *peer) line() []byte {
	line, err := p.out.ReadSlice('\n')
	if err != nil {
		p.b.Fatal(err)
	}
	return line
}

// skip reads a line of any length and gives its length.
func (p *peer) skip() (n int) {
	for {
		line, err := p.out.ReadSlice('\n')
		n += len(line)
		if err == nil {
			return n
		}
		if err != bufio.ErrBufferFull {
			p.b.Fatal(err)
		}
	}
}

func (p *peer) close() {
	p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		p.b.Error(err)
	}
}

// memory reads a figure of /proc/PID/status, in MB; NaN-free only on Linux.
func (p *peer) memory(what string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.b.Skip("memory is read from /proc: ", err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == what+":" {
			kb, _ := strconv.Atoi(fields[1])
			return float64(kb) / 1000
		}
	}
	return 0
}

// benchServe answers each line with as much text.
func benchServe(in io.Reader, out io.Writer, size int) {
	lines := bufio.NewReaderSize(in, 64<<10)
	text := prose(size)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		id := wire.Parse(line).ID
		reply := make([]byte, 0, size+200)
		reply = fmt.Appendf(reply, `{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"`, id)
		reply = append(append(reply, text...), `"}]}}`+"\n"...)
		if _, err := out.Write(reply); err != nil {
			return
		}
	}
}

// prose is text that compresses about as well as what tools answer.
func prose(size int) []byte {
	words := strings.Fields("the server reads a file and gives its lines to whoever asked for them while others wait for their turn in order of arrival path error value index table column result 0x1f 2026 true null")
	var text bytes.Buffer
	for state := uint32(1); text.Len() < size; {
		state = state*1664525 + 1013904223
		text.WriteString(words[state>>16%uint32(len(words))%uint32(len(words))])
		if state>>28 == 0 {
			fmt.Fprintf(&text, " %x", state)
		}
		text.WriteByte(' ')
	}
	return text.Bytes()[:size]
}

// benchRelay copies both ways between its own stdio and a server's.
func benchRelay(server *exec.Cmd) {
	in, _ := server.StdinPipe()
	out, _ := server.StdoutPipe()
	if err := server.Start(); err != nil {
		panic(err)
	}
	// Ends with the host.
	go func() {
		copyAll(in, os.Stdin)
		in.Close()
	}()
	copyAll(os.Stdout, out)
}

// copyAll copies through memory, as a relay that looks at nothing does.
func copyAll(to io.Writer, from io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

// benched plays a role of the benchmark: a server, or the relay before one.
func benched(role []string) int {
	switch role[0] {
	case "demo":
		if err := demo.Serve(os.Stdin, os.Stdout); err != nil {
			return 1
		}
	case "large":
		benchServe(os.Stdin, os.Stdout, 10_000_000)
	case "relay":
		benchRelay(exec.Command(os.Args[0], append([]string{"bench"}, role[1:]...)...))
	}
	return 0
}
