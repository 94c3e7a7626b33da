package redact

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// reading is a walk over one text.
type reading struct {
	*Redactor
	text  []byte
	at    int
	edits []edit
	known int  // how many secrets were known when it began
	last  bool // there is no further one
	depth int  // in how many strings that hold JSON the text stands
}

// deepest is how deep JSON in strings of JSON is looked at.
const deepest = 8

// where tells what matters of the place of a value.
type where struct {
	paths     []state // how far paths have come
	top       bool    // it is a message, or a batch
	spared    bool    // the preset does not apply
	schema    bool    // it is a part of a JSON Schema, which only describes values
	described string  // the schema describes secrets of this name
}

// document reads the whole text.
func (w *reading) document() {
	if w.json() {
		w.value(where{paths: w.rules.start(), top: true})
		return
	}
	w.edits = w.found(w.text, false)
}

// json reports whether the text is JSON that can hold secrets, and goes to where
// it begins. Within strings, a string in quotes does not count.
func (w *reading) json() bool {
	body := bytes.Trim(w.text, " \t\r\n")
	if len(body) < 2 || body[0] != '{' && body[0] != '[' && (body[0] != '"' || w.depth > 0) {
		return false
	}
	w.at = bytes.IndexByte(w.text, body[0])
	return jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func (w *reading) value(in where) {
	from := w.at
	switch w.text[from] {
	case '{':
		w.object(in)
	case '[':
		w.array(in)
	case '"':
		w.skipString()
		w.string(from+1, w.at-1, in.spared, true)
	default:
		w.skipWord()
		if name := w.vault.numbers[string(w.text[from:w.at])]; name != "" {
			w.other(from, name)
		}
	}
}

func (w *reading) object(in where) {
	w.at++
	for w.next() {
		from := w.at
		w.skipString()
		w.string(from+1, w.at-1, in.spared, false)
		name := decode(w.text[from+1 : w.at-1])
		w.next()
		w.member(w.rules.member(in, name))
	}
	w.at++
}

func (w *reading) array(in where) {
	w.at++
	for i := 0; w.next(); i++ {
		child := in
		name := ""
		if !in.top {
			child.paths, name = advance(in.paths, nil, i)
		}
		w.member(child, match{name: name})
	}
	w.at++
}

// member reads a value that a rule may have found.
func (w *reading) member(in where, by match) {
	from := w.at
	switch {
	case by.name == "":
		w.value(in)
	case by.key && in.schema && w.text[from] == '{':
		in.described = by.name
		w.value(in)
	default:
		w.skip()
		w.replace(from, by.name)
	}
}

// replace takes out the value that stands from here to where the walk is. One
// that tells nothing stays.
func (w *reading) replace(from int, name string) {
	raw := w.text[from:w.at]
	switch raw[0] {
	case '"':
		inner := raw[1 : len(raw)-1]
		w.edits = append(w.edits, lift(w.secret(decode(inner), name), inner, from+1)...)
		return
	case 't', 'f', 'n':
		return
	case '{', '[':
		if len(bytes.Trim(raw, " \t\r\n{}[]")) == 0 {
			return
		}
		w.vault.leaves(raw, name)
	default:
		w.vault.learn(string(raw), name)
	}
	w.other(from, name)
}

// other puts a placeholder in place of a value that is no string, and stands
// from here to where the walk is.
func (w *reading) other(from int, name string) {
	with := ""
	if w.final() {
		with = `"` + w.vault.jsonPlaceholder(w.text[from:w.at], name) + `"`
	}
	w.edits = append(w.edits, edit{from, w.at, with})
}

// string takes out the secrets of a string that stands between from and to. If
// deep is set, it may hold JSON.
func (w *reading) string(from, to int, spared, deep bool) {
	if from == to {
		return
	}
	raw := w.text[from:to]
	text := decode(raw)
	w.edits = append(w.edits, lift(w.within(text, spared, deep), raw, from)...)
}

func (w *reading) within(text []byte, spared, deep bool) []edit {
	if deep && w.depth < deepest && bytes.IndexByte([]byte("{[ \t\r\n"), text[0]) >= 0 && !w.vault.knows(text) {
		in := &reading{Redactor: w.Redactor, text: text, known: w.known, last: w.last, depth: w.depth + 1}
		if in.json() {
			in.value(where{spared: spared})
			return in.edits
		}
	}
	return w.found(text, spared)
}

// final reports whether the walk has not learned anything: then it is the last
// one over this text.
func (w *reading) final() bool {
	return !w.learning && (w.last || len(w.vault.learned) == w.known)
}
