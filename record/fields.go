package record

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"wiretape/internal/wire"

	"github.com/go-json-experiment/json/jsontext"
)

// fields are the members of an object that is being read. Each is taken once;
// what nobody took is not lost. The first wrong value is kept as err.
type fields struct {
	list []field
	err  error
}

type field struct {
	name string
	raw  []byte
}

var errNotObject = errors.New("not a JSON object")

// fieldsOf reads a line of a recording.
func fieldsOf(line []byte) (*fields, error) {
	line = bytes.TrimSpace(line)
	if !wire.Is(line, '{') || !wire.Valid(line) {
		return nil, errNotObject
	}
	return membersOf(line), nil
}

// membersOf reads a valid JSON object.
func membersOf(object []byte) *fields {
	f := &fields{list: make([]field, 0, 8)}
	for name, raw := range wire.Members(object) {
		f.list = append(f.list, field{name, raw})
	}
	return f
}

func (f *fields) has(name string) bool {
	return slices.ContainsFunc(f.list, func(field field) bool { return field.name == name })
}

// take gives the raw value of a member, nil if it is absent. A member that
// stands twice counts where it stands last.
func (f *fields) take(name string) []byte {
	var raw []byte
	rest := f.list[:0]
	for _, field := range f.list {
		if field.name == name {
			raw = field.raw
		} else {
			rest = append(rest, field)
		}
	}
	f.list = rest
	return raw
}

// rest gives the members that were not taken: raw JSON, with commas between.
func (f *fields) rest() []byte {
	var o object
	for _, field := range f.list {
		o.extra(append(append(wire.Quote(field.name), ':'), field.raw...))
	}
	return o.text
}

func (f *fields) fail(name, want string) {
	if f.err == nil {
		f.err = fmt.Errorf("%q is not %s", name, want)
	}
}

func (f *fields) string(name string) string {
	raw := f.take(name)
	if raw == nil {
		return ""
	}
	return string(f.unquote(name, raw))
}

func (f *fields) unquote(name string, raw []byte) []byte {
	text, err := jsontext.AppendUnquote([]byte{}, raw)
	if err != nil {
		f.fail(name, "a string")
	}
	return text
}

// base64 gives the bytes of a member that is there.
func (f *fields) base64(name string, raw []byte) []byte {
	text, err := base64.StdEncoding.DecodeString(string(f.unquote(name, raw)))
	if err != nil {
		f.fail(name, "base64")
	}
	return text
}

func (f *fields) integer(name string) int64 {
	raw := f.take(name)
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		f.fail(name, "a whole number")
	}
	return n
}

func (f *fields) seconds(name string) time.Duration {
	raw := f.take(name)
	if raw == nil {
		return 0
	}
	d, ok := parseSeconds(string(raw))
	if !ok {
		f.fail(name, "a number of seconds")
	}
	return d
}

func (f *fields) strings(name string) []string {
	raw := f.take(name)
	if raw == nil {
		return nil
	}
	if !wire.Is(raw, '[') {
		f.fail(name, "a list")
	}
	var list []string
	for element := range wire.Elements(raw) {
		list = append(list, string(f.unquote(name, element)))
	}
	return list
}

// time reads a moment that is written as RFC 3339 has it.
func (f *fields) time(name string) time.Time {
	text := f.string(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		f.fail(name, "a time")
	}
	return t.UTC()
}

// parseSeconds reads what appendSeconds wrote, to the nanosecond, and any other
// JSON number that is a duration as well as a float64 can tell.
func parseSeconds(text string) (time.Duration, bool) {
	whole, fraction, _ := bytes.Cut([]byte(text), []byte("."))
	if n, err := strconv.ParseUint(string(whole), 10, 32); err == nil && len(fraction) <= 9 {
		nano := append(fraction[:len(fraction):len(fraction)], "000000000"[len(fraction):]...)
		if f, err := strconv.ParseUint(string(nano), 10, 32); err == nil {
			return time.Duration(n)*time.Second + time.Duration(f), true
		}
	}
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || s < 0 || s > math.MaxUint32 {
		return 0, false
	}
	return time.Duration(math.Round(s * float64(time.Second))), true
}

// appendBytes writes bytes as a member: as a string called name if they are
// UTF-8, else in base64, called name64.
func appendBytes(o *object, name string, text []byte) {
	if utf8.Valid(text) {
		o.name(name)
		o.text = appendQuote(o.text, text)
		return
	}
	o.name(name + "64")
	o.text = append(o.text, '"')
	o.text = base64.StdEncoding.AppendEncode(o.text, text)
	o.text = append(o.text, '"')
}
