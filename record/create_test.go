package record

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestCreateIsExclusiveAndPrivate(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		path = filepath.Join(filepath.Dir(path), "a", "b", filepath.Base(path))
		w := create(t, path, Options{})
		defer w.Close("eof")
		if _, err := Create(path, Header{}, Options{}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("second Create: %v", err)
		}
		if runtime.GOOS == "windows" {
			return
		}
		for name, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	})
}

func TestCreateNextNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []string{"x.jsonl.zst", "x-2.jsonl.zst", "x-3.jsonl.zst"} {
		w, err := CreateNext(filepath.Join(dir, "x.jsonl.zst"), Header{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if w.Close("eof"); w.Path() != filepath.Join(dir, want) {
			t.Errorf("got %s, want %s", w.Path(), want)
		}
	}
	if _, err := CreateNext(filepath.Join(dir, "x.jsonl.zst", "y"), Header{}, Options{}); err == nil {
		t.Error("made a recording within a file")
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")); err == nil {
		if _, err := CreateNext(filepath.Join(dir, "link", "y"), Header{}, Options{}); err == nil {
			t.Error("made a recording behind a link to nowhere")
		}
	}
}

func TestNumbered(t *testing.T) {
	for path, want := range map[string]string{
		"x.jsonl.zst": "x-2.jsonl.zst", "x.jsonl": "x-2.jsonl", "x.zst": "x-2.zst", "x": "x-2",
		"a.b/x": "a.b/x-2", "x.y.jsonl": "x.y-2.jsonl", "x.json": "x-2.json", ".jsonl": ".jsonl-2", ".x": ".x-2",
	} {
		if got := numbered(path, 2); got != want {
			t.Errorf("%s becomes %s, want %s", path, got, want)
		}
	}
}

func TestFailedCreateLeavesNoFile(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	if err := newWriter("x.jsonl.zst", Header{}, Options{}).begin(f); err == nil {
		t.Error("a header was written to a full disk")
	}
}

func TestFileName(t *testing.T) {
	started := time.Date(2026, 1, 2, 16, 4, 5, 0, time.FixedZone("", 3600))
	for label, want := range map[string]string{
		"everything":             "everything-20260102T150405Z-0000c0de.jsonl.zst",
		"@scope/server one":      "scope-server-one-20260102T150405Z-0000c0de.jsonl.zst",
		"..":                     "recording-20260102T150405Z-0000c0de.jsonl.zst",
		"":                       "recording-20260102T150405Z-0000c0de.jsonl.zst",
		"été":                    "été-20260102T150405Z-0000c0de.jsonl.zst",
		strings.Repeat("é", 100): strings.Repeat("é", 32) + "-20260102T150405Z-0000c0de.jsonl.zst",
	} {
		h := Header{Label: label, Started: started, ID: "0193f3a1-7c00-7000-8000-00000000c0de"}
		if got := FileName(h); got != want {
			t.Errorf("%q gives %s, want %s", label, got, want)
		}
	}
	now := Header{Label: "x", Started: started}
	names := map[string]bool{}
	for range 100 {
		now.ID = NewID()
		names[FileName(now)] = true
	}
	if len(names) != 100 {
		t.Errorf("%d names for 100 connections of one moment", len(names))
	}
}

func TestDir(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("LocalAppData", "")
	t.Setenv("XDG_STATE_HOME", "relative")
	t.Setenv("WIRETAPE_HOME", "")
	got, err := Dir()
	if err != nil || !strings.HasPrefix(got, home) || filepath.Base(got) != "wiretape" {
		t.Error(got, err)
	}
	if runtime.GOOS == "linux" {
		t.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
		if got, _ := Dir(); got != filepath.Join(home, "state", "wiretape") {
			t.Error(got)
		}
	}
	t.Setenv("WIRETAPE_HOME", "tapes")
	if got, _ := Dir(); got != "tapes" {
		t.Error(got)
	}
}

// countingFile counts what is read of a file.
type countingFile struct {
	*os.File
	reads, bytes int
}

func (c *countingFile) ReadAt(p []byte, at int64) (int, error) {
	n, err := c.File.ReadAt(p, at)
	c.reads, c.bytes = c.reads+1, c.bytes+n
	return n, err
}

func TestStatReadsOnlyHeadAndTail(t *testing.T) {
	packed, events := many(t)
	plain := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(plain, plainText(t, load(t, packed)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{packed, plain} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		stat, _ := f.Stat()
		counting := &countingFile{File: f}
		info := Info{Size: stat.Size()}
		if err := info.read(counting); err != nil || info.Events != int64(events) || info.Size < 1<<20 {
			t.Errorf("%+v, %v", info, err)
		}
		if counting.reads > 4 || counting.bytes > 24<<10 {
			t.Errorf("%s: %d bytes in %d reads", path, counting.bytes, counting.reads)
		}
	}
}

// BenchmarkStat lists recordings of over 1 MB.
func BenchmarkStat(b *testing.B) {
	path, _ := many(b)
	b.ReportAllocs()
	for b.Loop() {
		if info, err := Stat(path); err != nil || info.End == nil {
			b.Fatal(err)
		}
	}
}
