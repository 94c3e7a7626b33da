package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLine(t *testing.T) {
	tests := []struct {
		line Line
		want string
	}{
		{nil, ""},
		{Line{}, ""},
		{Line{raw("")}, ""},
		{Line{raw("a\n")}, "a\n"},
		{Line{raw("a"), raw(""), raw("bc"), raw("\r"), raw("\n")}, "abc\r\n"},
	}
	for _, test := range tests {
		if got := test.line.Bytes(); string(got) != test.want || test.line.Len() != len(test.want) {
			t.Errorf("%q: %q of %d bytes, want %q", test.line, got, test.line.Len(), test.want)
		}
	}
	piece := raw("a\n")
	if got := (Line{piece}).Bytes(); &got[0] != &piece[0] {
		t.Error("a line in one piece was copied")
	}
}

func TestReader(t *testing.T) {
	text := strings.Repeat("0123456789abcde\n", 3*pieceSize/16) + "no newline"
	sources := map[string]io.Reader{
		"whole":         strings.NewReader(text),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(text)),
		"halves":        iotest.HalfReader(strings.NewReader(text)),
		"data with EOF": iotest.DataErrReader(strings.NewReader(text)),
		"scribbler":     scribbler{iotest.OneByteReader(strings.NewReader(text))},
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			if got := readAll(t, source, io.EOF); got != text {
				t.Errorf("%d bytes arrived, or other bytes, of %d", len(got), len(text))
			}
		})
	}
}

func TestReaderGivesBytesAndErrors(t *testing.T) {
	broken := errors.New("broken")
	source := io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken))
	if got := readAll(t, source, broken); got != "abc" {
		t.Errorf("got %q before the error", got)
	}
}

// readAll reads to the error, which must be want, and joins the pieces only
// then: none of them may have changed since it was given out.
func readAll(t *testing.T, source io.Reader, want error) string {
	t.Helper()
	var line Line
	var copies bytes.Buffer
	r := NewReader(source)
	for {
		piece, err := r.Next()
		if len(piece) != cap(piece) {
			t.Fatalf("a piece of %d bytes has room for %d: appending to it would change the next", len(piece), cap(piece))
		}
		line = append(line, piece)
		copies.Write(piece)
		if err != nil {
			if err != want {
				t.Fatalf("the error is %v, want %v", err, want)
			}
			break
		}
	}
	if !bytes.Equal(line.Bytes(), copies.Bytes()) {
		t.Fatal("a piece changed after it was given out")
	}
	return copies.String()
}

// scribbler uses what is left of its buffer as scratch space, as io.Reader allows.
type scribbler struct{ io.Reader }

func (s scribbler) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	copy(p[n:], "scribbled over")
	return n, err
}
