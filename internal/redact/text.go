package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// found takes out what is secret in a text that is not JSON.
func (w *reading) found(text []byte, spared bool) []edit {
	var taken [][]int
	if bytes.Contains(text, mark) {
		taken = w.vault.present(text)
	}
	spans := w.spans(text, spared, 0)
	if len(spans) == 0 {
		return nil
	}
	var edits []edit
	for _, s := range settle(spans, taken) {
		part := s.said
		if part == nil {
			part = text[s.from:s.to]
		}
		if !s.derived {
			w.learn(string(part), s.name)
		}
		edits = append(edits, edit{s.from, s.to, w.placeholder(part, s.name)})
	}
	return edits
}

// mostEscapes is how often escaped JSON is recognised in a text.
const mostEscapes = 3

// spans finds what is secret in a text, and in what it says if it is a part of a
// JSON string, such as one that was cut off.
func (w *reading) spans(text []byte, spared bool, escapes int) []span {
	var spans []span
	if escapes < mostEscapes && bytes.IndexByte(text, '\\') >= 0 {
		said := decode(text)
		r := ruler{raw: text}
		for _, s := range settle(w.spans(said, spared, escapes+1), nil) {
			if s.said == nil {
				s.said = said[s.from:s.to]
			}
			s.from = r.to(s.from, false)
			s.to = r.to(s.to, true)
			spans = append(spans, s)
		}
	}
	spans = append(spans, w.needles(text, spared)...)
	spans = append(spans, w.percented(text)...)
	for _, re := range w.rules.values {
		for _, m := range re.FindAllSubmatchIndex(text, -1) {
			from, to := group(m)
			if from < to {
				spans = append(spans, span{from: from, to: to, name: "value"})
			}
		}
	}
	if !spared && (len(w.rules.keys) > 0 || w.rules.preset) {
		spans = append(spans, w.rules.assignments(text)...)
	}
	return spans
}

// group gives where the first group of a regular expression's match stands, or
// the match if there is none.
func group(m []int) (from, to int) {
	if len(m) > 2 && m[2] >= 0 {
		return m[2], m[3]
	}
	return m[0], m[1]
}

// placeholder gives what stands in place of text.
func (w *reading) placeholder(text []byte, name string) string {
	if !w.final() {
		return ""
	}
	return w.vault.placeholder(text, name)
}

// present gives where in text placeholders stand already.
func (v *vault) present(text []byte) [][]int {
	all := placeholders.FindAllSubmatchIndex(text, -1)
	for _, m := range all {
		v.reserve(text[m[2]:m[3]], text[m[4]:m[5]])
	}
	return all
}

// needles finds known secrets, and what patterns know.
func (w *reading) needles(text []byte, spared bool) []span {
	var spans []span
	f := finding{text: text}
	for at, n := range w.vault.search.all(text) {
		if n.kind == clue || n.kind == trigger && spared {
			continue
		}
		if s, ok := f.at(at, n); ok {
			spans = join(spans, s)
		}
	}
	return spans
}

// finding is the search in one text.
type finding struct {
	text []byte
	ends map[*pattern]int // up to where a pattern has nothing more to find; nil is for base64
}

// at tells what the needle that stands at this place has found.
func (f *finding) at(at int, n *needle) (span, bool) {
	s := span{from: at, to: at + len(n.text), name: n.name}
	switch n.kind {
	case secret:
		return s, true
	case spelled:
		s.derived = true
		return s, true
	}
	if at < f.ends[n.pattern] {
		return s, false
	}
	ok := true
	if n.kind == encoded {
		s = f.run(s)
	} else {
		s, ok = n.pattern.find(f.text, at)
	}
	// Of a match that is as a whole no secret, no part is one.
	if ok || s.to > at && n.pattern.re.NumSubexp() == 0 {
		if f.ends == nil {
			f.ends = make(map[*pattern]int)
		}
		f.ends[n.pattern] = s.to
	}
	return s, ok
}

// run extends a span to all that may be the same base64.
func (f *finding) run(s span) span {
	for s.from > 0 && base64Byte(f.text[s.from-1]) && f.text[s.from-1] != '=' {
		s.from--
	}
	for s.to < len(f.text) && base64Byte(f.text[s.to]) {
		s.to++
	}
	s.derived = true
	return s
}

func base64Byte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '+' || c == '/' || c == '-' || c == '_' || c == '='
}

// secret takes out a text that is secret as a whole, but for a scheme before it.
func (w *reading) secret(text []byte, name string) []edit {
	skip := scheme(text)
	rest := text[skip:]
	if m := placeholders.FindIndex(rest); m != nil && m[0] == 0 && m[1] == len(rest) {
		w.vault.present(rest)
		return nil
	}
	if len(rest) == 0 {
		return nil
	}
	w.learn(string(rest), name)
	return []edit{{skip, len(text), w.placeholder(rest, name)}}
}

// learn takes note of a secret, and of those within it: the password of basic
// authorization, the values of cookies.
func (w *reading) learn(text, name string) {
	w.vault.learn(text, name)
	if name == "basic" || name == "authorization" {
		if _, password, ok := basic(text); ok {
			w.vault.learn(password, name)
		}
	}
	if !strings.Contains(name, "cookie") {
		return
	}
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == ' ' || c == ',' }) {
		if _, value, ok := strings.Cut(part, "="); ok {
			w.vault.learn(value, name)
		}
	}
}

// basic decodes what stands behind "Basic".
func basic(text string) (user, password string, ok bool) {
	text, _, _ = strings.Cut(text, "=")
	plain, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(plain), ":")
}

// scheme is how long the scheme of authorization is that text begins with, with
// the space behind it.
func scheme(text []byte) int {
	for _, s := range [...]string{"bearer ", "basic ", "token "} {
		if len(text) > len(s) && foldPrefix(text, s) {
			return len(s)
		}
	}
	return 0
}
