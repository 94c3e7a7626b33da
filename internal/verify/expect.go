package verify

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// Expectation says of what kind a value need only be, at a JSON pointer from the
// root of an answer.
type Expectation struct {
	Pointer compare.Pointer
	kind    string
	fits    func(value []byte) bool
}

// ParseExpectation reads an expectation as it stands on a command line:
// POINTER=uuid, POINTER=time, POINTER=number, POINTER=any or
// POINTER=regex:PATTERN, where the pattern has to match all of a string.
func ParseExpectation(text string) (Expectation, error) {
	pointer, kind, ok := strings.Cut(text, "=")
	if !ok {
		return Expectation{}, fmt.Errorf("%q is no POINTER=KIND, where KIND is uuid, time, number, any or regex:PATTERN", text)
	}
	p, err := compare.ParsePointer(pointer)
	if err != nil {
		return Expectation{}, err
	}
	e := Expectation{Pointer: p, kind: kind}
	pattern, isRegex := strings.CutPrefix(kind, "regex:")
	switch {
	case isRegex:
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return Expectation{}, fmt.Errorf("%q: %w", text, err)
		}
		e.fits = ofText(re.MatchString)
	case kind == "uuid":
		e.fits = ofText(func(s string) bool { return uuid.Validate(s) == nil })
	case kind == "time":
		e.fits = ofText(isTime)
	case kind == "number":
		e.fits = func(value []byte) bool { return len(value) > 0 && strings.IndexByte("-0123456789", value[0]) >= 0 }
	case kind == "any":
		e.fits = func(value []byte) bool { return value != nil }
	default:
		return Expectation{}, fmt.Errorf("%q is no kind of value: it is uuid, time, number, any or regex:PATTERN", kind)
	}
	return e, nil
}

func (e Expectation) String() string { return e.Pointer.String() + "=" + e.kind }

// ofText makes a test of raw values of one of texts.
func ofText(fits func(string) bool) func([]byte) bool {
	return func(value []byte) bool {
		text, ok := wire.Text(value)
		return ok && fits(text)
	}
}

// isTime reports whether a text is a date or a time as ISO 8601 and RFC 3339
// write them.
func isTime(text string) bool {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly, time.TimeOnly, "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}
