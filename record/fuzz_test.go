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

// FuzzFile reads any bytes at any place, and what Next gives of them where it
// stands.
func FuzzFile(f *testing.F) {
	for _, path := range vectors(f) {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file, int64(len(file)/2), uint32(0))
		for _, p := range placesOf(f, file) {
			f.Add(file, p.Offset, p.Skip)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, offset int64, skip uint32) {
		const limit = 1 << 20
		src := bytes.NewReader(file)
		r, err := newReader(src, limit)
		random, same := newFile(src, limit)
		if err != nil || same != nil {
			if (err == nil) != (same == nil) || err.Error() != same.Error() {
				t.Fatalf("Open: %v, OpenFile: %v", err, same)
			}
			return
		}
		place := Place{offset, skip}
		if e, err := random.At(place); err == nil && e.Seq < 1 {
			t.Fatalf("%+v at %+v", e, place)
		}
		events, places := index(t, r)
		for i, p := range places {
			if e, err := random.At(p); err != nil || !reflect.DeepEqual(e, events[i]) {
				t.Fatalf("at %+v: %+v, %v, want %+v", p, e, err, events[i])
			}
		}
	})
}

func placesOf(t testing.TB, file []byte) []Place {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return nil // a vector of what is no recording
	}
	_, places := index(t, r)
	return places
}

// FuzzLine reads one line in the quick way and in the thorough one.
func FuzzLine(f *testing.F) {
	for _, path := range append(vectors(f), sessions(f)...) {
		for _, e := range eventsOf(f, path) {
			f.Add(e.Append(nil))
		}
	}
	for _, line := range []string{
		`{"seq":0,"at":0.0,"from":"host","to":"target","msg":1}`,
		`{"seq":01,"at":0.0,"from":"host","to":"target","msg":1}`,
		`{"seq":1,"at":00.0,"from":"host","to":"target","msg":1}`,
		`{"seq":1,"at":0.,"from":"host","to":"target","msg":1}`,
		`{"seq":1,"at":0.0000000001,"from":"host","to":"target","msg":1}`,
		`{"seq":1234567890,"at":1234567890.5,"from":"host","to":"target","msg":1}`,
		`{"seq":1,"at":0.5,"from":"hosts","to":"target","msg":1}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg":1,"eol":"\r\n"}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg":{"a":1,"eol":""}}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg":1,"eol":"","eol":""}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg":1,"msg":2}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg":}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg": 1}`,
		`{"seq":1,"at":0.5,"from":"proxy","to":"host","msg":1,"raw":"x"}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		quick, ok := parseSaid(line)
		if !ok {
			return
		}
		if e, err := parseObject(line); (err != nil || !reflect.DeepEqual(e, quick)) && len(line) < 10_000 {
			t.Fatalf("%s is read as %+v, want %+v, %v", line, quick, e, err)
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
