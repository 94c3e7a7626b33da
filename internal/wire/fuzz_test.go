package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	for _, line := range corpus(f) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		agrees(t, line)
		body, eol := Cut(line)
		if valid := !spaced(body) && utf8.Valid(body) && json.Valid(body); Valid(body) != valid {
			t.Errorf("Valid(%q) = %v", body, !valid)
		}
		if !bytes.Equal(append(bytes.Clone(body), eol...), before) || !bytes.Equal(line, before) {
			t.Errorf("%q became %q and %q", before, body, eol)
		}
	})
}

func spaced(body []byte) bool {
	return len(body) > 0 && (space(body[0]) || space(body[len(body)-1]))
}

func FuzzPeek(f *testing.F) {
	for _, line := range corpus(f) {
		for _, n := range []int{0, 10, 20, 40, 80, len(line) - 1} {
			f.Add(line, uint(max(n, 0)))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte, n uint) {
		prefix := line[:min(n, uint(len(line)))]
		m, ok := Peek(prefix)
		for _, part := range [][]byte{m.ID, m.Params, m.Result, m.Error} {
			if !within(prefix, part) {
				t.Errorf("Peek(%q): %q is no part of it", prefix, part)
			}
		}
		if ok && json.Valid(line) && !ambiguous(line) {
			agree(t, prefix, m, Parse(line))
		}
		if again, still := Peek(line); ok && (!still || again.Kind != m.Kind || !bytes.Equal(again.ID, m.ID)) {
			t.Errorf("Peek(%q) = %v, but %v, %v when there is more: %q", prefix, show(m), show(again), still, line)
		}
	})
}

func FuzzSplice(f *testing.F) {
	for _, line := range corpus(f) {
		f.Add(line, `{"added":[1]}`, "result", "capabilities")
		f.Add(line, `null`, "id", "")
	}
	f.Fuzz(func(t *testing.T, text []byte, value, name, inner string) {
		selves(t, text, text, 2)
		if _, torn := Set(text, raw("0"), name); torn && !json.Valid(text) && Get(text, name) == nil {
			t.Fatalf("%q was set in %q, which is no JSON", name, text)
		}
		if !json.Valid(text) || !utf8.Valid(text) || !Is(text, '{') || !Valid(raw(value)) ||
			!utf8.ValidString(name) || !utf8.ValidString(inner) {
			return
		}
		sets(t, text, raw(value), name)
		sets(t, text, raw(value), name, inner)
		appends(t, text, raw(value), name)
		removes(t, text, name)
	})
}

// sets checks that Set sets the member at path, and that nothing else changes.
func sets(t *testing.T, text, value []byte, path ...string) {
	t.Helper()
	got, ok := Set(text, value, path...)
	if back := Get(got, path...); !ok || !bytes.Equal(back, value) {
		t.Fatalf("Set(%q, %q, %q) = %q: reads back as %q", text, value, path, got, back)
	}
	want := decode(t, text)
	object := want.(map[string]any)
	for _, name := range path[:len(path)-1] {
		next, ok := object[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[name] = next
		}
		object = next
	}
	object[path[len(path)-1]] = decode(t, value)
	same(t, got, want)
	if again, _ := Set(got, value, path...); !bytes.Equal(again, got) {
		t.Fatalf("%q set twice: %q", got, again)
	}
}

// appends checks that Append adds an element where there is an array.
func appends(t *testing.T, text, value []byte, name string) {
	t.Helper()
	got, ok := Append(text, value, name)
	want := decode(t, text).(map[string]any)
	array, is := want[name].([]any)
	if ok != is {
		t.Fatalf("Append(%q, %q) = %v", text, name, ok)
	}
	if is {
		want[name] = append(array, decode(t, value))
	}
	same(t, got, want)
}

// removes checks that Remove takes out all members of this name, and only them.
func removes(t *testing.T, text []byte, name string) {
	t.Helper()
	got := Remove(text, name)
	want := decode(t, text).(map[string]any)
	if _, there := want[name]; there == bytes.Equal(got, text) {
		t.Fatalf("Remove(%q, %q) = %q", text, name, got)
	}
	delete(want, name)
	same(t, got, want)
}

func same(t *testing.T, text []byte, want any) {
	t.Helper()
	if !json.Valid(text) {
		t.Fatalf("spliced into no JSON: %q", text)
	}
	if got := decode(t, text); !reflect.DeepEqual(got, want) {
		t.Fatalf("%q\n got %v\nwant %v", text, got, want)
	}
}

// TestSplice puts every line of the corpus through what FuzzSplice checks.
func TestSplice(t *testing.T) {
	spliced := 0
	for _, line := range corpus(t) {
		if !json.Valid(line) || !Is(line, '{') || strings.Contains(string(line), `[[[[`) {
			continue
		}
		spliced++
		for _, path := range [][]string{{"id"}, {"new"}, {"result", "tools"}, {"result", "capabilities", "tools", "listChanged"}, {"params", "_meta", "a/b"}} {
			sets(t, line, raw(`[1.0,{"é":"\ud800"}]`), path...)
			appends(t, line, raw(`{"name":"wiretape_connect"}`), path[0])
			removes(t, line, path[0])
		}
	}
	if spliced < 50 {
		t.Errorf("only %d lines were spliced", spliced)
	}
}

func FuzzReader(f *testing.F) {
	for _, line := range corpus(f) {
		f.Add(line, []byte{1, 2, 3, 250})
	}
	f.Add(bytes.Repeat([]byte("0123456789\n"), 3*pieceSize/11), []byte{255, 255, 1})
	f.Fuzz(func(t *testing.T, text, sizes []byte) {
		source := io.Reader(scribbler{&chunks{bytes.NewReader(text), sizes}})
		if len(sizes)%2 == 1 {
			source = iotest.DataErrReader(source)
		}
		if got := readAll(t, source, io.EOF); got != string(text) {
			t.Errorf("%q arrived as %q", text, got)
		}
	})
}

// chunks gives as many bytes at a time as sizes say, and then all.
type chunks struct {
	io.Reader
	sizes []byte
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.sizes) > 0 {
		n := int(c.sizes[0]) * 64
		c.sizes = c.sizes[1:]
		p = p[:min(len(p), n)]
	}
	return c.Reader.Read(p)
}
