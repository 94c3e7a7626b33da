package wire

import (
	"bytes"
	"slices"
)

// Set gives a copy of text, a line or a value, in which the member at path is
// raw. A member that is there is replaced in place; one that is not is added at
// the end of its object, with the objects that are missing on the way. No other
// byte changes. It reports false, and gives text, if there is no object to set
// it in.
func Set(text, raw []byte, path ...string) ([]byte, bool) {
	if len(path) == 0 {
		return text, false
	}
	object := text
	for i, name := range path {
		if !Is(object, '{') {
			if i == 0 {
				return text, false
			}
			return Replace(text, object, nest(raw, path[i:])), true
		}
		inner := Get(object, name)
		if inner == nil {
			member := append(append(Quote(name), ':'), nest(raw, path[i+1:])...)
			return appendTo(text, object, member)
		}
		object = inner
	}
	return Replace(text, object, raw), true
}

// Array gives an array of raw values.
func Array(elements ...[]byte) []byte {
	return slices.Concat([]byte("["), bytes.Join(elements, []byte(",")), []byte("]"))
}

// Append gives a copy of text in which the array at path ends with elements,
// raw values with commas between them. It reports false, and gives text, if
// there is no such array.
func Append(text, elements []byte, path ...string) ([]byte, bool) {
	array := Get(text, path...)
	if !Is(array, '[') {
		return text, false
	}
	if len(elements) == 0 {
		return text, true
	}
	return appendTo(text, array, elements)
}

// Remove gives a copy of text, a line or a value, without the members of this
// name in its object, or text if there is none.
func Remove(text []byte, name string) []byte {
	var out []byte
	done := 0                              // where what out does not have yet begins
	from := bytes.IndexByte(text, '{') + 1 // where what stands before the next member begins
	first := true
	for member, value := range Members(text) {
		to := offset(text, value) + len(value)
		if member != name {
			from, first = to, false
			continue
		}
		if first {
			to += comma(text[to:])
		}
		out = append(out, text[done:from]...)
		done, from = to, to
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

// comma is the length of the comma that text begins with, with the white space
// before it; 0 if there is none.
func comma(text []byte) int {
	rest := bytes.TrimLeft(text, " \t\r\n")
	if !bytes.HasPrefix(rest, []byte{','}) {
		return 0
	}
	return len(text) - len(rest) + 1
}

// Replace gives a copy of text in which part, a slice of it, is raw.
func Replace(text, part, raw []byte) []byte {
	at := offset(text, part)
	out := make([]byte, 0, len(text)-len(part)+len(raw))
	out = append(out, text[:at]...)
	out = append(out, raw...)
	return append(out, text[at+len(part):]...)
}

// offset is where part, a slice of text, begins in it.
func offset(text, part []byte) int { return cap(text) - cap(part) }

// appendTo puts items at the end of container, a part of text.
func appendTo(text, container, items []byte) ([]byte, bool) {
	at, filled, ok := room(container)
	if !ok {
		return text, false
	}
	if filled {
		items = append([]byte{','}, items...)
	}
	return Replace(text, container[at:at], items), true
}

// room finds where the last item of the object or array in container ends, or
// its bracket opens. It reports false if container is damaged.
func room(container []byte) (at int, filled, ok bool) {
	s := scan(container)
	defer s.release()
	s.token()
	for at = s.offset(); s.more(); at, filled = s.offset(), true {
		if !s.skip() {
			return at, filled, false
		}
	}
	return at, filled, s.token() && s.end()
}

// nest wraps raw in an object for each name of path, the first one outermost.
func nest(raw []byte, path []string) []byte {
	for i := len(path) - 1; i >= 0; i-- {
		inner := append(append([]byte{'{'}, Quote(path[i])...), ':')
		raw = append(append(inner, raw...), '}')
	}
	return raw
}
