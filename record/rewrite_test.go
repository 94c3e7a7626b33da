package record

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"time"
)

func TestRewritingARecordingChangesNothing(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		w := create(t, path, Options{})
		for _, line := range hardLines() {
			w.Line(Host, Target, line)
			w.Line(Target, Host, line)
			w.Line(Host, Proxy, line)
			w.Stderr(line)
		}
		w.Exit(Exit{Signal: "SIGKILL"})
		made, err := w.Close("exit")
		if err != nil {
			t.Fatal(err)
		}
		same(t, path, "exit", made)
	})
	for _, path := range append(sessions(t), vectorFolder+"/frames.jsonl.zst") {
		same(t, path, load(t, path).End.Reason, Summary{})
	}
}

// same writes a recording again, plain and compressed, and compares.
func same(t *testing.T, path, reason string, made Summary) {
	t.Helper()
	want := load(t, path)
	both(t, func(t *testing.T, again string) {
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		s, err := Rewrite(again, r.Header(), r.All(), reason)
		if err != nil {
			t.Fatal(err)
		}
		got := load(t, again)
		if !reflect.DeepEqual(got, want) || !bytes.Equal(plainText(t, got), plainText(t, want)) {
			t.Errorf("%s is another when it is written again", path)
		}
		file, err := os.ReadFile(again)
		if err != nil {
			t.Fatal(err)
		}
		if isFrame(file[:4]) != (filepath.Ext(again) == ".zst") {
			t.Errorf("%s begins with %q", again, file[:4])
		}
		if s.Path != again || !s.Complete || s.Events != int64(len(want.Events)) || s.RawBytes != int64(len(plainText(t, want))) ||
			s.FileBytes != int64(len(file)) || s.SHA256 != hashOf(file) || !reflect.DeepEqual(s.Statistics, want.Statistics) {
			t.Errorf("summary %+v of a file of %d bytes", s, len(file))
		}
		if made.Path != "" && (s.RawBytes != made.RawBytes || !reflect.DeepEqual(s.Statistics, made.Statistics)) {
			t.Errorf("summary %+v, want %+v", s, made)
		}
		if info, err := Stat(again); err != nil || info.End == nil || info.Events != s.Events {
			t.Errorf("Stat gives %+v, %v", info, err)
		}
	})
}

func TestRewriteAddsAndCountsAnew(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		request, response := echo(1)
		old := End{Reason: "exit", Raw: []byte(`{}`)}
		s, err := Rewrite(path, Header{Label: "x", Extra: []byte(`"y":1`)}, Sequence([]Event{
			{Seq: 7, At: time.Second, From: Host, To: Target, Line: request, Extra: []byte(`"later":[1, 2]`)},
			{Seq: 8, At: 2 * time.Second, Name: "snapshot", Extra: []byte(`"of":"x"`)},
			{Seq: 9, At: 3 * time.Second, Name: EventEnd, End: &old, Extra: []byte(`"kept":true`)},
			{Seq: 9, At: 2500 * time.Millisecond, From: Target, To: Host, Line: response},
			{At: 2 * time.Second, Extra: []byte(`"what":null`)},
			{At: 2600 * time.Millisecond, From: Target, Line: []byte("late"), Stderr: true},
		}), "disconnect")
		if err != nil {
			t.Fatal(err)
		}
		r := load(t, path)
		want := `{"wiretape":1,"label":"x","y":1}
{"seq":1,"at":1.0,"from":"host","to":"target","msg":` + string(request[:len(request)-1]) + `,"later":[1, 2]}
{"seq":2,"at":2.0,"event":"snapshot","of":"x"}
{"seq":3,"at":2.5,"from":"target","to":"host","msg":` + string(response[:len(response)-1]) + `}
{"seq":4,"at":2.5,"what":null}
{"seq":5,"at":2.6,"from":"target","stderr":"late","eol":""}
{"seq":6,"at":3.0,"event":"end","reason":"disconnect","statistics":` + string(s.Statistics.append(nil)) + `,"kept":true}
`
		if got := string(plainText(t, r)); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if s.Statistics.ToolsCalled != 1 || s.Statistics.Unanswered != 0 || s.Statistics.StderrLines != 1 {
			t.Errorf("statistics %+v", s.Statistics)
		}
	})
}

