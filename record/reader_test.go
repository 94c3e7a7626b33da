package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// many makes a compressed recording of several full frames.
func many(t testing.TB) (path string, events int) {
	path = filepath.Join(t.TempDir(), "x.jsonl.zst")
	w := create(t, path, Options{})
	line := large(1, 100_000)
	for range 100 {
		w.Line(Target, Host, line)
	}
	w.Line(Target, Host, large(2, 5<<20))
	w.Line(Target, Host, line)
	s, err := w.Close("eof")
	if err != nil {
		t.Fatal(err)
	}
	return path, int(s.Events)
}

func TestFramesAreIndependentAndSmall(t *testing.T) {
	path, events := many(t)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec, _ := zstd.NewReader(nil)
	defer dec.Close()
	var texts []int
	seen := 0
	for from, ends := 0, frameEnds(file); len(ends) > 1; ends = ends[1:] {
		text, err := dec.DecodeAll(file[from:ends[0]], nil)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text, []byte("\n"))
		if len(text) > frameText && lines != 1 || text[len(text)-1] != '\n' {
			t.Errorf("a frame of %d bytes holds %d lines", len(text), lines)
		}
		texts, seen, from = append(texts, len(text)), seen+lines, ends[0]
	}
	if len(texts) != 7 || seen != events+1 {
		t.Errorf("%d lines in frames of %v bytes", seen, texts)
	}
	all, err := dec.DecodeAll(file, nil)
	if err != nil || !bytes.Equal(all, plainText(t, load(t, path))) {
		t.Errorf("a decoder that knows nothing of seek tables: %v", err)
	}
}

// TestOtherDecoders has the zstd program read what this one writes.
func TestOtherDecoders(t *testing.T) {
	program, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("the zstd program is not installed")
	}
	path, _ := many(t)
	out, err := exec.Command(program, "-dc", path).Output()
	if err != nil || !bytes.Equal(out, plainText(t, load(t, path))) {
		t.Errorf("zstd -dc: %v", err)
	}
	list, err := exec.Command(program, "-lv", path).Output()
	if err != nil || !strings.Contains(string(list), "XXH64") {
		t.Errorf("zstd -lv: %v\n%s", err, list)
	}
	text := filepath.Join(t.TempDir(), "z.jsonl")
	if err := os.WriteFile(text, out, 0o600); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "z.jsonl.zst")
	if err := exec.Command(program, "-q", "-3", text, "-o", again).Run(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(plainText(t, load(t, again)), out) {
		t.Error("what zstd has compressed is read as something else")
	}
}

func TestSeekTable(t *testing.T) {
	path, _ := many(t)
	file, _ := os.ReadFile(path)
	ends := frameEnds(file)
	table := file[ends[len(ends)-2]:]
	want := []byte{0x5E, 0x2A, 0x4D, 0x18}
	if !bytes.HasPrefix(table, want) || !bytes.HasSuffix(table, []byte{byte(len(ends) - 1), 0, 0, 0, 0, 0xB1, 0xEA, 0x92, 0x8F}) {
		t.Fatalf("seek table % x", table)
	}
	from := 0
	for i, end := range ends[:len(ends)-1] {
		entry := table[8+8*i:]
		if size := int(entry[0]) | int(entry[1])<<8 | int(entry[2])<<16; size != end-from {
			t.Errorf("frame %d has %d bytes, its entry says %d", i, end-from, size)
		}
		from = end
	}
}

// A frame that was changed anywhere costs no event of another frame.
func TestChangedBitCostsOneFrame(t *testing.T) {
	file, err := os.ReadFile(vectorFolder + "/frames.jsonl.zst")
	if err != nil {
		t.Fatal(err)
	}
	ends := frameEnds(file)
	whole := all(file).recording.Events
	for at := ends[0]; at < ends[len(ends)-2]; at++ {
		changed := bytes.Clone(file)
		changed[at] ^= 1 << (at % 8)
		got := all(changed)
		if got.recording == nil {
			t.Fatalf("byte %d: %v", at, got.err)
		}
		if lost := len(whole) - len(got.recording.Events); lost < 0 || lost > 4 || lost > 0 && got.err == nil {
			t.Fatalf("byte %d: %d events lost, %v", at, lost, got.err)
		}
	}
}

func TestBombIsRefused(t *testing.T) {
	const limit = 1 << 20
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := func(text string) []byte {
		return enc.EncodeAll([]byte(text), nil)
	}
	header, end := bomb(`{"wiretape":1}`+"\n"), bomb(`{"seq":1,"at":0.0,"event":"end"}`+"\n")
	packed := bytes.Join([][]byte{header, bomb(strings.Repeat("x", 64<<20)), end}, nil)
	plain := []byte(`{"wiretape":1}` + "\n" + strings.Repeat("x", 3<<20) + "\n" + `{"seq":1,"at":0.0,"event":"end"}` + "\n")
	for _, file := range [][]byte{packed, plain} {
		r, err := newReader(bytes.NewReader(file), limit)
		if err != nil {
			t.Fatal(err)
		}
		recording, err := r.rest()
		var d *DamageError
		if !errors.As(err, &d) || !strings.Contains(d.Reason, "too long") || d.Count != 1 || recording.End == nil {
			t.Errorf("%v", err)
		}
		r.Close()
	}
}

func TestReaderTakesSmallBites(t *testing.T) {
	for _, path := range vectors(t) {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := all(file)
		r, err := NewReader(iotest.OneByteReader(iotest.DataErrReader(bytes.NewReader(file))))
		if err != nil {
			if want.err == nil || err.Error() != want.err.Error() {
				t.Errorf("%s: %v, want %v", path, err, want.err)
			}
			continue
		}
		got, err := r.rest()
		if fmt.Sprint(err) != fmt.Sprint(want.err) || len(got.Events) != len(want.recording.Events) {
			t.Errorf("%s: %v, want %v", path, err, want.err)
		}
	}
}

func TestReadErrorsAreNoDamage(t *testing.T) {
	broken := errors.New("broken disk")
	for _, name := range []string{"/conversation.jsonl", "/frames.jsonl.zst"} {
		file, err := os.ReadFile(vectorFolder + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 3, 100, 700, len(file)} {
			r, err := NewReader(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)))
			if err == nil {
				_, err = r.rest()
			}
			if !errors.Is(err, broken) {
				t.Errorf("%s broken at %d: %v", name, n, err)
			}
		}
	}
}

func TestReaderAfterItsEnd(t *testing.T) {
	r, err := Open(vectorFolder + "/frames.jsonl.zst")
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = r.Next()
	}
	if _, again := r.Next(); !errors.Is(err, io.EOF) || !errors.Is(again, io.EOF) {
		t.Error(err, again)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

func TestNoFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "x.jsonl")
	_, open := Open(missing)
	_, stat := Stat(missing)
	_, load := Load(missing)
	for _, err := range []error{open, stat, load} {
		if !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
}
