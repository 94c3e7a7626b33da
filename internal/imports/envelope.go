package imports

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"wiretape/internal/wire"
)

// envelope is the object that a tool puts around what was said. The first wrong
// member is kept as err.
type envelope struct {
	members []member
	err     error
}

type member struct {
	name string
	raw  []byte // a slice of the text that was opened
}

// isJSON reports whether text is one JSON value. White space around it, and
// strings that are no UTF-8, are let pass.
func isJSON(text []byte) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

var errNoObject = errors.New("it is no JSON object")

// unwrap opens the object in text.
func unwrap(text []byte) (*envelope, error) {
	if !wire.Is(text, '{') || !isJSON(text) {
		return nil, errNoObject
	}
	return members(text), nil
}

// members opens an object without a look at whether it is whole.
func members(text []byte) *envelope {
	e := &envelope{members: make([]member, 0, 8)}
	for name, raw := range wire.Members(text) {
		e.members = append(e.members, member{name, raw})
	}
	return e
}

// raw gives a member; nil if it is absent or null. Of several of a name the last
// one counts.
func (e *envelope) raw(name string) []byte {
	for i := len(e.members) - 1; i >= 0; i-- {
		if e.members[i].name != name {
			continue
		}
		if raw := e.members[i].raw; string(raw) != "null" {
			return raw
		}
		return nil
	}
	return nil
}

func (e *envelope) has(names ...string) bool {
	for _, name := range names {
		if e.raw(name) == nil {
			return false
		}
	}
	return true
}

// fail takes note that the member of this name is not what it has to be.
func (e *envelope) fail(name, want string) {
	if e.err == nil {
		e.err = fmt.Errorf("%q is not %s", name, want)
	}
}

// text gives a string, empty if there is none.
func (e *envelope) text(name string) string {
	raw := e.raw(name)
	if raw == nil {
		return ""
	}
	text, ok := wire.Text(raw)
	if !ok {
		e.fail(name, "a string")
	}
	return text
}

// quoted gives a string as it stands in the file.
func (e *envelope) quoted(name string) []byte {
	raw := e.raw(name)
	if raw != nil && !wire.Is(raw, '"') {
		e.fail(name, "a string")
		return nil
	}
	return raw
}

func (e *envelope) list(name string) []byte {
	raw := e.raw(name)
	if !wire.Is(raw, '[') {
		e.fail(name, "a list")
	}
	return raw
}

// texts gives a list of strings; what is none in it is left out.
func (e *envelope) texts(name string) []string {
	var all []string
	for raw := range wire.Elements(e.raw(name)) {
		if text, ok := wire.Text(raw); ok {
			all = append(all, text)
		}
	}
	return all
}

// inner opens the object of this name; it is empty if there is none.
func (e *envelope) inner(name string) *envelope { return members(e.raw(name)) }

func (e *envelope) is(name string) bool { return string(e.raw(name)) == "true" }

// whole gives a number from 0, and 0 if there is none.
func (e *envelope) whole(name string) uint64 {
	raw := e.raw(name)
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil {
		e.fail(name, "a whole number")
	}
	return n
}

// No connection lasts longer than that.
const forever = 100 * 365 * 24 * time.Hour

// span gives a number of units of time, 0 if there is none. A negative one,
// which a clock that was set back can make, counts as 0.
func (e *envelope) span(name string, unit time.Duration) time.Duration {
	raw := e.raw(name)
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(n)*float64(unit) > float64(forever) {
		e.fail(name, "a time that can be")
		return 0
	}
	return max(0, time.Duration(math.Round(n*float64(unit))))
}

// unix gives the moment that is this many seconds after 1970; the zero time if
// there is none. Whole seconds and their fraction are read apart: a float64 has
// no nanoseconds of today.
func (e *envelope) unix(name string) time.Time {
	raw := e.raw(name)
	if raw == nil {
		return time.Time{}
	}
	whole, fraction, _ := bytes.Cut(raw, []byte("."))
	seconds, err := strconv.ParseInt(string(whole), 10, 64)
	nanos, err2 := strconv.ParseInt((string(fraction) + "000000000")[:9], 10, 64)
	if err != nil || err2 != nil {
		e.fail(name, "a number of seconds")
		return time.Time{}
	}
	return e.sane(name, time.Unix(seconds, nanos).UTC())
}

// clock gives the moment that a member names, with or without a zone; the zero
// time if there is none.
func (e *envelope) clock(name string) time.Time {
	text := e.text(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05.999999999", text)
	}
	if err != nil {
		e.fail(name, "a time")
		return time.Time{}
	}
	return e.sane(name, at.UTC())
}

// sane refuses what cannot be written as RFC 3339 has it, and what was before
// MCP by so much that it is no time.
func (e *envelope) sane(name string, at time.Time) time.Time {
	if at.Year() < 1970 || at.Year() > 9999 {
		e.fail(name, "a time that can be")
		return time.Time{}
	}
	return at
}
