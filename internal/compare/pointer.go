package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Pointer is a JSON pointer (RFC 6901) in which a token "*" stands for any one
// member or element. The zero value points to the whole value. A lone
// surrogate in a name is pointed to as U+FFFD.
type Pointer struct{ tokens []string }

// ParsePointer reads a pointer: "", or tokens that each begin with "/" and in
// which "~0" stands for "~" and "~1" for "/".
func ParsePointer(text string) (Pointer, error) {
	if text == "" {
		return Pointer{}, nil
	}
	if text[0] != '/' {
		return Pointer{}, fmt.Errorf("pointer %q does not begin with \"/\"", text)
	}
	tokens := strings.Split(text[1:], "/")
	for i, token := range tokens {
		if bad := badEscape(token); bad != "" {
			return Pointer{}, fmt.Errorf("pointer %q has the escape %q, which is neither \"~0\" nor \"~1\"", text, bad)
		}
		tokens[i] = unescape.Replace(token)
	}
	return Pointer{tokens}, nil
}

var (
	escape   = strings.NewReplacer("~", "~0", "/", "~1")
	unescape = strings.NewReplacer("~0", "~", "~1", "/")
)

// badEscape finds the first "~" in token that begins no escape, and gives it
// with the character after it.
func badEscape(token string) string {
	for rest := token; ; {
		_, after, found := strings.Cut(rest, "~")
		if !found {
			return ""
		}
		if !strings.HasPrefix(after, "0") && !strings.HasPrefix(after, "1") {
			_, n := utf8.DecodeRuneInString(after)
			return "~" + after[:n]
		}
		rest = after
	}
}

// Names gives the names that the pointer is made of, from the outermost inwards.
func (p Pointer) Names() []string { return slices.Clone(p.tokens) }

// PointerTo gives the pointer that has these names, from the outermost inwards.
func PointerTo(names ...string) Pointer { return Pointer{names} }

// String spells the pointer as ParsePointer reads it.
func (p Pointer) String() string {
	var text strings.Builder
	for _, token := range p.tokens {
		text.WriteByte('/')
		text.WriteString(escape.Replace(token))
	}
	return text.String()
}

// Index gives the place in an array that a name in a pointer stands for, less than
// 0 if it stands for none (RFC 6901, section 4).
func Index(name string) int {
	if n, err := strconv.Atoi(name); err == nil && strconv.Itoa(n) == name {
		return n
	}
	return -1
}

// Pointers is a set of pointers. Nil is the empty one.
type Pointers []Pointer

// ParsePointers reads each text as ParsePointer does.
func ParsePointers(texts ...string) (Pointers, error) {
	var ps Pointers
	for _, text := range texts {
		p, err := ParsePointer(text)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, nil
}

// Under gives the pointers that begin with /name or /*, without it: of
// /params/a, Under("params") keeps /a.
func (ps Pointers) Under(name string) Pointers {
	var under Pointers
	for _, p := range ps {
		if len(p.tokens) > 0 && (p.tokens[0] == name || p.tokens[0] == "*") {
			under = append(under, Pointer{p.tokens[1:]})
		}
	}
	return under
}

// Match reports whether one of the pointers points to the place that a plain
// pointer names, as in Difference.Pointer, or to what that place is within.
func (ps Pointers) Match(place string) bool {
	at, err := ParsePointer(place)
	return err == nil && slices.ContainsFunc(ps, func(p Pointer) bool { return p.leads(at) })
}

// leads reports whether p points to at, or to what at is within.
func (p Pointer) leads(at Pointer) bool {
	if len(p.tokens) > len(at.tokens) {
		return false
	}
	for i, token := range p.tokens {
		if token != "*" && token != at.tokens[i] {
			return false
		}
	}
	return true
}

// whole reports whether a pointer points to the whole value.
func (ps Pointers) whole() bool {
	return slices.ContainsFunc(ps, func(p Pointer) bool { return len(p.tokens) == 0 })
}
