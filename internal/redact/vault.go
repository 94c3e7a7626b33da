package redact

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// placeholders matches what stands in place of secrets. The name never ends in
// "_" and digits, so that variables are told apart.
var placeholders = regexp.MustCompile(`\[redacted:([a-z0-9_]{1,40}):([0-9]{1,9})(:json)?\]`)

// mark is what every placeholder begins with.
var mark = []byte("[redacted:")

// variable names the variable of the environment that holds a secret.
func variable(name, number string) string {
	v := "WIRETAPE_SECRET_" + strings.ToUpper(name)
	if number == "1" {
		return v
	}
	return v + "_" + number
}

var (
	unfit  = regexp.MustCompile(`[^a-z0-9]+`)
	number = regexp.MustCompile(`(_[0-9]+)$`)
)

// title makes a text fit to name a secret.
func title(text string) string {
	text = unfit.ReplaceAllString(strings.ToLower(text), "_")
	text = strings.Trim(text[:min(len(text), 38)], "_")
	if text == "" {
		return "secret"
	}
	return number.ReplaceAllString(text, "${1}x")
}

// digest stands for a secret in memory.
type digest [sha256.Size]byte

// vault holds the secrets of a session.
type vault struct {
	given   map[digest]string // the placeholders, without their closing bracket
	counts  map[string]int    // the last number of each name
	listed  map[string]bool   // texts of list
	list    []Placeholder
	learned map[digest]bool   // what is searched for
	numbers map[string]string // what of this may stand as a number, and how it is named
	search  search
	always  bool // a secret may be spelled such that search cannot tell
}

const (
	most    = 1024    // how many secrets are searched for
	longest = 8 << 10 // how long they are
)

func newVault() vault {
	return vault{
		given:   make(map[digest]string),
		counts:  make(map[string]int),
		listed:  make(map[string]bool),
		learned: make(map[digest]bool),
		numbers: make(map[string]string),
	}
}

// placeholder gives what stands in place of a text, named name unless it has a
// placeholder already.
func (v *vault) placeholder(text []byte, name string) string {
	return v.use(v.placeholderOf(sha256.Sum256(text), name), "]")
}

// jsonPlaceholder gives what stands, as a string, in place of a JSON value that
// is none. A number and its digits in a text are one secret.
func (v *vault) jsonPlaceholder(raw []byte, name string) string {
	key := digest(sha256.Sum256(raw))
	if wire.Is(raw, '{') || wire.Is(raw, '[') {
		key = sha256.Sum256(append([]byte("json "), compare.Canonical(nil, raw, compare.Ignore{})...))
	}
	return v.use(v.placeholderOf(key, name), ":json]")
}

func (v *vault) placeholderOf(key digest, name string) string {
	p, ok := v.given[key]
	if !ok {
		v.counts[name]++
		p = fmt.Sprintf("%s%s:%d", mark, name, v.counts[name])
		v.given[key] = p
	}
	return p
}

// use lists a placeholder that is used.
func (v *vault) use(begin, end string) string {
	text := begin + end
	if !v.listed[text] {
		v.listed[text] = true
		m := placeholders.FindStringSubmatch(text)
		v.list = append(v.list, Placeholder{Text: text, Variable: variable(m[1], m[2])})
	}
	return text
}

// reserve keeps the number of a placeholder that was there already from being
// given to another secret.
func (v *vault) reserve(name, number []byte) {
	n, err := strconv.Atoi(string(number))
	if err == nil && n > v.counts[string(name)] {
		v.counts[string(name)] = n
	}
}

// learn makes that a secret is searched for, if it is long enough.
func (v *vault) learn(text, name string) {
	if worthy(text) && len(text) <= longest && !protocol[text] {
		v.know(text, name)
	}
}

// worthy reports whether a text is unlikely to stand anywhere by chance.
func worthy(text string) bool {
	digits := 0
	for _, c := range []byte(text) {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	if digits > 0 && digits < len(text) {
		return len(text) >= 6
	}
	return len(text) >= 12
}

// know makes that a secret is searched for, whatever it is.
func (v *vault) know(text, name string) {
	key := digest(sha256.Sum256([]byte(text)))
	if v.learned[key] || len(v.learned) >= most || strings.Contains(text, string(mark)) {
		return
	}
	v.learned[key] = true
	if text[0] == '-' || '0' <= text[0] && text[0] <= '9' {
		v.numbers[text] = name
	}
	v.search.add(needle{text: text, name: name, kind: secret})
	if clue, ok := clueOf(text); ok {
		v.search.add(clue)
	} else {
		v.always = true
	}
	for _, form := range spellings(text) {
		v.search.add(needle{text: form, name: title(name + "_encoded"), kind: spelled})
	}
	for _, form := range within64(text) {
		v.search.add(needle{text: form, name: title(name + "_base64"), kind: encoded})
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != text {
			v.learn(line, name)
		}
	}
	if in := (reading{text: []byte(text), depth: 1}); in.json() {
		v.leaves(in.text, name)
	}
}

// knows reports whether a text is as a whole a secret that is searched for.
func (v *vault) knows(text []byte) bool {
	return len(v.learned) > 0 && len(text) <= longest && v.learned[sha256.Sum256(text)]
}

// leaves learns the strings and numbers in a JSON value that is secret as a whole.
func (v *vault) leaves(raw []byte, name string) {
	in := reading{text: raw}
	for in.at < len(raw) {
		from := in.at
		switch c := raw[from]; {
		case c == '"':
			in.skipString()
			if rest := bytes.TrimLeft(raw[in.at:], " \t\r\n"); len(rest) == 0 || rest[0] != ':' {
				v.learn(string(decode(raw[from+1:in.at-1])), name)
			}
		case c == '-' || '0' <= c && c <= '9':
			in.skipWord()
			v.learn(string(raw[from:in.at]), name)
		default:
			in.at++
		}
	}
}

// spellings gives how else a text is written within other texts, but for %XX.
func spellings(text string) []string {
	quoted := wire.Quote(text)
	var forms []string
	for _, form := range []string{string(quoted[1 : len(quoted)-1]), strings.ReplaceAll(text, " ", "+")} {
		if form != text {
			forms = append(forms, form)
		}
	}
	return forms
}

// within64 gives what of the base64 of a text is the same wherever it stands in
// what is encoded: behind 3n bytes, 3n+1 or 3n+2.
func within64(text string) []string {
	var forms []string
	for before := range 3 {
		skip := (3 - before) % 3
		if len(text) < skip+6 {
			continue
		}
		whole := text[skip : skip+(len(text)-skip)/3*3]
		std := base64.StdEncoding.EncodeToString([]byte(whole))
		forms = append(forms, std)
		if web := base64.URLEncoding.EncodeToString([]byte(whole)); web != std {
			forms = append(forms, web)
		}
	}
	return forms
}
