package record

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object that is being written, without its closing brace.
type object struct {
	text []byte
	more bool // a member was written
}

// begin opens an object behind what stands in dst.
func begin(dst []byte) object { return object{text: append(dst, '{')} }

// end closes the object and gives the whole text.
func (o *object) end() []byte { return append(o.text, '}') }

// name starts a member whose value the caller appends to o.text.
func (o *object) name(name string) {
	if o.more {
		o.text = append(o.text, ',')
	}
	o.more = true
	o.text = append(o.text, '"')
	o.text = append(o.text, name...)
	o.text = append(o.text, '"', ':')
}

func (o *object) integer(name string, n int64) {
	o.name(name)
	o.text = strconv.AppendInt(o.text, n, 10)
}

func (o *object) seconds(name string, d time.Duration) {
	o.name(name)
	o.text = appendSeconds(o.text, d)
}

func (o *object) string(name, value string) {
	o.name(name)
	o.text = appendQuote(o.text, value)
}

// optional writes a member unless its value is empty.
func (o *object) optional(name, value string) {
	if value != "" {
		o.string(name, value)
	}
}

// list writes an array of strings unless it is empty.
func (o *object) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	for i, value := range values {
		o.text = append(o.text, "[,"[min(i, 1)])
		o.text = appendQuote(o.text, value)
	}
	o.text = append(o.text, ']')
}

// extra writes members that are JSON already, with commas between.
func (o *object) extra(members []byte) {
	if len(members) == 0 {
		return
	}
	if o.more {
		o.text = append(o.text, ',')
	}
	o.more = true
	o.text = append(o.text, members...)
}

func appendQuote[T string | []byte](dst []byte, text T) []byte {
	// The error only says that invalid UTF-8 became U+FFFD. Lines of the wire
	// that are not UTF-8 are never written as strings.
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}

// appendSeconds writes d as a decimal with one to nine digits behind its point.
func appendSeconds(dst []byte, d time.Duration) []byte {
	d = max(d, 0)
	dst = strconv.AppendInt(dst, int64(d/time.Second), 10)
	dst = append(dst, '.')
	digit := time.Second / 10
	for rest := d % time.Second; ; digit /= 10 {
		dst = append(dst, '0'+byte(rest/digit))
		if rest %= digit; rest == 0 {
			return dst
		}
	}
}
