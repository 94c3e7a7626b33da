package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// Codes of JSON-RPC errors.
const (
	// MCP 2026-07-28, basic: codes of applications lie outside of -32768 to
	// -32000, so that nobody takes this one for the recorded server's.
	codeReplay             = -31000
	codeParse              = -32700
	codeInvalidRequest     = -32600
	codeMethodNotFound     = -32601
	codeInvalidParams      = -32602
	codeResourceNotFound   = -32002 // up to 2025-11-25
	codeUnsupportedVersion = -32022 // from 2026-07-28
)

// failure is why a call cannot be answered from the recording.
type failure struct {
	code        int
	reason      string // one word, for programs
	message     string // for people
	seq         uint32 // of the recorded message that comes nearest; 0 if there is none
	differences []compare.Difference
	supported   []string // revisions, if that is what it is about
	expected    bool     // a host that does everything right may see it
}

// mostDifferences is how many places are named where two messages differ.
const mostDifferences = 8

// longestValue bounds what is shown of a value, in bytes.
const longestValue = 200

func (f *failure) String() string {
	if len(f.differences) == 0 {
		return f.message
	}
	places := make([]string, len(f.differences))
	for i, d := range f.differences {
		places[i] = fmt.Sprintf("%s: recorded %s, live %s", d.Pointer, shown(d.A), shown(d.B))
		if len(d.A) > longestValue && len(d.B) > longestValue {
			places[i] += fmt.Sprintf(", which differ from byte %d on", same(d.A, d.B)+1)
		}
	}
	return f.message + " (event " + fmt.Sprint(f.seq) + "): " + strings.Join(places, "; ")
}

// shown gives a value for people to read.
func shown(value []byte) string {
	if value == nil {
		return "nothing"
	}
	if len(value) <= longestValue {
		return string(value)
	}
	// A part of a word may be that of a secret, which a recorder would not recognise.
	words := bytes.LastIndexAny(value[:longestValue], " ,\"") + 1
	if words <= len(`"`) {
		return fmt.Sprintf("%d bytes", len(value))
	}
	return string(value[:words]) + "…"
}

// same is with how many bytes both values begin.
func same(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Difference is a place where a live message differs from a recorded one.
type Difference struct {
	Pointer  string          `json:"pointer"`            // a JSON pointer from the message's root
	Recorded json.RawMessage `json:"recorded,omitempty"` // absent if there is none
	Live     json.RawMessage `json:"live,omitempty"`     // absent if there is none
}

// list gives the differences for a program. A long value is cut and is a string
// then.
func (f *failure) list() []Difference {
	list := make([]Difference, len(f.differences))
	for i, d := range f.differences {
		list[i] = Difference{d.Pointer, short(d.A), short(d.B)}
	}
	return list
}

func short(value []byte) json.RawMessage {
	if len(value) <= longestValue && (value == nil || wire.Valid(value)) {
		return bytes.Clone(value) // the message may be long
	}
	return wire.Quote(shown(value))
}

// failureError is the error member of a response.
type failureError struct {
	Code    int         `json:"code"`
	Message string      `json:"message"`
	Data    failureData `json:"data"`
}

// failureData tells a program whose error it is, and why.
type failureData struct {
	Origin    string   `json:"origin"`
	Reason    string   `json:"reason"`
	Method    string   `json:"method,omitempty"`
	Name      string   `json:"name,omitempty"`
	Nearest   *nearest `json:"nearest,omitempty"`
	Supported []string `json:"supported,omitempty"`
	Requested string   `json:"requested,omitempty"`
}

type nearest struct {
	Seq         uint32       `json:"seq"`
	Differences []Difference `json:"differences"`
}

// member gives the error member of a response to the request.
func (f *failure) member(r *reading) failureError {
	data := failureData{Origin: "replay", Reason: f.reason, Method: r.Method, Name: r.name, Supported: f.supported}
	if f.seq != 0 {
		data.Nearest = &nearest{f.seq, f.list()}
	}
	if f.supported != nil {
		data.Requested = r.asked()
	}
	return failureError{f.code, f.String(), data}
}

// fail answers a live call with an error, after which nothing more is said of
// it.
func (s *Session) fail(l *live, r *reading, f *failure) {
	if !f.expected {
		s.report.missed(r, f)
		s.warn("%s", f)
	}
	// What it is made of is valid JSON.
	text, _ := encode(f.member(r))
	s.reply(l, "error", text)
	l.dropped = true
	s.finished(l)
}

// reply answers a live call with words of our own, after all that is set free
// now.
func (s *Session) reply(l *live, member string, value []byte) {
	line := fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"%s":%s}`+"\n", l.id, member, value)
	if l.batch != nil {
		line = l.batch.add(line)
	}
	s.free = append(s.free, item{number: math.MaxInt32, text: line})
}

// encode writes our own words as JSON, and leaves <, > and & as they are.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
