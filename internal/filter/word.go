package filter

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"wiretape/internal/wire"
	"wiretape/record"
)

// word is one condition.
type word struct {
	not        bool
	unanswered bool // fits what nobody answered, which no message tells
	fits       func(*message) bool
}

// parseWord reads a word.
func parseWord(text string) (word, error) {
	bare, not := strings.CutPrefix(text, "-")
	key, value, keyed := strings.Cut(bare, ":")
	w, why := word{}, ""
	switch {
	case bare == "":
		why = "it is empty"
	case bare[0] == '"':
		w, why = quoted(bare)
	case !keyed:
		w.fits = holds(bare)
	case value == "":
		why = "nothing stands behind the colon"
	default:
		w, why = keyword(key, value)
	}
	if why != "" {
		return word{}, fmt.Errorf("the filter word %q cannot be used: %s", text, why)
	}
	w.not = not
	return w, nil
}

func quoted(text string) (w word, why string) {
	inner, closed := strings.CutSuffix(text[1:], `"`)
	switch {
	case !closed:
		return w, `it begins with a quote and does not end with one; to look for the quote itself, put quotes around it all`
	case inner == "":
		return w, "it is empty"
	}
	return word{fits: holds(inner)}, ""
}

func keyword(key, value string) (w word, why string) {
	switch key {
	case "tool":
		return word{fits: func(m *message) bool { return m.call.Method == "tools/call" && glob(value, m.call.Tool) }}, ""
	case "method":
		return word{fits: func(m *message) bool { return m.method() != "" && glob(value, m.method()) }}, ""
	case "from":
		return from(record.Party(value))
	case "is":
		return is(value)
	case "id":
		return word{fits: hasID(value)}, ""
	}
	return w, fmt.Sprintf("%q is none of tool, method, from, is and id; text that has a colon is put in quotes: '\"…\"'", key)
}

// method is that of the call if the message does not tell.
func (m *message) method() string {
	if m.said.Method != "" {
		return m.said.Method
	}
	return m.call.Method
}

func from(party record.Party) (w word, why string) {
	switch party {
	case record.Host, record.Target:
		return word{fits: func(m *message) bool { return m.asker == party }}, ""
	case record.Proxy:
		return word{fits: func(m *message) bool { return m.event.From == party || m.event.To == party }}, ""
	}
	return w, "behind from: stands one of host, target, proxy"
}

func is(kind string) (w word, why string) {
	kinds := []string{"request", "response", "notification", "junk", stderr}
	switch {
	case slices.Contains(kinds, kind):
		return word{fits: func(m *message) bool { return m.kind == kind }}, ""
	case kind == "batch":
		return word{fits: func(m *message) bool { return m.batch }}, ""
	case kind == "error":
		return word{fits: (*message).failed}, ""
	case kind == "unanswered":
		return word{unanswered: true, fits: func(*message) bool { return false }}, ""
	}
	return w, "behind is: stands one of error, unanswered, batch, " + strings.Join(kinds, ", ")
}

// failed reports whether a message is a response that says so. A tool's result
// may also be that of another method, such as tasks/result.
func (m *message) failed() bool {
	return m.kind == "response" && (m.call.Error || string(wire.Get(m.said.Result, "isError")) == "true")
}

// hasID looks for an id as it is spelled in JSON, or for the string of this
// text if the text is no JSON.
func hasID(text string) func(*message) bool {
	if wire.Valid([]byte(text)) {
		return func(m *message) bool { return string(m.said.ID) == text }
	}
	return func(m *message) bool {
		id, isString := wire.Text(m.said.ID)
		return isString && id == text
	}
}

// holds looks for text as it is, and as a JSON string spells it.
func holds(text string) func(*message) bool {
	lower := bytes.ToLower([]byte(text))
	spelled := wire.Quote(string(lower))
	spelled = spelled[1 : len(spelled)-1]
	return func(m *message) bool {
		line := m.inLower()
		return bytes.Contains(line, lower) || len(spelled) != len(lower) && bytes.Contains(line, spelled)
	}
}

// glob reports whether name fits pattern, in which "*" stands for anything.
func glob(pattern, name string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return name == pattern
	}
	name, fits := strings.CutPrefix(name, first)
	for fits {
		var next string
		if next, rest, star = strings.Cut(rest, "*"); !star {
			return strings.HasSuffix(name, next)
		}
		_, name, fits = strings.Cut(name, next)
	}
	return false
}
