package verify

import "bytes"

// swapStrings gives a copy of JSON in which strings are others, nil if by knows
// none for any. It gives by each raw string; that of a member's value with the raw
// name of the member, else with nil.
func swapStrings(text []byte, by func(name, raw []byte) []byte) []byte {
	var out []byte
	done := 0
	var last []byte // the string before
	for at := 0; ; {
		start := bytes.IndexByte(text[at:], '"')
		if start < 0 {
			break
		}
		between := text[at : at+start]
		start += at
		at = endOfString(text, start)
		var name []byte
		if string(bytes.TrimSpace(between)) == ":" {
			name = last
		}
		last = text[start:at]
		if other := by(name, last); other != nil {
			out = append(append(out, text[done:start]...), other...)
			done = at
		}
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
