package verify

import "bytes"

// swapScalars gives a copy of JSON in which strings and numbers are others, nil if
// by knows none for any. It gives by each, raw; that of a member's value, and those
// of a list that is one, with the raw name of the member, else with nil.
func swapScalars(text []byte, by func(name, raw []byte) []byte) []byte {
	var out, last, name, list []byte // last is the string before
	done := 0
	for at := 0; at < len(text); {
		start := at
		switch c := text[at]; {
		case c == '"':
			at = endOfString(text, at)
		case c == '-' || '0' <= c && c <= '9':
			at = endOfNumber(text, at)
		default:
			switch c {
			case ' ', '\t', '\r', '\n':
			case ':':
				name = last
			case '[':
				list = name
			case ',':
				name = list
			default:
				name, list = nil, nil
			}
			at++
			continue
		}
		last = text[start:at]
		if other := by(name, last); other != nil {
			out = append(append(out, text[done:start]...), other...)
			done = at
		}
		name = nil
	}
	if done == 0 {
		return nil
	}
	return append(out, text[done:]...)
}

// endOfString is where the string that begins at start ends.
func endOfString(text []byte, start int) int {
	for at := start + 1; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}

// endOfNumber is where the number that begins at start ends.
func endOfNumber(text []byte, start int) int {
	at := start + 1
	for at < len(text) && bytes.IndexByte([]byte("0123456789+-.eE"), text[at]) >= 0 {
		at++
	}
	return at
}
