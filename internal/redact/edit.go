package redact

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"wiretape/internal/wire"
)

// edit says that a part of a text becomes another. Edits are in the order of
// their places, and do not overlap.
type edit struct {
	from, to int
	with     string
}

// apply gives text with its edits made. If there are none, that is text itself.
func apply(text []byte, edits []edit) []byte {
	if len(edits) == 0 {
		return text
	}
	var out []byte
	done := 0
	for _, e := range edits {
		out = append(append(out, text[done:e.from]...), e.with...)
		done = e.to
	}
	return append(out, text[done:]...)
}

// lift makes edits of what a JSON string says into edits of how it is spelled:
// raw, which stands between its quotes at the place at.
func lift(edits []edit, raw []byte, at int) []edit {
	if len(edits) == 0 {
		return nil
	}
	out := make([]edit, len(edits))
	r := ruler{raw: raw}
	for i, e := range edits {
		quoted := wire.Quote(e.with)
		out[i] = edit{from: at + r.to(e.from, false), with: string(quoted[1 : len(quoted)-1])}
		out[i].to = at + r.to(e.to, true)
	}
	return out
}

// ruler tells where in the spelling of a string stands what it says. It goes
// forward only.
type ruler struct {
	raw      []byte
	at, said int // places that belong together
	plain    int // up to where there is no escape from at on
}

// to gives the place of said. One within an escape is where that begins, or ends.
func (r *ruler) to(said int, up bool) int {
	for r.said < said && r.at < len(r.raw) {
		if r.at >= r.plain {
			r.look()
		}
		if n := min(r.plain-r.at, said-r.said); n > 0 {
			r.at, r.said = r.at+n, r.said+n
			continue
		}
		n, c := escape(r.raw[r.at:])
		if r.said+utf8.RuneLen(c) > said && !up {
			return r.at
		}
		r.at, r.said = r.at+n, r.said+utf8.RuneLen(c)
	}
	return r.at
}

// look finds the next escape.
func (r *ruler) look() {
	r.plain = len(r.raw)
	if i := bytes.IndexByte(r.raw[r.at:], '\\'); i >= 0 {
		r.plain = r.at + i
	}
}

// decode gives what a JSON string says whose spelling between its quotes is raw.
// Lone surrogates become U+FFFD, bytes that are no UTF-8 stay.
func decode(raw []byte) []byte {
	i := bytes.IndexByte(raw, '\\')
	if i < 0 {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for ; i >= 0; i = bytes.IndexByte(raw, '\\') {
		n, c := escape(raw[i:])
		out = utf8.AppendRune(append(out, raw[:i]...), c)
		raw = raw[i+n:]
	}
	return append(out, raw...)
}

// escape reads the escape that raw begins with: how long it is, and what it
// stands for. In text that is no valid string, any character may be escaped.
func escape(raw []byte) (int, rune) {
	if len(raw) < 2 {
		return 1, '\\'
	}
	switch raw[1] {
	case 'b':
		return 2, '\b'
	case 'f':
		return 2, '\f'
	case 'n':
		return 2, '\n'
	case 'r':
		return 2, '\r'
	case 't':
		return 2, '\t'
	case 'u':
		c := unit(raw)
		if c < 0 {
			return 2, 'u'
		}
		if utf16.IsSurrogate(c) {
			if pair := utf16.DecodeRune(c, unit(raw[6:])); pair != utf8.RuneError {
				return 12, pair
			}
			c = utf8.RuneError
		}
		return 6, c
	}
	return 2, rune(raw[1])
}

// unit reads \uXXXX; what is none gives -1.
func unit(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// span is a part of a text that is secret.
type span struct {
	from, to int
	name     string
	derived  bool   // from a secret that is known
	said     []byte // the secret, if it is spelled with escapes
}

// join adds a span to those of one search. Overlapping ones become one.
func join(spans []span, s span) []span {
	if n := len(spans); n > 0 && s.from < spans[n-1].to && s.from >= spans[n-1].from {
		if last := &spans[n-1]; s.to > last.to {
			last.to, last.derived, last.said = s.to, true, nil
		}
		return spans
	}
	return append(spans, s)
}

// settle makes of all spans those that are in order and do not overlap, and
// leaves out what is within a placeholder.
func settle(spans []span, taken [][]int) []span {
	slices.SortStableFunc(spans, func(a, b span) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var out []span
	for _, s := range spans {
		for len(taken) > 0 && taken[0][1] <= s.from {
			taken = taken[1:]
		}
		if len(taken) > 0 && taken[0][0] <= s.from && s.to <= taken[0][1] {
			continue
		}
		out = join(out, s)
	}
	return out
}
