package redact

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MissingError says that secrets cannot be put back: these variables are not
// set, or empty.
type MissingError struct{ Variables []string }

func (e *MissingError) Error() string {
	return "secrets were redacted, and these variables, which should hold them, are not set: " + strings.Join(e.Variables, ", ")
}

// Fill gives a line in which the secrets stand again, taken from lookup, such as
// os.LookupEnv. Of [redacted:pin:1] it asks for WIRETAPE_SECRET_PIN, of
// [redacted:pin:2] for WIRETAPE_SECRET_PIN_2. It asks for no other variables,
// because it may be another's recording. A value that was a number, an object or
// an array must be JSON.
//
// If variables are missing, the error is a *MissingError with all of them, in the
// order of the line. A line without placeholders is given back as it is.
func Fill(line []byte, lookup func(name string) (string, bool)) ([]byte, error) {
	if !bytes.Contains(line, mark) {
		return line, nil
	}
	f := filling{lookup: lookup}
	edits := f.document(line, 0)
	if len(f.missing) > 0 {
		return nil, &MissingError{f.missing}
	}
	if f.err != nil {
		return nil, f.err
	}
	return apply(line, edits), nil
}

// Unfill gives what takes the secrets that Fill puts into lines out of other texts:
// what is sent to a server need not be printed. They get the placeholders that
// they have in the lines. Those of less than four bytes stay.
func Unfill(lookup func(name string) (string, bool), lines ...[]byte) *Redactor {
	r := &Redactor{vault: newVault(), rules: rules{names: make(map[string]about)}}
	for _, line := range lines {
		for _, m := range placeholders.FindAllSubmatch(line, -1) {
			r.vault.reserve(m[1], m[2])
			name, number := string(m[1]), string(m[2])
			if value, _ := lookup(variable(name, number)); len(value) >= shortest {
				r.vault.given[sha256.Sum256([]byte(value))] = fmt.Sprintf("%s%s:%s", mark, name, number)
				r.vault.know(value, name)
			}
		}
	}
	return r
}

// filling collects what is wrong.
type filling struct {
	lookup  func(name string) (string, bool)
	missing []string
	err     error
}

func (f *filling) document(text []byte, depth int) []edit {
	in := reading{text: text, depth: depth}
	if depth > deepest || !in.json() {
		return f.text(text)
	}
	var edits []edit
	for in.at < len(text) {
		if text[in.at] != '"' {
			in.at++
			continue
		}
		from := in.at
		in.skipString()
		edits = append(edits, f.string(text, from, in.at, depth)...)
	}
	return edits
}

// string fills the string that stands, with its quotes, between from and to.
func (f *filling) string(text []byte, from, to, depth int) []edit {
	raw := text[from+1 : to-1]
	said := decode(raw)
	if !bytes.Contains(said, mark) {
		return nil
	}
	m := placeholders.FindSubmatchIndex(said)
	if m != nil && m[0] == 0 && m[1] == len(said) && m[6] >= 0 {
		return []edit{{from, to, f.json(said, m)}}
	}
	return lift(f.document(said, depth+1), raw, from+1)
}

// text fills a text that is no JSON.
func (f *filling) text(text []byte) []edit {
	var edits []edit
	for _, m := range placeholders.FindAllSubmatchIndex(text, -1) {
		value, _ := f.value(text, m)
		edits = append(edits, edit{m[0], m[1], value})
	}
	return edits
}

// value gives the secret of the placeholder that m has found, and its variable.
func (f *filling) value(text []byte, m []int) (value, name string) {
	name = variable(string(text[m[2]:m[3]]), string(text[m[4]:m[5]]))
	value, _ = f.lookup(name)
	if value == "" && !slices.Contains(f.missing, name) {
		f.missing = append(f.missing, name)
	}
	return value, name
}

// json gives a secret that is not a string.
func (f *filling) json(text []byte, m []int) string {
	value, name := f.value(text, m)
	if value == "" {
		return ""
	}
	// A message is one line, and a variable may hold several.
	raw := jsontext.Value(value)
	if err := raw.Compact(jsontext.AllowDuplicateNames(true)); err != nil && f.err == nil {
		f.err = fmt.Errorf("%s does not hold JSON, as what was redacted did", name)
	}
	return string(raw)
}
