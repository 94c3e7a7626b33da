package replay_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wiretape/record"
	"wiretape/replay"
)

func TestDamagedRecordings(t *testing.T) {
	whole, err := os.ReadFile(recorded(t, "> "+call("1", "a", `{}`), "< "+res("1", `1`)))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text, says string
		is               error
	}{
		{"empty", "", "the file is empty", record.ErrEmpty},
		{"no recording", "hello\n", "not a wiretape recording", record.ErrNotRecording},
		{"newer", strings.Replace(string(whole), `"wiretape":1`, `"wiretape":2`, 1), "2", nil},
		{"torn", string(whole[:len(whole)-30]), "", nil},
		{"damaged", strings.Replace(string(whole), `"seq":2`, `"seq";2`, 1), "damaged", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.jsonl")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			rec, err := replay.Open(path)
			if err == nil {
				rec.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "x.jsonl") || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v", err)
			}
			if rec, err := (replay.Options{Torn: true}).Open(path); (err == nil) != (test.name == "torn") {
				t.Errorf("with Torn: %v", err)
			} else if err == nil {
				rec.Close()
			}
		})
	}
	if _, err := replay.Open(filepath.Join(t.TempDir(), "none.jsonl")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// A torn recording answers what it has the answer to.
func TestTorn(t *testing.T) {
	session := []string{"> " + call("1", "a", `{}`), "< " + res("1", `1`), "> " + call("2", "b", `{}`), "!"}
	if _, err := replay.Open(recorded(t, session...)); err == nil {
		t.Fatal("it was opened without Torn")
	}
	k := begin(t, replay.Options{Torn: true}, session...)
	k.say(call("1", "a", `{}`), call("2", "b", `{}`), call("3", "c", `{}`))
	k.hears(res("1", `1`))
	k.fails("2", -31000, "torn before the answer to tools/call b")
	k.fails("3", -32602, "the recording is torn, and may have had it")
	k.ends()
}

// A file that goes bad while it is played ends the session with an error, not with a wrong answer.
func TestFileThatGoesBad(t *testing.T) {
	path := recorded(t, "> "+call("1", "a", `{}`), "< "+res("1", `"good"`))
	k := talkTo(t, replay.Options{}, path)
	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	k.say(call("1", "a", `{}`))
	if line, err := k.in.ReadString('\n'); err == nil || line != "" {
		t.Errorf("heard %q", line)
	} else if !strings.Contains(err.Error(), "reading event 2 of the recording again") {
		t.Errorf("%v", err)
	}
}

// Damage that is found only while a large recording is played ends the session.
func TestDamageFoundLate(t *testing.T) {
	path := large(t, 2000, 10, "legacy")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(`"seq":3000,`), []byte(`"seq";3000,`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	defer replay.WithoutReadAhead()()
	k := talkTo(t, replay.Options{}, path)
	k.say(largeCall("1", 1900, "legacy"))
	rest, err := io.ReadAll(k.in)
	var damage *record.DamageError
	if !errors.As(err, &damage) {
		t.Errorf("heard %s, then %v", rest, err)
	}
}
