package record

import (
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"testing"
	"time"

	"wiretape/internal/wire"
)

// FuzzReader reads any bytes: no panic, no hang, bounded memory, and an error
// that is one of those documented.
func FuzzReader(f *testing.F) {
	for _, path := range vectors(f) {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := newReader(bytes.NewReader(file), 1<<20)
		if err != nil {
			return
		}
		defer r.Close()
		recording, err := r.rest()
		var d *DamageError
		if err != nil && !errors.As(err, &d) {
			t.Fatal(err)
		}
		if err == nil && recording.End == nil {
			t.Fatal("neither an end nor an error")
		}
		var again bytes.Buffer
		if _, err := recording.WriteTo(&again); err != nil {
			t.Fatal(err)
		}
		second := all(again.Bytes())
		if second.recording == nil || len(second.recording.Events) != len(recording.Events) {
			t.Fatalf("%d events, and %v when they are written again", len(recording.Events), second.err)
		}
		info := Info{Size: int64(len(file))}
		if err := info.read(bytes.NewReader(file)); err != nil {
			t.Fatalf("Stat does not read it: %v", err)
		}
	})
}

// FuzzEvent writes and reads one event.
func FuzzEvent(f *testing.F) {
	for _, path := range vectors(f) {
		for _, e := range eventsOf(f, path) {
			f.Add(e.Line, e.Stderr, int64(e.At), string(e.From), string(e.To))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte, stderr bool, at int64, from, to string) {
		e := Event{Seq: 1, At: time.Duration(max(at, 0) >> 2), From: Party(from), To: Party(to), Line: line, Stderr: stderr && line != nil}
		text := e.Append(nil)
		if bytes.IndexByte(text, '\n') >= 0 || !wire.Valid(text) {
			t.Fatalf("not a line of JSON: %q", text)
		}
		got, err := parseEvent(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !bytes.Equal(got.Line, e.Line) || got.Stderr != e.Stderr || got.At != e.At || !bytes.Equal(got.Append(nil), text) {
			t.Fatalf("%+v is read as %+v", e, got)
		}
		body, _ := wire.Cut(line)
		m := wire.Parse(line)
		if exact(body, &m) != (oneLine(body) && wire.Valid(body)) {
			t.Fatalf("exact is wrong about %q", body)
		}
	})
}

func eventsOf(t testing.TB, path string) []Event {
	r, err := Open(path)
	if err != nil {
		return nil // a vector of what is no recording
	}
	defer r.Close()
	var events []Event
	for {
		e, err := r.Next()
		var d *DamageError
		if errors.Is(err, io.EOF) || errors.As(err, &d) {
			return events
		}
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
}

// TestWriterTakesAllVectors says everything that the vectors say once more.
func TestWriterTakesAllVectors(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		w := create(t, path, Options{})
		var sent []Event
		for _, vector := range vectors(t) {
			for _, e := range eventsOf(t, vector) {
				switch {
				case e.Stderr:
					w.Stderr(e.Line)
				case e.Line != nil && e.To != "":
					w.Line(e.From, e.To, e.Line)
				default:
					continue
				}
				sent = append(sent, e)
			}
		}
		s, err := w.Close("eof")
		if err != nil {
			t.Fatal(err)
		}
		r := load(t, path)
		for i, e := range sent {
			got := r.Events[i]
			if !bytes.Equal(got.Line, e.Line) || got.From != e.From || got.To != e.To || got.Stderr != e.Stderr {
				t.Fatalf("event %d is %s, want %s", i+1, say(&got), say(&e))
			}
		}
		if !reflect.DeepEqual(s.Statistics, r.Statistics) {
			t.Errorf("statistics differ:\n%+v live\n%+v from the file", s.Statistics, r.Statistics)
		}
	})
}
