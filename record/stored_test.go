package record

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// largeLines are messages of which two do not fit into a queue of 4 MiB.
func largeLines(n int) [][]byte {
	var lines [][]byte
	for i := range n {
		text := bytes.Repeat([]byte("a line that repeats itself "), 3<<20/27)
		lines = append(lines, fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"result":{"text":"%s"}}`+"\n", i, text))
	}
	return lines
}

func TestLargeLinesAreStoredWhileProducersWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl.zst")
	w := create(t, path, Options{QueueBytes: 4 << 20})
	lines := largeLines(6)
	for _, line := range lines {
		w.Line(Target, Host, line)
	}
	s, err := w.Close("eof")
	if err != nil {
		t.Fatal(err)
	}
	if s.FileBytes < int64(len(lines[0])) {
		t.Errorf("the file has %d bytes: nothing was stored as it is", s.FileBytes)
	}
	if got := Wire(load(t, path).Events, Target, Host); !bytes.Equal(got, bytes.Join(lines, nil)) {
		t.Error("the wire does not come back")
	}
	// Any decoder can read it, checksums included.
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	if text, err := dec.DecodeAll(packed, nil); err != nil || int64(len(text)) != s.RawBytes {
		t.Errorf("%d bytes of %d, %v", len(text), s.RawBytes, err)
	}
	if info, err := Stat(path); err != nil || info.End == nil {
		t.Errorf("the end cannot be found: %+v, %v", info, err)
	}
}

func TestLargeLinesAreCompressedWhileNobodyWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl.zst")
	w := create(t, path, Options{})
	for _, line := range largeLines(6) {
		w.Line(Target, Host, line)
		w.Statistics() // waits until it is written
	}
	s, err := w.Close("eof")
	if err != nil {
		t.Fatal(err)
	}
	if s.FileBytes > s.RawBytes/10 {
		t.Errorf("%d bytes of text take %d bytes", s.RawBytes, s.FileBytes)
	}
}
