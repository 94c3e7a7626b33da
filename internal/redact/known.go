package redact

import (
	"bytes"
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"wiretape/internal/wire"
)

// Known tells what placeholders stand for, as far as a live session has shown it.
type Known map[string]string

// Holds reports whether there may be placeholders in a text.
func Holds(text []byte) bool { return bytes.Contains(text, mark) }

// gaps matches what stands in a canonical spelling for something else: placeholders,
// those of what was no string with their quotes.
var gaps = regexp.MustCompile(`\[redacted:([a-z0-9_]{1,40}:[0-9]{1,9})\]|(\\*")\[redacted:([a-z0-9_]{1,40}:[0-9]{1,9}):json\]\\*"`)

// Fits reports whether live may be what recorded was before secrets were taken out
// of it: the same but for placeholders, each of which always stands for the same.
// Both are in one spelling, such as that of compare.Canonical. If they fit, what
// placeholders stand for is known from then on.
func (k Known) Fits(recorded, live []byte) bool {
	seen := make(Known)
	for {
		m := gaps.FindSubmatchIndex(recorded)
		if m == nil {
			if !bytes.Equal(recorded, live) {
				return false
			}
			maps.Copy(k, seen)
			return true
		}
		rest, ok := bytes.CutPrefix(live, recorded[:m[0]])
		if !ok {
			return false
		}
		name, quote := named(recorded, m)
		recorded = recorded[m[1]:]
		value := k[name] + seen[name]
		// Where one secret ends and the next one begins cannot be told.
		for next := gaps.FindIndex(recorded); value == "" && next != nil && next[0] == 0; next = gaps.FindIndex(recorded) {
			name, recorded = "", recorded[next[1]:]
		}
		if value == "" || !bytes.HasPrefix(rest, []byte(value)) {
			said, ok := standIn(recorded, rest, quote)
			if !ok || value != "" && bare(said) != bare(value) {
				return false
			}
			if value == "" && name != "" {
				seen[name] = said
			}
			value = said
		}
		live = rest[len(value):]
	}
}

// Hide gives a text in which the known placeholders stand again for what they stand
// for, wherever that is written as it was when they became known: a longer value
// first.
func (k Known) Hide(text []byte) []byte {
	var there []string
	for name, value := range k {
		if bytes.Contains(text, []byte(value)) {
			there = append(there, name)
		}
	}
	slices.SortFunc(there, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(k[b]), len(k[a])), cmp.Compare(a, b))
	})
	var edits []string
	for _, name := range there {
		edits = append(edits, k[name], string(mark)+name+"]")
	}
	if edits == nil {
		return text
	}
	return []byte(strings.NewReplacer(edits...).Replace(string(text)))
}

// bare makes equal what is escaped more or less often.
func bare(value string) string { return strings.ReplaceAll(value, `\`, "") }

// named gives the name of the placeholder that m has found, with its number, and
// the quote of one that was no string.
func named(text []byte, m []int) (name, quote string) {
	if m[2] >= 0 {
		return string(text[m[2]:m[3]]), ""
	}
	return string(text[m[6]:m[7]]), string(text[m[4]:m[5]])
}

// standIn gives what live has in place of a placeholder behind which recorded
// follows.
func standIn(recorded, live []byte, quote string) (string, bool) {
	end := len(live) - len(recorded)
	if next := gaps.FindIndex(recorded); next != nil {
		end = bytes.Index(live, recorded[:next[0]])
	}
	if end <= 0 {
		return "", false
	}
	value := live[:end]
	switch quote {
	case "":
		return string(value), wire.Valid(slices.Concat([]byte(`"`), value, []byte(`"`)))
	case `"`:
		return string(value), wire.Valid(value)
	}
	return string(value), true
}
