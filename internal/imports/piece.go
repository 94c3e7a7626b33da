package imports

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"wiretape/internal/wire"
	"wiretape/record"
)

// piece is an event, and where in the file its text stands.
type piece struct {
	at     time.Duration
	offset int64
	size   int
	made   []byte // the text, if it does not stand in the file like that
	id     uint64 // of the request or response, hashed
	kind   wire.Kind
	by     side
	form   form
}

// side is who said something.
type side uint8

const (
	byHost side = iota
	byTarget
	onStderr
)

// form is how a text stands in the file.
type form uint8

const (
	value  form = iota // JSON, which was a line of the wire
	quoted             // a JSON string, which holds a line
	tagged             // a JSON object with a member _meta that the tool has added
)

// event reads the piece.
func (p *piece) event(src io.ReaderAt) (record.Event, error) {
	text, err := p.text(src)
	if err != nil {
		return record.Event{}, err
	}
	e := record.Event{At: p.at, Line: append(text, '\n')}
	switch p.by {
	case byHost:
		e.From, e.To = record.Host, record.Target
	case byTarget:
		e.From, e.To = record.Target, record.Host
	case onStderr:
		e.From, e.Stderr = record.Target, true
	}
	return e, nil
}

// text gives the body of the line, in memory of its own.
func (p *piece) text(src io.ReaderAt) ([]byte, error) {
	if p.made != nil {
		return oneLine(bytes.Clone(p.made)), nil
	}
	text := make([]byte, p.size, p.size+1)
	if n, err := src.ReadAt(text, p.offset); n < p.size {
		return nil, fmt.Errorf("the file has become shorter: %w", err)
	}
	switch p.form {
	case quoted:
		line, ok := wire.Text(text)
		if !ok {
			return nil, fmt.Errorf("the file has changed at byte %d", p.offset)
		}
		return []byte(line), nil
	case tagged:
		text = wire.Remove(text, "_meta")
	}
	return oneLine(text), nil
}

// oneLine takes the white space between tokens out of a JSON value if there are
// line ends in it: a document may be indented, a message stands on one line.
func oneLine(text []byte) []byte {
	if !bytes.ContainsAny(text, "\r\n") {
		return text
	}
	value := jsontext.Value(text)
	// The value was found to be JSON: there is no error.
	_ = value.Compact()
	return value
}
