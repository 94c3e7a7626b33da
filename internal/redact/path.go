package redact

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wiretape/internal/compare"
)

// jsonPath is a place in a message.
type jsonPath struct {
	steps []step
	name  string // of the secret
}

// step leads from a value to its members or elements.
type step struct {
	deep  bool // from what is within the value, too
	any   bool
	name  string
	index int // -1 for none
}

// state is how many steps of a path have been gone.
type state struct {
	path *jsonPath
	gone int
}

// start is where all paths begin.
func (r *rules) start() []state {
	var states []state
	for i := range r.paths {
		states = append(states, state{path: &r.paths[i]})
	}
	return states
}

// advance goes on to a member or, if index is not negative, to an element. It
// also gives the name of the secret there, if a path ends.
func advance(states []state, name []byte, index int) (next []state, secret string) {
	for _, s := range states {
		at := s.path.steps[s.gone]
		if at.deep && !slices.Contains(next, s) {
			next = append(next, s)
		}
		if !at.leads(name, index) {
			continue
		}
		if s.gone+1 == len(s.path.steps) {
			return nil, s.path.name
		}
		if further := (state{s.path, s.gone + 1}); !slices.Contains(next, further) {
			next = append(next, further)
		}
	}
	return next, ""
}

func (s *step) leads(name []byte, index int) bool {
	switch {
	case s.any:
		return true
	case index >= 0:
		return index == s.index
	}
	return s.name == string(name) && s.name != noName
}

// noName is the name of a step that leads to elements only: no JSON is spelled
// so.
const noName = "\xff"

// literal is the longest name on the path.
func (p *jsonPath) literal() string {
	longest := ""
	for _, s := range p.steps {
		if s.name != noName && len(s.name) > len(longest) {
			longest = s.name
		}
	}
	return longest
}

// parsePath reads a JSON pointer or a JSONPath.
func parsePath(text string) (jsonPath, error) {
	var p jsonPath
	var err error
	if strings.HasPrefix(text, "/") {
		p.steps, err = pointerSteps(text)
	} else if strings.HasPrefix(text, "$") {
		p.steps, err = pathSteps(text[1:])
	} else {
		err = errors.New(`a path begins with "/" or "$"`)
	}
	if err == nil && len(p.steps) == 0 {
		err = errors.New("a whole message cannot be redacted")
	}
	p.name = "path"
	for _, s := range p.steps {
		if s.name != "" && s.name != noName {
			p.name = title(s.name)
		}
	}
	return p, err
}

func pointerSteps(text string) ([]step, error) {
	p, err := compare.ParsePointer(text)
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, name := range p.Names() {
		s := step{any: name == "*", name: name, index: compare.Index(name)}
		if s.any {
			s.name = noName
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// pathSteps reads a JSONPath behind its "$".
func pathSteps(text string) ([]step, error) {
	var steps []step
	for text != "" {
		s := step{index: -1, name: noName}
		dotted := strings.HasPrefix(text, ".")
		if s.deep = strings.HasPrefix(text, ".."); s.deep {
			text = text[1:]
		}
		var err error
		switch {
		case strings.HasPrefix(text, ".["), !dotted && text[0] == '[':
			if dotted && !s.deep {
				return nil, fmt.Errorf(`"." before %q`, text[1:])
			}
			text, err = s.bracket(strings.TrimPrefix(text, ".")[1:])
		case dotted:
			text, err = s.dotted(text[1:])
		default:
			err = fmt.Errorf(`%q begins with neither "." nor "["`, text)
		}
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// dotted reads a name, or "*", and gives what follows.
func (s *step) dotted(text string) (string, error) {
	n := strings.IndexAny(text, ".[")
	if n < 0 {
		n = len(text)
	}
	name := text[:n]
	if name == "*" {
		s.any = true
		return text[n:], nil
	}
	if name == "" || strings.ContainsAny(name, ` "'*?()@,:]$`) {
		return "", fmt.Errorf("%q is no name; write ['…']", name)
	}
	s.name = name
	return text[n:], nil
}

// bracket reads what stands in brackets, and gives what follows.
func (s *step) bracket(text string) (string, error) {
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		return s.quoted(text[1:], text[0])
	}
	inner, rest, ok := strings.Cut(text, "]")
	if !ok {
		return "", errors.New(`"]" is missing`)
	}
	if inner == "*" {
		s.any = true
		return rest, nil
	}
	n, err := strconv.Atoi(inner)
	if err != nil || n < 0 || strconv.Itoa(n) != inner {
		return "", fmt.Errorf("[%s] is not supported: there are names, indexes from 0, and *", inner)
	}
	s.index = n
	return rest, nil
}

// quoted reads a name that ends with a quote, in which "\" goes before a quote or
// another "\".
func (s *step) quoted(text string, quote byte) (string, error) {
	var name strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == quote && strings.HasPrefix(text[i+1:], "]"):
			s.name = name.String()
			return text[i+2:], nil
		case text[i] == quote:
			return "", errors.New("one name in brackets is supported")
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == quote || text[i+1] == '\\'):
			i++
		case text[i] == '\\':
			return "", errors.New(`in a name, "\" goes before a quote or "\"`)
		}
		name.WriteByte(text[i])
	}
	return "", errors.New("a name does not end")
}
