package record

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// sessions gives the recordings of real hosts and servers.
func sessions(t testing.TB) []string {
	paths, _ := filepath.Glob("../fixtures/sessions/*.jsonl")
	if len(paths) < 15 {
		t.Fatalf("found only %d sessions", len(paths))
	}
	return paths
}

// index is what Next gives, with the places.
func index(t testing.TB, r *Reader) (events []Event, places []Place) {
	t.Helper()
	defer r.Close()
	for e, err := range r.All() {
		var d *DamageError
		if err != nil && !errors.As(err, &d) {
			t.Fatal(err)
		}
		if err == nil {
			events, places = append(events, e), append(places, r.Place())
		}
	}
	return events, places
}

func indexFile(t testing.TB, path string) ([]Event, []Place) {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return index(t, r)
}

func openFile(t testing.TB, path string) *File {
	t.Helper()
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// findsAll has a file give each event in order and, by eight readers at once,
// in any order.
func findsAll(t *testing.T, path string) {
	t.Helper()
	events, places := indexFile(t, path)
	f := openFile(t, path)
	find := func(i int) {
		if e, err := f.At(places[i]); err != nil || !reflect.DeepEqual(e, events[i]) {
			t.Errorf("%s: event %d is %v, want %v, error %v", path, i+1, clipped(&e), clipped(&events[i]), err)
		}
	}
	for i := range events {
		find(i)
	}
	var all sync.WaitGroup
	for seed := range uint64(8) {
		all.Go(func() {
			for _, i := range rand.New(rand.NewPCG(1, seed)).Perm(len(events)) {
				find(i)
			}
		})
	}
	all.Wait()
	for i := range places[:max(len(places)-1, 0)] {
		if !places[i+1].after(places[i]) {
			t.Errorf("%s: event %d at %+v, the next at %+v", path, i+1, places[i], places[i+1])
		}
	}
}

func clipped(e *Event) string {
	text := say(e)
	return text[:min(len(text), 300)]
}

func TestFileFindsWhatNextGives(t *testing.T) {
	for _, path := range append(vectors(t), sessions(t)...) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r, err := Open(path)
			if err != nil {
				if _, got := OpenFile(path); got == nil || got.Error() != err.Error() {
					t.Errorf("OpenFile: %v, want %v", got, err)
				}
				return
			}
			defer r.Close()
			if got := openFile(t, path).Header(); !reflect.DeepEqual(got, r.Header()) {
				t.Errorf("header %+v", got)
			}
			findsAll(t, path)
			for _, packed := range compressedAs(t, path) {
				findsAll(t, packed)
			}
		})
	}
}

// compressedAs writes a plain recording as this package, with many frames, and
// another program would. None is damaged.
func compressedAs(t *testing.T, path string) []string {
	dir := t.TempDir()
	r, _ := Load(path)
	rewritten := filepath.Join(dir, "rewritten.jsonl.zst")
	if _, err := Rewrite(rewritten, r.Header, Sequence(r.Events), "eof"); err != nil {
		t.Fatal(err)
	}
	text := plainText(t, r)
	one, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := map[string][]byte{
		"one.jsonl.zst":  one.EncodeAll(text, nil),
		"many.jsonl.zst": packVector(t, slices.Collect(bytes.Lines(text))),
	}
	paths := []string{rewritten}
	for name, file := range packed {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

func TestFileFindsLargeLines(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		w := create(t, path, Options{QueueBytes: 4 << 20}) // so that some are stored as they are
		for i, line := range largeLines(6) {
			w.Line(Target, Host, line)
			w.Line(Host, Target, large(i, 300))
		}
		w.Line(Target, Host, large(7, 5<<20))
		if !testing.Short() {
			w.Stderr(bytes.Repeat([]byte("\xff"), 7<<20))
			w.Line(Target, Host, large(8, 20<<20))
		}
		if _, err := w.Close("eof"); err != nil {
			t.Fatal(err)
		}
		findsAll(t, path)
	})
}

