package redact

import (
	"bytes"
	"slices"
)

// A private key that is written to stderr, or as junk, comes in many lines.

var (
	keyBegin = []byte("-----BEGIN ")
	keyEnd   = []byte("-----END ")
)

// begunKey reports whether a private key begins in line, and does not end there.
func begunKey(line []byte) bool {
	at := bytes.LastIndex(line, keyBegin)
	if at < 0 || bytes.Contains(line[at:], keyEnd) {
		return false
	}
	title, _, closed := bytes.Cut(line[at+len(keyBegin):], []byte("-----"))
	return closed && bytes.Contains(title, []byte("PRIVATE KEY")) && !bytes.ContainsAny(line[at:], `\"`)
}

func (r *Redactor) begin(from stream) {
	if r.open == nil {
		r.open = make(map[stream]bool)
	}
	r.open[from] = true
}

// keyLine replaces a line of a private key as a whole. A line that cannot be one
// ends the key too.
func (r *Redactor) keyLine(from stream, body, eol []byte) []byte {
	text := bytes.TrimSpace(body)
	if len(text) > 0 && !bytes.HasPrefix(text, keyEnd) && !armour(text) {
		delete(r.open, from)
		return slices.Concat(r.document(body), eol)
	}
	if bytes.HasPrefix(text, keyEnd) {
		delete(r.open, from)
	}
	if len(text) == 0 || placeholders.Match(text) {
		return slices.Concat(body, eol)
	}
	return slices.Concat(r.whole(body, "private_key"), eol)
}

// armour reports whether line may stand within a private key.
func armour(line []byte) bool {
	if bytes.Contains(line, []byte(": ")) {
		return bytes.HasPrefix(line, []byte("Proc-Type")) || bytes.HasPrefix(line, []byte("DEK-Info"))
	}
	for _, c := range line {
		if !base64Byte(c) {
			return placeholders.Match(line)
		}
	}
	return true
}
