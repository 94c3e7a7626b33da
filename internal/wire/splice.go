package wire

import "bytes"

// Set gives a copy of text, a line or a value, in which the member at path is
// raw. A member that is there is replaced in place; one that is not is added at
// the end of its object, with the objects that are missing on the way. No other
// byte changes. It reports false, and gives text, if there is no object to set
// it in.
func Set(text, raw []byte, path ...string) ([]byte, bool) {
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
	return Replace(text, object, raw), len(path) > 0
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

// Replace gives a copy of text in which part, a slice of it, is raw.
func Replace(text, part, raw []byte) []byte {
	at := cap(text) - cap(part)
	out := make([]byte, 0, len(text)-len(part)+len(raw))
	out = append(out, text[:at]...)
	out = append(out, raw...)
	return append(out, text[at+len(part):]...)
}

// appendTo puts items before the bracket that closes container, a part of text.
func appendTo(text, container, items []byte) ([]byte, bool) {
	open := bytes.IndexAny(container, "{[")
	end := bytes.LastIndexAny(container, "}]")
	if open < 0 || end <= open {
		return text, false
	}
	if len(bytes.TrimSpace(container[open+1:end])) > 0 {
		items = append([]byte{','}, items...)
	}
	return Replace(text, container[end:end], items), true
}

// nest wraps raw in an object for each name of path, the first one outermost.
func nest(raw []byte, path []string) []byte {
	for i := len(path) - 1; i >= 0; i-- {
		inner := append(append([]byte{'{'}, Quote(path[i])...), ':')
		raw = append(append(inner, raw...), '}')
	}
	return raw
}
