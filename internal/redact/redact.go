// Package redact takes secrets out of recordings.
//
// What is secret is told by rules: names of members, places in a message,
// patterns, variables of the environment, a preset of what is common. Each
// secret is replaced by a placeholder such as
//
//	[redacted:api_key:1]
//
// which is the same wherever the secret stands, on both sides of the line, so
// that a redacted recording still replays. Nothing can be computed from it:
// the number counts the secrets of a name. What was a number, an object or an array
// becomes a string such as "[redacted:api_key:2:json]". No other byte changes.
//
//	r, err := redact.Parse([]string{"preset:common", "key:pin", "env:DB_PASSWORD"})
//	…
//	h = r.Header(h)
//	for … {
//		e = r.Event(e)
//	}
//
// A secret that a rule has found is from then on searched for in every text:
// results, stderr, junk, names of members. What stands in an event before the one in
// which it was first found is not changed any more; where that can be helped, all
// events go through Learn first.
//
// Searched for are secrets of at least six bytes if there is a digit and something
// else in them, and of at least twelve otherwise, so that not every "string"
// or 1000 is replaced, and of at most 8 KiB; the first 1,024 of a session; and the
// value of env: from four bytes on. They are found as they are, in any spelling that JSON allows,
// as they are escaped in JSON within text, percent-encoded by any library, and in
// base64, also as a part of what was encoded. An encoded secret is a secret of its own, with a
// placeholder of its own.
//
// Fill puts the secrets back, from variables of the environment.
package redact

import (
	"slices"
	"strings"

	"wiretape/record"
)

// Redactor takes secrets out of one session, which may have several
// connections. It remembers them, in memory alone, so that equal secrets get
// equal placeholders. It is not safe for concurrent use.
type Redactor struct {
	rules rules
	vault vault
	open  map[stream]string // streams in which a private key has begun, and not ended, and what stood before it
	// learning is set while secrets are looked for, but nothing is replaced.
	learning bool
}

// stream is what comes line by line from one party.
type stream struct {
	from   record.Party
	stderr bool
}

// Placeholder tells of a secret that was replaced.
type Placeholder struct {
	Text     string // what stands in its place
	Variable string // of the environment, from which Fill takes it
}

// Placeholders lists what was replaced so far, in the order in which it was.
func (r *Redactor) Placeholders() []Placeholder { return slices.Clone(r.vault.list) }

// Header takes the secrets out of a header, with which a connection begins: out of
// arguments, URL, folder, label, and what is unknown. The argument behind --NAME counts as the value of
// a member NAME, as does what stands behind "NAME=" and "NAME:".
func (r *Redactor) Header(h record.Header) record.Header {
	// What is found in one place is searched for in all others.
	r.open = nil
	r.learning = true
	for n := -1; n != len(r.vault.learned); {
		n = len(r.vault.learned)
		r.header(h)
	}
	r.learning = false
	return r.header(h)
}

func (r *Redactor) header(h record.Header) record.Header {
	h.ID, h.Session = r.string(h.ID), r.string(h.Session)
	h.Label, h.Program = r.string(h.Label), r.string(h.Program)
	t := &h.Target
	t.Transport, t.URL, t.Cwd = r.string(t.Transport), r.string(t.URL), r.string(t.Cwd)
	t.Command = r.arguments(t.Command)
	t.Env = slices.Clone(t.Env)
	for i, name := range t.Env {
		t.Env[i] = r.string(name)
	}
	h.Extra, t.Extra = r.members(h.Extra), r.members(t.Extra)
	return h
}

// Environment learns the values of those variables, each as "NAME=value", whose
// names a rule knows: a server often tells them.
func (r *Redactor) Environment(variables []string) {
	w := reading{Redactor: r}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		if secret, ok := r.rules.flag([]byte(name)); ok {
			w.learn(value[scheme([]byte(value)):], secret)
		}
	}
}

// arguments takes the secrets out of a command line.
func (r *Redactor) arguments(words []string) []string {
	out := slices.Clone(words)
	for i, word := range words {
		out[i] = r.string(word)
		if i == 0 || strings.HasPrefix(word, "-") {
			continue
		}
		flag := strings.TrimLeft(words[i-1], "-")
		if flag == words[i-1] {
			continue
		}
		if name, ok := r.rules.flag([]byte(flag)); ok {
			out[i] = string(r.whole([]byte(word), name))
		}
	}
	return out
}

// string takes the secrets out of a text that may be JSON.
func (r *Redactor) string(text string) string { return string(r.document([]byte(text))) }

// Text takes the secrets out of a text that may be JSON. If there are none, it gives
// text. A nil Redactor knows of none.
func (r *Redactor) Text(text []byte) []byte {
	if r == nil {
		return text
	}
	return r.document(text)
}

// members does so with members of an object, with commas between.
func (r *Redactor) members(list []byte) []byte {
	if len(list) == 0 {
		return list
	}
	object := r.document(slices.Concat([]byte("{"), list, []byte("}")))
	return object[1 : len(object)-1]
}
