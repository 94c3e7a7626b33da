package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"wiretape/internal/wire"
)

// The model says slowly, with what encoding/json decodes, what Equal and
// Differences are to say.

// A number that is decoded, and what a masked value is.
type (
	number string
	mark   struct{}
)

var (
	longExponent = regexp.MustCompile(`[0-9][eE][+-]?[0-9]{4}`)
	loneMark     = regexp.MustCompile("\ue000[0-9a-f]{4}")
)

// decoded gives the value that text says. It reports false for what the model
// does not know: damaged text, and exponents that make math/big slow.
func decoded(text []byte, ignore Ignore) (any, bool) {
	if !wire.Valid(text) || longExponent.Match(text) || bytes.ContainsRune(text, '\ue000') || bytes.Contains(bytes.ToLower(text), []byte(`\ue000`)) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(markLone(text)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, false
	}
	return prune(value, "", ignore), true
}

// markLone writes a lone surrogate in another way, because encoding/json makes
// each of them U+FFFD.
func markLone(text []byte) []byte {
	var out []byte
	for i := 0; i < len(text); {
		switch {
		case text[i] != '\\':
			out = append(out, text[i])
			i++
		case text[i+1] != 'u' || !utf16.IsSurrogate(hex(text[i:])):
			out = append(out, text[i:i+2]...)
			i += 2
		case i+12 <= len(text) && text[i+6] == '\\' && text[i+7] == 'u' &&
			utf16.DecodeRune(hex(text[i:]), hex(text[i+6:])) != '\ufffd':
			out = append(out, text[i:i+12]...)
			i += 12
		default:
			out = fmt.Appendf(out, "\ue000%04x", hex(text[i:]))
			i += 6
		}
	}
	return out
}

func hex(escape []byte) rune {
	n, _ := strconv.ParseInt(string(escape[2:6]), 16, 32)
	return rune(n)
}

// prune gives value without what is ignored, which stands at path.
func prune(value any, path string, ignore Ignore) any {
	if points(ignore.Mask, path) {
		return mark{}
	}
	switch value := value.(type) {
	case json.Number:
		r, _ := new(big.Rat).SetString(string(value))
		return number(r.RatString())
	case map[string]any:
		for name, inner := range value {
			to := path + "/" + escape.Replace(loneMark.ReplaceAllString(name, "\ufffd"))
			value[name] = prune(inner, to, ignore)
			if points(ignore.Drop, to) {
				delete(value, name)
			}
		}
	case []any:
		for i, inner := range value {
			to := path + "/" + strconv.Itoa(i)
			value[i] = prune(inner, to, ignore)
			if points(ignore.Drop, to) {
				value[i] = nil
			}
		}
	}
	return value
}

// points reports whether a pointer points to path.
func points(ps Pointers, path string) bool {
	at := strings.Split(path, "/")
	for _, p := range ps {
		tokens := strings.Split(p.String(), "/")
		same := len(tokens) == len(at)
		for i := 0; same && i < len(at); i++ {
			same = tokens[i] == at[i] || tokens[i] == "*"
		}
		if same {
			return true
		}
	}
	return false
}

// count gives the number of places where two decoded values differ.
func count(a, b any) int {
	switch a := a.(type) {
	case map[string]any:
		if b, ok := b.(map[string]any); ok {
			return countMembers(a, b)
		}
	case []any:
		if b, ok := b.([]any); ok {
			return countElements(a, b)
		}
	}
	if reflect.DeepEqual(a, b) {
		return 0
	}
	return 1
}

func countMembers(a, b map[string]any) int {
	n := 0
	for name, inner := range a {
		if other, ok := b[name]; ok {
			n += count(inner, other)
		} else {
			n++
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			n++
		}
	}
	return n
}

func countElements(a, b []any) int {
	n := max(len(a), len(b)) - min(len(a), len(b))
	for i := range min(len(a), len(b)) {
		n += count(a[i], b[i])
	}
	return n
}

// The model tells apart what it is to tell apart.
func TestModel(t *testing.T) {
	texts := []string{`1`, `1.5`, `"1"`, `null`, `true`, `"\ud800"`, `"\ud801"`, `"\ufffd"`, `"\\ud800"`, `{}`, `[]`, `[1]`, `{"a":1}`, `{"\ud800":1}`, `{"\udc00":1}`}
	for i, a := range texts {
		for j, b := range texts {
			x, ok := decoded([]byte(a), Ignore{})
			y, known := decoded([]byte(b), Ignore{})
			if !ok || !known || (count(x, y) == 0) != (i == j) {
				t.Errorf("%s, %s: known %v %v, %d differences", a, b, ok, known, count(x, y))
			}
		}
	}
}
