package wire

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks over JSON text and gives out slices of it.
type scanner struct {
	text []byte
	buf  bytes.Buffer // holds text for dec, which then reads it in place
	dec  jsontext.Decoder
}

var scanners = sync.Pool{New: func() any { return new(scanner) }}

// scan starts at the beginning of text. Names may stand twice and strings may
// hold anything: hosts and servers accept both, so they are messages.
func scan(text []byte) *scanner {
	s := scanners.Get().(*scanner)
	s.text, s.buf = text, *bytes.NewBuffer(text)
	s.dec.Reset(&s.buf, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return s
}

// release ends the use of s. What it gave out stays valid.
func (s *scanner) release() {
	s.text, s.buf = nil, bytes.Buffer{}
	scanners.Put(s)
}

// kind tells what comes next, as jsontext.Kind does; 0 is the end or an error.
func (s *scanner) kind() jsontext.Kind { return s.dec.PeekKind() }

// more reports whether the object or array that was entered has a next member.
func (s *scanner) more() bool {
	k := s.kind()
	return k != 0 && k != '}' && k != ']'
}

// token reads a delimiter.
func (s *scanner) token() bool {
	_, err := s.dec.ReadToken()
	return err == nil
}

func (s *scanner) skip() bool { return s.dec.SkipValue() == nil }

// value reads the next member or element and gives its bytes. One that reaches
// to the end of the text is not complete: the digits of a number may go on.
func (s *scanner) value() ([]byte, bool) {
	value, err := s.dec.ReadValue()
	end := s.offset()
	if err != nil || end == len(s.text) {
		return nil, false
	}
	return s.text[end-len(value) : end], true
}

// offset is where what was read last ends.
func (s *scanner) offset() int { return int(s.dec.InputOffset()) }

// name reads the name of an object's next member. The common names cost nothing.
func (s *scanner) name() (string, bool) {
	raw, ok := s.value()
	if !ok || len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') >= 0 {
		return Text(raw)
	}
	switch raw = raw[1 : len(raw)-1]; string(raw) {
	case "jsonrpc":
		return "jsonrpc", true
	case "id":
		return "id", true
	case "method":
		return "method", true
	case "params":
		return "params", true
	case "result":
		return "result", true
	case "error":
		return "error", true
	}
	return string(raw), true
}

// end reports whether nothing but white space is left.
func (s *scanner) end() bool {
	_, err := s.dec.ReadToken()
	return errors.Is(err, io.EOF)
}

// Valid reports whether text is one JSON value in UTF-8 with no white space
// around it. Names may stand twice and escaped surrogates may stand alone:
// RFC 8259 leaves both to the reader.
func Valid(text []byte) bool {
	if len(text) == 0 || space(text[0]) || space(text[len(text)-1]) || !utf8.Valid(text) {
		return false
	}
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
