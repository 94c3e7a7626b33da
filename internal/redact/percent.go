package redact

import (
	"bytes"
	"slices"
)

// percents is what a text says in which bytes are written as %XX: any of them, as
// each language's library has its own list of those that must be.
type percents struct {
	said []byte
	at   []int // which of its bytes were written so
}

// unpercent reads a text.
func unpercent(text []byte) percents {
	var p percents
	for {
		i := escapedByte(text)
		if i < 0 {
			p.said = append(p.said, text...)
			return p
		}
		p.said = append(p.said, text[:i]...)
		p.at = append(p.at, len(p.said))
		p.said = append(p.said, hex(text[i+1])<<4|hex(text[i+2]))
		text = text[i+3:]
	}
}

// place gives where in the text a part of what is said begins, or ends.
func (p *percents) place(said int) int {
	before, _ := slices.BinarySearch(p.at, said)
	return said + 2*before
}

// escapedByte is where the first %XX stands in text, or -1.
func escapedByte(text []byte) int {
	for from := 0; ; {
		i := bytes.IndexByte(text[from:], '%')
		if i < 0 {
			return -1
		}
		if from += i + 1; from+1 < len(text) && hex(text[from]) < 16 && hex(text[from+1]) < 16 {
			return from - 1
		}
	}
}

// hex is what a hexadecimal digit stands for; what is none gives 16.
func hex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// percented reports whether known secrets may stand in a text with bytes as %XX.
func (v *vault) percented(text []byte) bool { return len(v.learned) > 0 && escapedByte(text) >= 0 }

// percented finds known secrets of which bytes are written as %XX.
func (w *reading) percented(text []byte) []span {
	if !w.vault.percented(text) {
		return nil
	}
	var spans []span
	p := unpercent(text)
	for _, s := range w.needles(p.said, true) {
		from, to := p.place(s.from), p.place(s.to)
		if to-from == s.to-s.from {
			continue // It is found as it stands.
		}
		if !s.derived {
			s.name = title(s.name + "_encoded")
		}
		spans = append(spans, span{from: from, to: to, name: s.name, derived: true})
	}
	return spans
}
