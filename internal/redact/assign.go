package redact

import (
	"bytes"
	"regexp"
	"strings"
)

// longestName is how long the names are that are looked for in text.
const longestName = 64

// assignments finds the values of keys in a text that is not JSON.
func (r *rules) assignments(text []byte) []span {
	var spans []span
	for _, sign := range [...]byte{'=', ':'} {
		for at := 0; at < len(text); at++ {
			i := bytes.IndexByte(text[at:], sign)
			if i < 0 {
				break
			}
			at += i
			if s, ok := r.assigned(text, at); ok {
				spans = append(spans, s)
				at = s.to // so that no value is read twice
			}
		}
	}
	return spans
}

// assigned looks at the name before the sign at at, and gives the value behind
// it if that is secret.
func (r *rules) assigned(text []byte, at int) (span, bool) {
	before := bytes.TrimRight(text[max(0, at-longestName-16):at], " ")
	bare := bytes.TrimRight(before, `\"'`)
	quoted := len(bare) < len(before)
	if text[at] == '=' && (quoted || len(before) < len(text[max(0, at-longestName-16):at])) {
		return span{}, false
	}
	word := bytes.TrimLeft(bare[nameBegins(bare):], "-.")
	name, ok := r.flag(word)
	if !ok || len(word) == 0 {
		return span{}, false
	}
	var s span
	switch {
	case text[at] == '=':
		s = value(text, at+1)
	case quoted:
		s = value(text, spaces(text, at+1))
	case lineBegins(text, at-len(word)):
		s, ok = header(text, at+1, name)
	default:
		return s, false
	}
	s.name = name
	s.from += scheme(text[s.from:s.to])
	return s, ok && s.from < s.to && !idle(text[s.from:s.to])
}

// nameBegins is where the name begins that text ends with.
func nameBegins(text []byte) int {
	at := len(text)
	for at > 0 && (base64Byte(text[at-1]) && bytes.IndexByte([]byte("+/="), text[at-1]) < 0 || text[at-1] == '.') {
		at--
	}
	return at
}

func spaces(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	return at
}

// lineBegins reports whether a line begins at at.
func lineBegins(text []byte, at int) bool { return at == 0 || text[at-1] == '\n' }

// reference matches how scripts name a variable.
var reference = regexp.MustCompile(`^\$(?:$|[^a-z0-9]|env)`)

// idle reports whether a value tells nothing.
func idle(text []byte) bool {
	switch strings.ToLower(string(text[:min(len(text), 10)])) {
	case "true", "false", "null", "nil", "none", "undefined":
		return true
	}
	return false
}

// refers reports whether what begins here is no secret, but a placeholder, the
// name of a variable, or something else that only tells where one is.
func refers(text []byte) bool {
	return len(text) == 0 || strings.IndexByte("{[=", text[0]) >= 0 || reference.Match(text)
}

// value finds the value that begins at from: in quotes, which may be escaped, or
// up to what can not be a part of it.
func value(text []byte, from int) span {
	quote := from
	for quote < len(text) && text[quote] == '\\' {
		quote++
	}
	if quote < len(text) && (text[quote] == '"' || text[quote] == '\'') {
		if refers(text[quote+1:]) {
			return span{}
		}
		return span{from: quote + 1, to: closing(text, quote+1, text[quote], quote-from)}
	}
	if refers(text[from:]) {
		return span{}
	}
	to := bytes.IndexAny(text[from:], " \t\r\n\"'`\\&;,<>(){}[]")
	if to < 0 {
		return span{from: from, to: len(text)}
	}
	return span{from: from, to: from + to}
}

// closing finds the quote that ends what begins at from: the next one before
// which there are as many backslashes as before the first.
func closing(text []byte, from int, quote byte, escapes int) int {
	for at := from; ; at++ {
		i := bytes.IndexByte(text[at:], quote)
		if i < 0 {
			return len(text)
		}
		at += i
		if n := backslashes(text[from:at]); n == escapes || escapes == 0 && n%2 == 0 {
			return at - escapes
		}
	}
}

// header finds the value of a line "Name: value". It reports false if that looks
// like a sentence.
func header(text []byte, from int, name string) (span, bool) {
	to := len(text)
	if i := bytes.IndexAny(text[from:], "\r\n"); i >= 0 {
		to = from + i
	}
	from = min(spaces(text, from), to)
	if refers(text[from:to]) {
		return span{}, false
	}
	words := text[from+scheme(text[from:to]) : to]
	return span{from: from, to: to}, !bytes.ContainsAny(words, " \t") || strings.Contains(name, "cookie")
}
