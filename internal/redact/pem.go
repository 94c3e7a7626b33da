package redact

import (
	"bytes"
	"slices"
	"strings"
)

// A private key that is written to stderr, or as junk, comes in many lines.

var (
	keyBegin = []byte("-----BEGIN ")
	keyEnd   = []byte("-----END ")
)

// begunKey reports whether a private key begins in line, and does not end there, and
// gives what stands before it.
func begunKey(line []byte) (before []byte, ok bool) {
	at := bytes.LastIndex(line, keyBegin)
	if at < 0 || bytes.Contains(line[at:], keyEnd) {
		return nil, false
	}
	title, _, closed := bytes.Cut(line[at+len(keyBegin):], []byte("-----"))
	return line[:at], closed && bytes.Contains(title, []byte("PRIVATE KEY")) && !bytes.ContainsAny(line[at:], `\"`)
}

func (r *Redactor) begin(from stream, before []byte) {
	if r.open == nil {
		r.open = make(map[stream]string)
	}
	r.open[from] = string(before)
}

// keyLine replaces a line of a private key, but for what a log writes before each. A
// line that cannot be one ends the key too.
func (r *Redactor) keyLine(from stream, body, eol []byte) []byte {
	before, rest := logged(body, r.open[from])
	text := bytes.TrimSpace(rest)
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
	return slices.Concat(r.document(before), r.whole(rest, "private_key"), eol)
}

// logged cuts a line behind what is, but for digits, the same as begun. If it begins
// with something else, all of it is the rest.
func logged(line []byte, begun string) (before, rest []byte) {
	rest = line
	for begun != "" {
		if len(rest) == 0 && strings.TrimSpace(begun) == "" {
			break
		}
		if len(rest) == 0 || begun[0] != rest[0] && !(decimal(begun[0]) && decimal(rest[0])) {
			return nil, line
		}
		digits := decimal(begun[0])
		begun, rest = begun[1:], rest[1:]
		for digits && begun != "" && decimal(begun[0]) {
			begun = begun[1:]
		}
		for digits && len(rest) > 0 && decimal(rest[0]) {
			rest = rest[1:]
		}
	}
	return line[:len(line)-len(rest)], rest
}

func decimal(c byte) bool { return '0' <= c && c <= '9' }

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
