package verify

import (
	"fmt"
	"regexp"
	"slices"
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

// kinds are those of a value, but for patterns.
var kinds = map[string]func(value []byte) bool{
	"uuid":   ofText(func(s string) bool { return uuid.Validate(s) == nil }),
	"time":   ofText(isTime),
	"number": isNumber,
	"any":    func(value []byte) bool { return value != nil },
}

const ofPattern = "regex:"

// ParseExpectation reads an expectation as it stands on a command line:
// POINTER=uuid, POINTER=time, POINTER=number, POINTER=any or
// POINTER=regex:PATTERN, where the pattern has to match all of a string. The
// pointer ends at the first "=" that a kind follows.
func ParseExpectation(text string) (Expectation, error) {
	pointer, kind, ok := cutKind(text)
	if !ok {
		return Expectation{}, fmt.Errorf("%q is no POINTER=KIND, where KIND is uuid, time, number, any or regex:PATTERN", text)
	}
	p, err := compare.ParsePointer(pointer)
	if err != nil {
		return Expectation{}, err
	}
	e := Expectation{Pointer: p, kind: kind, fits: kinds[kind]}
	if pattern, isRegex := strings.CutPrefix(kind, ofPattern); isRegex {
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return Expectation{}, fmt.Errorf("%q: %w", text, err)
		}
		e.fits = ofText(re.MatchString)
	}
	if e.fits == nil {
		return Expectation{}, fmt.Errorf("%q is no kind of value: it is uuid, time, number, any or regex:PATTERN", kind)
	}
	return e, nil
}

// cutKind cuts before the kind, or at the first "=" if there is none that is known.
func cutKind(text string) (pointer, kind string, ok bool) {
	for i := range len(text) {
		kind := text[i+1:]
		if text[i] == '=' && (kinds[kind] != nil || strings.HasPrefix(kind, ofPattern)) {
			return text[:i], kind, true
		}
	}
	return strings.Cut(text, "=")
}

func (e Expectation) String() string { return e.Pointer.String() + "=" + e.kind }

// ofText makes a test of raw values of one of texts.
func ofText(fits func(string) bool) func([]byte) bool {
	return func(value []byte) bool {
		text, ok := wire.Text(value)
		return ok && fits(text)
	}
}

// isTime reports whether a text is a date, a time of day or both, as RFC 3339 and
// ISO 8601 write them. Between the two a space is as good as a T.
func isTime(text string) bool {
	text = strings.Replace(strings.ToUpper(text), " ", "T", 1)
	return slices.ContainsFunc(timeLayouts, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
}

var timeLayouts = layoutsOfTime()

func layoutsOfTime() []string {
	all := []string{time.DateOnly, "20060102"}
	for _, moment := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "20060102T150405", "20060102T1504", "15:04:05", "15:04"} {
		for _, zone := range []string{"", "Z07:00", "Z0700", "Z07"} {
			all = append(all, moment+zone)
		}
	}
	return all
}
