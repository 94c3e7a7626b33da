package imports

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"wiretape/record"
	"wiretape/replay"
)

// Each vector in testdata is a file of another tool's (in), what is read of it
// (want), and a talk with what was imported (play): lines that the host says
// (">") and hears ("<"). With -update, want is written anew.
var update = flag.Bool("update", false, "write what is read of the vectors into them")

// vector is a file of testdata.
type vector struct {
	path    string
	archive *txtar.Archive
}

func (v *vector) section(name string) []byte {
	for _, f := range v.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func vectors(t testing.TB) []*vector {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(paths) < 8 {
		t.Fatalf("there are only %d vectors: %v", len(paths), err)
	}
	var all []*vector
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &vector{path, archive})
	}
	return all
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(strings.TrimSuffix(filepath.Base(v.path), ".txtar"), func(t *testing.T) {
			f := open(t, v.section("in"))
			got := picture(t, f)
			if *update {
				v.write(t, got)
			}
			if want := string(v.section("want")); got != want {
				t.Errorf("read\n%s\nwant\n%s", got, want)
			}
			for i, c := range f.Connections {
				path := written(t, c)
				if i == 0 {
					play(t, path, string(v.section("play")))
				}
			}
		})
	}
}

// write puts what was read into the vector.
func (v *vector) write(t *testing.T, got string) {
	t.Helper()
	files := slices.DeleteFunc(v.archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	v.archive.Files = slices.Insert(files, 1, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(v.path, txtar.Format(v.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// moment is what the file of a test was changed at.
var moment = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// open opens a file with this text.
func open(t testing.TB, text []byte) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	err := errors.Join(os.WriteFile(path, text, 0o600), os.Chtimes(path, moment, moment))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// picture shows all that is known of a file.
func picture(t testing.TB, f *File) string {
	t.Helper()
	out := "tool: " + f.Tool + "\n"
	for _, c := range f.Connections {
		h := c.Header
		h.ID, h.Session = "", ""
		out += "\n" + string(h.Append(nil)) + "\n"
		for _, e := range events(t, c) {
			out += string(e.Append(nil)) + "\n"
		}
		for _, lack := range c.Lacks {
			out += "lacks: " + lack + "\n"
		}
	}
	return out
}

func events(t testing.TB, c *Connection) []record.Event {
	t.Helper()
	var all []record.Event
	for e, err := range c.Events() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// written writes a recording of a connection, and checks that it holds what the
// connection does.
func written(t testing.TB, c *Connection) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "imported.jsonl.zst")
	if _, err := record.Rewrite(path, c.Header, c.Events(), Reason); err != nil {
		t.Fatal(err)
	}
	r, err := record.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Header.Started.Equal(c.Header.Started) || r.Header.Label != c.Header.Label || r.End == nil || r.End.Reason != Reason {
		t.Errorf("the header has become %+v, with the end %+v", r.Header, r.End)
	}
	given := events(t, c)
	if len(r.Events) != len(given)+1 {
		t.Fatalf("%d events have become %d and an end", len(given), len(r.Events)-1)
	}
	at := time.Duration(0)
	for i, want := range given {
		got := r.Events[i]
		at = max(at, want.At)
		if !bytes.Equal(got.Line, want.Line) || got.At != at || got.From != want.From || got.To != want.To || got.Stderr != want.Stderr {
			t.Errorf("event %d\n%+v\nhas become\n%+v", i+1, want, got)
		}
	}
	return path
}

// play talks to a recording as talk has it.
func play(t *testing.T, path, talk string) {
	t.Helper()
	rec, err := replay.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	s := rec.Start()
	defer s.Close()
	defer time.AfterFunc(time.Minute, s.Close).Stop()
	heard, says := bufio.NewReader(s), 0
	for line := range strings.Lines(talk) {
		if text, ok := strings.CutPrefix(line, "> "); ok {
			says++
			if _, err := s.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want := strings.TrimPrefix(line, "< ")
		got, err := heard.ReadString('\n')
		if err != nil || got != want {
			t.Fatalf("heard %swant  %s%v", got, want, err)
		}
	}
	s.CloseInput()
	if rest, err := io.ReadAll(heard); err != nil || len(rest) > 0 {
		t.Errorf("at the end was heard %s%v", rest, err)
	}
	if report := s.Report(); says == 0 || report.Failed > 0 {
		t.Errorf("of %d lines said, %d failed: %+v", says, report.Failed, report.Missed)
	}
}

// TestEveryToolHasVectors keeps a tool from being forgotten here.
func TestEveryToolHasVectors(t *testing.T) {
	seen := make(map[string]bool)
	for _, v := range vectors(t) {
		seen[open(t, v.section("in")).Tool] = true
	}
	for _, tool := range tools() {
		if !seen[tool.name] {
			t.Errorf("there is no vector of %s", tool.name)
		}
	}
	if len(seen) != len(tools()) {
		t.Errorf("the vectors are of %v", seen)
	}
}
