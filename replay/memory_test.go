package replay_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wiretape/replay"
)

// large writes a recording with a payload of so many bytes for each call. Each call is another one.
func large(t testing.TB, calls, payload int, era string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(out, `{"wiretape":1,"id":"01a2","session":"01a1","connection":1,"label":"large","started":"2026-11-22T08:00:00Z","target":{"transport":"stdio","command":["test"]},"version":"1"}`)
	seq := 0
	say := func(from, to, message string) {
		seq++
		fmt.Fprintf(out, `{"seq":%d,"at":%d.5,"from":%q,"to":%q,"msg":%s}`+"\n", seq, seq/1000, from, to, message)
	}
	if era == "legacy" {
		say("host", "target", req("0", "initialize", sampling))
		say("target", "host", res("0", opened))
	}
	text := strings.Repeat("x", payload)
	for i := range calls {
		id := fmt.Sprint(i + 1)
		say("host", "target", largeCall(id, i, era))
		say("target", "host", res(id, fmt.Sprintf(`{"content":[{"type":"text","text":"%d %s"}]}`, i, text)))
	}
	fmt.Fprintf(out, `{"seq":%d,"at":%d,"event":"end","reason":"host","statistics":{}}`+"\n", seq+1, seq)
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func largeCall(id string, n int, era string) string {
	meta := ""
	if era == "modern" {
		meta = `,"_meta":{` + modernMeta + `,"progressToken":` + id + `}`
	}
	return req(id, "tools/call", fmt.Sprintf(`{"name":"t","arguments":{"n":%d}%s}`, n, meta))
}

// TestMemory: what is kept of a recording grows with the number of its calls, not with their payloads, read or played.
func TestMemory(t *testing.T) {
	const calls, most = 15000, 300
	for _, era := range []string{"legacy", "modern"} {
		t.Run(era, func(t *testing.T) {
			one, _ := heap(t, 1, era)
			read, played := heap(t, calls, era)
			each, more := float64(read-one)/calls, float64(played-read)/calls
			t.Logf("%.0f bytes for each call, %.0f more when it was played", each, more)
			if each+more > most {
				t.Errorf("%.0f bytes are kept for each call, want at most %d", each+more, most)
			}
		})
	}
}

// heap gives how much memory an open recording takes that was read to its end, and then played.
func heap(t *testing.T, calls int, era string) (read, played int64) {
	t.Helper()
	path := large(t, calls, 1000, era)
	before := inUse()
	rec, err := replay.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	s := rec.Start()
	defer s.Close()
	if s.Report().UnusedSum < calls {
		t.Error("calls are missing")
	}
	read = inUse() - before
	in := bufio.NewReader(s)
	for i := range calls {
		if _, err := s.Write([]byte(largeCall(`"`+strings.Repeat("i", 1000)+fmt.Sprint(i)+`"`, i, era) + "\n")); err != nil {
			t.Fatal(err)
		}
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, `"result"`) {
			t.Fatalf("%s, %v", line, err)
		}
	}
	played = inUse() - before
	runtime.KeepAlive(rec)
	return read, played
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestPlayedWhileRead plays a recording that is not yet read to its end: each call gets its answer, also the last one
// first, and what is missing is missed.
func TestPlayedWhileRead(t *testing.T) {
	const calls = 3000
	defer replay.WithoutReadAhead()()
	k := talkTo(t, replay.Options{}, large(t, calls, 100, "legacy"))
	for _, n := range []int{calls - 1, 0, calls / 2} {
		k.say(largeCall("1", n, "legacy"))
		if got := k.line(); !strings.HasPrefix(got, res("1", fmt.Sprintf(`{"content":[{"type":"text","text":"%d xxx`, n))[:50]) {
			t.Errorf("heard %s", got)
		}
	}
	k.say(largeCall("1", calls, "legacy"))
	k.fails("1", -31000, "/params/arguments/n")
	k.ends()
}
