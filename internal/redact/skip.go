package redact

import "bytes"

// The walk relies on the text being valid JSON: what separates tokens needs not
// be looked at.

// next goes to the next name or value. It reports false at the end of an object
// or array, or of the text.
func (w *reading) next() bool {
	for ; w.at < len(w.text); w.at++ {
		switch w.text[w.at] {
		case ' ', '\t', '\r', '\n', ',', ':':
		case '}', ']':
			return false
		default:
			return true
		}
	}
	return false
}

// skip goes behind the value that begins here.
func (w *reading) skip() {
	switch w.text[w.at] {
	case '"':
		w.skipString()
		return
	case '{', '[':
	default:
		w.skipWord()
		return
	}
	for depth := 0; w.at < len(w.text); {
		switch w.text[w.at] {
		case '"':
			w.skipString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if w.at++; depth == 0 {
			return
		}
	}
}

// skipString goes behind the string that begins here.
func (w *reading) skipString() {
	for from := w.at + 1; ; {
		i := bytes.IndexByte(w.text[from:], '"')
		if i < 0 {
			w.at = len(w.text)
			return
		}
		end := from + i
		if backslashes(w.text[w.at+1:end])%2 == 0 {
			w.at = end + 1
			return
		}
		from = end + 1
	}
}

// backslashes counts those that text ends with.
func backslashes(text []byte) int { return len(text) - len(bytes.TrimRight(text, `\`)) }

// skipWord goes behind a number, true, false or null.
func (w *reading) skipWord() {
	for ; w.at < len(w.text); w.at++ {
		switch w.text[w.at] {
		case ' ', '\t', '\r', '\n', ',', ':', '}', ']':
			return
		}
	}
}