func TestRewriteReplacesTheFileItReads(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		path = filepath.Join(filepath.Dir(path), "a", "b", filepath.Base(path))
		events := load(t, vectorFolder+"/conversation.jsonl").Events
		// Who could read the file before can read it still.
		for _, mode := range []os.FileMode{0o600, 0o644, 0o644} {
			if _, err := Rewrite(path, Header{}, Sequence(events), "exit"); err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS == "windows" {
				continue
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%v, %v", info, err)
			}
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Rewrite(path, r.Header(), r.All(), "again"); err != nil {
				t.Fatal(err)
			}
			r.Close()
			if got := load(t, path); len(got.Events) != len(events) || got.End.Reason != "again" {
				t.Errorf("%d events, ended by %q", len(got.Events), got.End.Reason)
			}
		}
		alone(t, path)
	})
}

// alone checks that no other file was left in the folder of path.
func alone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestFailedRewriteLeavesWhatWas(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		if err := os.WriteFile(path, []byte("what was"), 0o600); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if file, err := os.ReadFile(path); err != nil || string(file) != "what was" {
				t.Errorf("%q, %v", file, err)
			}
			alone(t, path)
		}()
		torn, err := Open(vectorFolder + "/torn.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		defer torn.Close()
		var d *DamageError
		if s, err := Rewrite(path, Header{}, torn.All(), "exit"); !errors.As(err, &d) || s.Path != "" {
			t.Errorf("%+v, %v", s, err)
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = Rewrite(path, Header{}, func(func(Event, error) bool) { panic("in the events") }, "exit")
			t.Error("no panic")
		}()
		if _, err := Rewrite(filepath.Join(path, "x.jsonl"), Header{}, Sequence(nil), "exit"); err == nil {
			t.Error("a file was taken for a folder")
		}
	})
}

func TestRewriteOverAFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err := Rewrite(path, Header{}, Sequence(nil), "exit"); err == nil || s.Path != "" {
		t.Errorf("%+v, %v", s, err)
	}
	alone(t, path)
	if info, err := os.Stat(path); err != nil || !info.Mode().Type().IsDir() || info.Mode()&fs.ModeSymlink != 0 {
		t.Error(info, err)
	}
}

// The file that a link leads to is replaced, beside which the new one is made.
func TestRewriteThroughALink(t *testing.T) {
	real, link := filepath.Join(t.TempDir(), "real.jsonl"), filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(real, []byte("old\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	s, err := Rewrite(link, Header{ID: "x"}, Sequence(nil), "exit")
	if err != nil || s.Path != link {
		t.Fatalf("%+v, %v", s, err)
	}
	alone(t, link)
	alone(t, real)
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if r, err := Load(real); err != nil || r.Header.ID != "x" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRewriteStopsWhenTheDiskIsFull(t *testing.T) {
	for _, name := range []string{"x.jsonl", "x.jsonl.zst"} {
		r := rewriting{tape: tape{trouble: &trouble{}}}
		if err := r.tape.begin(name, Header{}, &full{room: 100_000}, never); err != nil {
			t.Fatal(err)
		}
		taken := 0
		r.events(func(yield func(Event, error) bool) {
			for yield(Event{From: Target, To: Host, Line: large(taken, 1000)}, nil) {
				taken++
			}
		}, "exit")
		r.tape.finish()
		if err := r.tape.trouble.err(); !errors.Is(err, errFull) || taken < 100 {
			t.Errorf("%s: %v after %d events", name, err, taken)
		}
	}
}

func TestRewriteHoldsOneEvent(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		line, most := large(1, 100_000), uint64(0)
		runtime.GC()
		s, err := Rewrite(path, Header{}, func(yield func(Event, error) bool) {
			for n := range 500 {
				if !yield(Event{At: time.Duration(n), From: Target, To: Host, Line: line}, nil) {
					return
				}
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}, "exit")
		if err != nil || s.Events != 501 || most > 64<<20 {
			t.Errorf("%+v, %v, %d MB in use", s, err, most>>20)
		}
	})
}

func TestAllEndsAtTheEnd(t *testing.T) {
	for path, damaged := range map[string]bool{"/frames.jsonl.zst": false, "/torn.jsonl": true} {
		r, err := Open(vectorFolder + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for range r.All() {
			break // what follows goes on behind it
		}
		want := len(eventsOf(t, vectorFolder+path))
		n, failed := 1, 0
		for e, err := range r.All() {
			if err != nil {
				failed++
				continue
			}
			n++
			if e.Seq != int64(n) {
				t.Errorf("event %d is given as number %d", e.Seq, n)
			}
		}
		if n != want || (failed == 1) != damaged || failed > 1 {
			t.Errorf("%s: %d events, %d errors", path, n, failed)
		}
	}
}
