package wire

import (
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// Get finds the member at path, a chain of names from the object in value
// inwards, and gives its raw bytes. It gives nil where there is none.
func Get(value []byte, path ...string) []byte {
	for _, name := range path {
		var found []byte
		for member, inner := range Members(value) {
			if member == name {
				found = inner
			}
		}
		if found == nil {
			return nil
		}
		value = found
	}
	return value
}

// Members goes through the members of the object in value, names decoded and
// values raw. It stops where the text is damaged, and at once if value is no
// object.
func Members(value []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		s := scan(value)
		defer s.release()
		if s.kind() != '{' || !s.token() {
			return
		}
		for s.more() {
			name, ok := s.name()
			if !ok {
				return
			}
			inner, ok := s.value()
			if !ok || !yield(name, inner) {
				return
			}
		}
	}
}

// Elements goes through the elements of the array in value, all raw. It stops
// where the text is damaged, and at once if value is no array.
func Elements(value []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		s := scan(value)
		defer s.release()
		if s.kind() != '[' || !s.token() {
			return
		}
		for s.more() {
			inner, ok := s.value()
			if !ok || !yield(inner) {
				return
			}
		}
	}
}

// Text decodes a raw JSON string; what is no Unicode in it becomes U+FFFD. It
// reports false if raw is no string.
func Text(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(make([]byte, 0, 64), raw)
	if err != nil && !jsontext.Value(raw).IsValid(jsontext.AllowInvalidUTF8(true)) {
		return "", false
	}
	return string(text), true
}

// Quote encodes text as a JSON string, with no more escapes than it needs.
func Quote(text string) []byte {
	// The error only says that invalid UTF-8 became U+FFFD.
	raw, _ := jsontext.AppendQuote(nil, text)
	return raw
}

// Is reports whether value starts as JSON does that starts with c: '{' for an
// object, '[' for an array, '"' for a string.
func Is(value []byte, c byte) bool {
	for _, b := range value {
		if !space(b) {
			return b == c
		}
	}
	return false
}
