package redact

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// longestName is how long the names are that are looked for in text.
const longestName = 64

// assignments finds the values of keys in a text that is not JSON.
func (r *rules) assignments(text []byte) []span {
	spans := r.flags(text)
	for _, sign := range [...]byte{'=', ':', '>'} {
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

// assignment is a name that a rule knows, and a sign behind it.
type assignment struct {
	text       []byte
	begin, end int // of the name as it is written
	sign       int
	name       string // of the secret
}

// assigned looks at the name before the sign at at, and gives the value behind
// it if that is secret.
func (r *rules) assigned(text []byte, at int) (span, bool) {
	first := max(0, at-longestName-16)
	before := text[first:at]
	if text[at] == '=' {
		before = bytes.TrimSuffix(before, []byte(":"))
	}
	before = bytes.TrimRight(bytes.TrimRight(before, " \t"), `\"'`)
	word := bytes.TrimLeft(before[nameBegins(before):], "-.")
	name, ok := r.flag(word)
	if !ok || len(word) == 0 {
		return span{}, false
	}
	end := first + len(before)
	a := assignment{text: text, begin: end - len(word), end: end, sign: at, name: name}
	s := a.value()
	s.name = name
	s.from += scheme(text[s.from:s.to])
	return s, s.from < s.to && !idle(text[s.from:s.to]) && !refers(text[s.from:])
}

// cookie reports whether the value may be of several words.
func (a *assignment) cookie() bool { return strings.Contains(a.name, "cookie") }

// value gives where the value stands. It is empty if what stands there is none.
func (a *assignment) value() span {
	sign, from := a.text[a.sign], spaces(a.text, a.sign+1)
	quoted := quote(a.text[a.end]) || a.text[a.end] == '\\'
	switch {
	case sign == '>':
		return a.element()
	case sign == '=' && arrow(a.text[a.sign+1:]):
		return inQuotes(a.text, spaces(a.text, a.sign+2))
	case sign == '=' && from == a.end+1, sign == ':' && quoted:
		return value(a.text, from)
	case quoted || a.text[a.sign-1] == ':':
		return inQuotes(a.text, from)
	case a.beginsLine():
		return a.line(from)
	case sign == ':' && from > a.sign+1 && a.begin > 0 && quote(a.text[a.begin-1]):
		return a.argument(from)
	}
	return inQuotes(a.text, from)
}

func quote(c byte) bool { return c == '"' || c == '\'' }

// arrow reports whether what follows "=" makes it the sign "=>".
func arrow(text []byte) bool { return len(text) > 0 && text[0] == '>' }

// beginsLine reports whether nothing stands before the name but blanks, and the "-"
// of a list.
func (a *assignment) beginsLine() bool {
	before := bytes.TrimRight(a.text[:a.begin], " \t")
	if len(before) < a.begin {
		before = bytes.TrimRight(bytes.TrimSuffix(before, []byte("-")), " \t")
	}
	return len(before) == 0 || before[len(before)-1] == '\n'
}

// element gives what stands in <NAME>value</NAME>.
func (a *assignment) element() span {
	inner := a.text[a.sign+1:]
	to := bytes.IndexByte(inner, '<')
	word := a.text[a.begin:a.end]
	if a.end < a.sign || a.begin == 0 || a.text[a.begin-1] != '<' || to < 0 || !bytes.HasPrefix(inner[to:], slices.Concat([]byte("</"), word, []byte(">"))) {
		return span{}
	}
	return span{from: a.sign + 1, to: a.sign + 1 + to}
}

// argument gives what stands, if it is one word, from here to the quote in
// 'NAME: value'.
func (a *assignment) argument(from int) span {
	begin := from + scheme(a.text[from:])
	ends := "\"'\\\r\n \t"
	if a.cookie() {
		ends = "\"'\\\r\n"
	}
	to := bytes.IndexAny(a.text[begin:], ends)
	if to < 0 || a.text[begin+to] != a.text[a.begin-1] && a.text[begin+to] != '\\' {
		return span{}
	}
	return span{from: from, to: begin + to}
}

// inQuotes gives the value that stands in quotes from here on, all on one line.
func inQuotes(text []byte, from int) span {
	text = text[:min(len(text), from+longest)]
	if rest := bytes.TrimLeft(text[min(from, len(text)):], `\`); len(rest) == 0 || !quote(rest[0]) {
		return span{}
	}
	s := value(text, from)
	if s.from == s.to || s.to == len(text) || outside(text[s.from]) || bytes.ContainsAny(text[s.from:s.to], "\r\n") {
		return span{}
	}
	return s
}

// flags finds the values in command lines such as "--NAME value". A value is in
// quotes, or more than a word: "--password is" may stand in a sentence.
func (r *rules) flags(text []byte) []span {
	var spans []span
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte("--"))
		if i < 0 {
			return spans
		}
		begin := at + i + len("--")
		for at = begin; at < len(text) && at < begin+longestName && nameByte(text[at]); at++ {
		}
		from := spaces(text, at)
		if from == at {
			continue
		}
		name, ok := r.flag(text[begin:at])
		if !ok {
			continue
		}
		s := inQuotes(text, from)
		if s.from == s.to {
			s = word(text, from)
			ok = opaque(text[s.from:s.to]) && text[s.from] != '-'
		}
		if ok {
			s.name = name
			spans = append(spans, s)
			at = s.to
		}
	}
}

// nameBegins is where the name begins that text ends with.
func nameBegins(text []byte) int {
	at := len(text)
	for at > 0 && nameByte(text[at-1]) {
		at--
	}
	return at
}

func nameByte(c byte) bool { return base64Byte(c) && c != '+' && c != '/' && c != '=' || c == '.' }

func spaces(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	return at
}

// reference matches how scripts name a variable.
var reference = regexp.MustCompile(`^\$(?:$|[^a-z0-9]|env)`)

// idle reports whether a value tells nothing: it is a word that says that there is
// none, or of which type it is.
func idle(text []byte) bool {
	switch strings.ToLower(string(text[:min(len(text), 10)])) {
	case "true", "false", "null", "nil", "none", "undefined",
		"string", "str", "number", "integer", "int", "boolean", "bool", "bytes", "object", "any",
		"required", "optional", "missing", "invalid", "expired", "|", "|-", ">", ">-", "%s", "%v", "%q", "%d":
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
	return word(text, from)
}

// word finds the value that begins at from and is not in quotes.
func word(text []byte, from int) span {
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

// code matches what programs have as values: what is called or made, names with dots
// and without digits, and other such names as a part of a list or statement.
var code = regexp.MustCompile(`^(?:[&*]?[A-Za-z_][\w.]*[(\[<{](?:.*[)\]>}])?|[&*]?[A-Za-z_]+(?:\??\.[A-Za-z_]+)+|[&*][A-Za-z_]+|[A-Za-z_]+[,;])[,;]?$`)

// line gives the value of a line "NAME: value" or "NAME = value", which begins here. It
// is empty if that looks like a sentence or, where lines of programs may stand, like one.
func (a *assignment) line(from int) span {
	if s := inQuotes(a.text, from); s.from < s.to {
		return s
	}
	line := a.restOfLine(from)
	indented := a.begin > 0 && a.text[a.begin-1] != '\n'
	if (indented || a.text[a.sign] == '=') && code.Match(line) {
		return span{}
	}
	line = bytes.TrimRight(line, ",;")
	rest := bytes.TrimLeft(line, `\"'`)
	// In place of a placeholder in quotes there may have been more than one word.
	if i := bytes.Index(line, mark); i > 0 && quote(line[i-1]) {
		return span{}
	}
	if refers(rest) || len(rest) < len(line) && outside(rest[0]) || !a.cookie() && bytes.ContainsAny(line[scheme(line):], " \t") {
		return span{}
	}
	return span{from: from, to: from + len(line)}
}

// restOfLine gives what stands from here on up to a comment or the line's end.
func (a *assignment) restOfLine(from int) []byte {
	line := a.text[from:]
	if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	if i := bytes.Index(line, []byte(" #")); i >= 0 && !a.cookie() {
		line = line[:i]
	}
	return bytes.TrimRight(line, " \t")
}

// outside reports whether what begins with c stands behind a quote that ends there,
// rather than in one that begins.
func outside(c byte) bool { return strings.IndexByte(" \t,;:)+", c) >= 0 }
