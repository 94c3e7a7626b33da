package replay_test

import (
	"path/filepath"
	"testing"

	"wiretape/record"
	"wiretape/replay"
)

// A last line that was recorded without an end gets one, as the host waits for it,
// unless the server ended behind it.
func TestALineWithoutAnEnd(t *testing.T) {
	question := req("1", "a", "") + "\n"
	for reason, want := range map[string]string{"disconnect": res("1", `{}`) + "\n", "exit": res("1", `{}`)} {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		w, err := record.Create(path, record.Header{}, record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w.Line(record.Host, record.Target, []byte(question))
		w.Line(record.Target, record.Host, []byte(res("1", `{}`)))
		w.Exit(record.Exit{})
		if _, err := w.Close(reason); err != nil {
			t.Fatal(err)
		}
		k := talkTo(t, replay.Options{}, path)
		k.say(req("1", "a", ""))
		heard := make([]byte, 1000)
		n, err := k.s.Read(heard)
		if got := string(heard[:n]); got != want || err != nil {
			t.Errorf("%s: heard %q, %v; want %q", reason, got, err, want)
		}
	}
}