func TestFileKeepsFewFrames(t *testing.T) {
	path, _ := many(t)
	events, places := indexFile(t, path)
	f := openFile(t, path)
	s := f.lines.(*shelf)
	for i, place := range places {
		if _, err := f.At(place); err != nil {
			t.Fatal(err)
		}
		held := 0
		for _, frame := range s.frames {
			held += cap(frame.text)
		}
		if len(s.frames) > shelfFrames || held > shelfBytes && len(s.frames) > 1 {
			t.Fatalf("%d frames of %d bytes are held after event %d", len(s.frames), held, i+1)
		}
	}
	if len(events) < 100 || len(s.frames) < 2 {
		t.Errorf("%d events, %d frames", len(events), len(s.frames))
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil || len(s.frames) > 0 || s.spare != nil {
		t.Errorf("%v, and %d frames are held", err, len(s.frames))
	}
	if _, err := f.At(places[0]); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

// In order, a frame is decompressed once: the frames that are read are those
// that are in the file.
func TestFileReadsEachFrameOnce(t *testing.T) {
	path, _ := many(t)
	_, places := indexFile(t, path)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stat, _ := file.Stat()
	counting := &countingFile{File: file}
	f, err := newFile(counting, longestText)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range places {
		if _, err := f.At(place); err != nil {
			t.Fatal(err)
		}
	}
	if most := int(stat.Size()) + 8*2*readSize; counting.bytes > most {
		t.Errorf("%d bytes are read of %d", counting.bytes, stat.Size())
	}
}

func TestNoEventAtOtherPlaces(t *testing.T) {
	inner := `{"wiretape":1}` + "\n" +
		`{"seq":1,"at":0.5,"from":"host","to":"target","msg":{"seq":7,"at":0.1,"event":"x"}}` + "\n" +
		`{"seq":2,"at":0.5,"event":"end"}` + "\n\n \nno event\nno end"
	one, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := packVector(t, [][]byte{[]byte(inner[:15]), []byte(inner[15:])})
	for _, text := range [][]byte{[]byte(inner), packed, one.EncodeAll([]byte(inner), nil)} {
		r, err := NewReader(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		_, places := index(t, r)
		f, err := newFile(bytes.NewReader(text), longestText)
		if err != nil || len(places) != 2 {
			t.Fatal(err, places)
		}
		offsets := append(numbers(-1, len(text)+2), math.MinInt64, math.MaxInt64-1, math.MaxInt64)
		for _, p := range product(offsets, append(numbers(0, len(inner)+2), math.MaxUint32)) {
			if e, err := f.At(p); (err == nil) != slices.Contains(places, p) {
				t.Fatalf("at %+v: %+v, %v", p, e, err)
			}
		}
	}
}

func product(offsets, skips []int64) (places []Place) {
	for _, offset := range offsets {
		for _, skip := range skips {
			places = append(places, Place{offset, uint32(skip)})
		}
	}
	return places
}

func numbers(from, to int) (list []int64) {
	for ; from < to; from++ {
		list = append(list, int64(from))
	}
	return list
}

// What is read of a file that was changed since it was indexed is an error, or
// the event that was there.
func TestFileChangedAfterOpening(t *testing.T) {
	for _, name := range []string{"conversation.jsonl", "frames.jsonl.zst"} {
		file, err := os.ReadFile(vectorFolder + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n <= len(file); n += 7 {
			zeroed := append(bytes.Clone(file[:n]), make([]byte, len(file)-n)...)
			cut, blank := lostBy(t, file, file[:n]), lostBy(t, file, zeroed)
			if n == 7 && (cut < 15 || blank < 15) {
				t.Errorf("%s: only %d and %d events are lost", name, cut, blank)
			}
			if name == "frames.jsonl.zst" { // which has checksums
				flipped := bytes.Clone(file)
				flipped[min(n, len(file)-1)] ^= 1
				lostBy(t, file, flipped)
			}
		}
	}
}

// lostBy counts the events that are not found any more when a file that is open
// becomes another.
func lostBy(t *testing.T, file, changed []byte) (lost int) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	events, places := index(t, r)
	f, err := newFile(bytes.NewReader(file), longestText)
	if err != nil {
		t.Fatal(err)
	}
	f.lines = linesOf(f, changed)
	for i, place := range places {
		e, err := f.At(place)
		if err != nil {
			lost++
		} else if !reflect.DeepEqual(e, events[i]) {
			t.Fatalf("event %d is %s", i+1, say(&e))
		}
	}
	return lost
}

// linesOf is what f finds when its file has become another.
func linesOf(f *File, file []byte) linesAt {
	if _, ok := f.lines.(*shelf); ok {
		return &shelf{src: bytes.NewReader(file), limit: longestText}
	}
	return &plainFile{src: bytes.NewReader(file), limit: longestText}
}

func TestFileTruncatedAfterOpening(t *testing.T) {
	for _, name := range []string{"conversation.jsonl", "frames.jsonl.zst"} {
		file, err := os.ReadFile(vectorFolder + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		_, places := indexFile(t, path)
		f := openFile(t, path)
		if err := os.Truncate(path, 100); err != nil {
			t.Skip(err)
		}
		_, err = f.At(places[len(places)-1])
		want := fmt.Sprintf("%s: reading the event at byte %d: no event begins there", path, places[len(places)-1].Offset)
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestFileRefusesBombs(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	header := `{"wiretape":1}` + "\n"
	line := strings.Repeat("x", 8<<20) + "\n"
	first := enc.EncodeAll([]byte(header), nil)
	for _, test := range []struct {
		file  []byte
		place Place
	}{
		{[]byte(header + line), Place{Offset: int64(len(header))}},
		{append(first, enc.EncodeAll([]byte(line), nil)...), Place{Offset: int64(len(first))}},
	} {
		f, err := newFile(bytes.NewReader(test.file), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.At(test.place); !errors.Is(err, errTooLong) {
			t.Error(err)
		}
	}
}
