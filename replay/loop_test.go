package replay_test

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
	"wiretape/replay"
)

var sessions = filepath.Join("..", "fixtures", "sessions", "*.jsonl")

// TestLoopCloses says to each recording what its host said, and hears what its host heard.
func TestLoopCloses(t *testing.T) {
	paths, err := filepath.Glob(sessions)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			rec, err := replay.Options{Warn: func(s string) { t.Log(s) }}.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer rec.Close()
			whole, err := record.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			s := rec.Start()
			defer s.Close()
			e := &echo{t: t, session: s, out: make(chan []byte, 100)}
			go e.read()
			for _, event := range whole.Events {
				e.play(event)
			}
			s.CloseInput()
			for line := range e.out {
				t.Errorf("said besides: %s", line)
			}
			if r := s.Report(); r.Failed > 0 || r.UnusedSum > 0 {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// echo is a host that says what the recorded one said.
type echo struct {
	t       *testing.T
	session *replay.Session
	out     chan []byte
	early   [][]byte // heard before their turn
	ids     map[string][]byte
}

func (e *echo) read() {
	defer close(e.out)
	var text []byte
	for {
		p := make([]byte, 1<<16)
		n, err := e.session.Read(p)
		text = append(text, p[:n]...)
		for {
			line, rest, ok := bytes.Cut(text, []byte("\n"))
			if !ok {
				break
			}
			e.out <- append(bytes.Clone(line), '\n')
			text = rest
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			e.t.Errorf("reading: %v", err)
			return
		}
	}
}

func (e *echo) play(event record.Event) {
	switch {
	case event.To == record.Target:
		line := event.Line
		if m := wire.Parse(line); m.Kind == wire.Response {
			line = wire.Replace(line, m.ID, e.ids[string(m.ID)])
		}
		if _, err := e.session.Write(line); err != nil {
			e.t.Error(err)
		}
	case event.From == record.Target && !event.Stderr:
		e.expect(event.Line)
	}
}

// expect waits for a line, apart from the id of a request.
func (e *echo) expect(want []byte) {
	e.t.Helper()
	id := wire.Message{}
	if m := wire.Parse(want); m.Kind == wire.Request {
		id = m
	}
	fits := func(line []byte) bool {
		if m := wire.Parse(line); id.ID != nil && m.Kind == wire.Request {
			return bytes.Equal(wire.Replace(line, m.ID, id.ID), want)
		}
		return bytes.Equal(line, want)
	}
	i := slices.IndexFunc(e.early, fits)
	for i < 0 {
		line, ok := <-e.out
		if !ok {
			e.t.Fatalf("never said: %s\nbut %s", want, e.early)
		}
		e.early = append(e.early, line)
		if fits(line) {
			i = len(e.early) - 1
		}
	}
	if id.ID != nil {
		if e.ids == nil {
			e.ids = make(map[string][]byte)
		}
		e.ids[string(id.ID)] = wire.Parse(e.early[i]).ID
	}
	e.early = slices.Delete(e.early, i, i+1)
}
