// Package wire shows what can be seen of a message without touching it.
//
// A message is one line of the stdio transport. Everything here works on the
// original bytes: what is found is a slice of them, what is changed is spliced
// into a copy of them, and nothing is ever decoded and encoded again. So ids
// keep their spelling (1, "1", 1.0 and 9007199254740993 are four ids), numbers
// their digits, strings their escapes and objects the order of their members.
//
// A member that stands twice in an object counts where it stands last, as it
// does for the JSON parsers of the common SDKs.
package wire

import "bytes"

// Kind says what a line is.
type Kind uint8

// The kinds of a line. Junk is the zero value.
const (
	Junk         Kind = iota // not a JSON-RPC message
	Request                  // has a method and an id
	Notification             // has a method and no id
	Response                 // has a result or an error, and no method before it
	Batch                    // a JSON array (revision 2025-03-26)
)

// String names the kind in lower case.
func (k Kind) String() string {
	return [...]string{"junk", "request", "notification", "response", "batch"}[k]
}

// Message is what a line says. Its slices are parts of the line they were
// found in; nil means that the member is absent.
type Message struct {
	Kind   Kind
	ID     []byte // the raw id: 1, "1", null
	Method string
	Params []byte // raw value
	Result []byte // raw value
	Error  []byte // raw value; nil also for null, which is no error
}

// Parse looks at a whole line, its end and white space around it allowed. A
// line that is no JSON-RPC message gives a Message of kind Junk.
func Parse(line []byte) Message {
	m, complete := look(line, false)
	if !complete {
		return Message{}
	}
	return m
}

// Peek looks only as far into a line as it takes to tell a request or a
// response and its id. It reports false when the prefix does not show that
// much: the line has to grow, or to be parsed when it is complete. What stands
// behind the point where it stopped was not read, and not checked; in a valid
// line only a member that stands there for a second time can change the answer.
func Peek(prefix []byte) (Message, bool) {
	m, _ := look(prefix, true)
	return m, m.answerable()
}

// look reads the members of the object in line; if peek, only until they tell a
// request or a response and its id. It reports whether the line was read to its
// end and is one valid JSON value.
func look(line []byte, peek bool) (m Message, complete bool) {
	s := scan(line)
	defer s.release()
	switch s.kind() {
	case '[':
		if !peek && s.skip() && s.end() {
			return Message{Kind: Batch}, true
		}
		return m, false
	case '{':
		s.token()
	default:
		return m, false
	}
	for s.more() {
		name, ok := s.name()
		if !ok {
			return m, false
		}
		if m.announce(name); peek && m.answerable() {
			return m, false
		}
		value, ok := s.value()
		if !ok {
			return m, false
		}
		if m.take(name, value); peek && m.answerable() {
			return m, false
		}
	}
	return m, s.token() && s.end()
}

// answerable reports whether m is known to be a request or a response, with its id.
func (m *Message) answerable() bool { return m.ID != nil && m.Kind != Junk }

// announce notes that a member follows: a result may be long.
func (m *Message) announce(name string) {
	if name == "result" || name == "error" {
		m.Kind = m.kind(true)
	}
}

func (m *Message) take(name string, value []byte) {
	switch name {
	case "id":
		m.ID = value
	case "method":
		m.Method, _ = Text(value)
	case "params":
		m.Params = value
	case "result":
		m.Result = value
	case "error":
		if m.Error = value; string(value) == "null" {
			m.Error = nil
		}
	default:
		return
	}
	m.Kind = m.kind(m.Result != nil || m.Error != nil)
}

func (m *Message) kind(answers bool) Kind {
	switch {
	case m.Kind == Response:
		return Response
	case m.Method != "" && m.ID != nil:
		return Request
	case m.Method != "":
		return Notification
	case answers:
		return Response
	}
	return Junk
}

// Cut splits a line into what it says and how it ends: "\n", "\r\n" or nothing.
func Cut(line []byte) (body, eol []byte) {
	n := len(line)
	switch {
	case bytes.HasSuffix(line, []byte("\r\n")):
		n -= 2
	case bytes.HasSuffix(line, []byte("\n")):
		n--
	}
	return line[:n], line[n:]
}
