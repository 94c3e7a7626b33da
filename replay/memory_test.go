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

// TestMemory: what is kept of a recording grows with the number of its calls, not with their payloads.
func TestMemory(t *testing.T) {
	const calls, most = 15000, 300
	for _, era := range []string{"legacy", "modern"} {
		t.Run(era, func(t *testing.T) {
			one, many := heap(t, large(t, 1, 1000, era)), heap(t, large(t, calls, 1000, era))
			each := float64(many-one) / calls
			t.Logf("%.0f bytes for each call", each)
			if each > most {
				t.Errorf("%.0f bytes are kept for each call, want at most %d", each, most)
			}
		})
	}
}

// heap gives how much memory an open recording takes that was read to its end.
func heap(t *testing.T, path string) int64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rec, err := replay.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	s := rec.Start()
	defer s.Close()
	if s.Report().UnusedSum == 0 {
		t.Error("there are no calls")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(rec)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
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
