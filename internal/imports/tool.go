package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"wiretape/internal/wire"
	"wiretape/record"
)

// tool is who made a file.
type tool struct {
	name  string
	owns  func(first *envelope) bool             // whether a file that begins with this object is the tool's
	entry func(*intake, *envelope, line) error   // reads a line; nil if a file is one document
	whole func(*intake, *envelope, []byte) error // reads a document
	never []string                               // sentences: what no file of the tool has
}

func tools() []tool {
	return []tool{mcpsnoop(), npmCassette(), mcporter(), mcpRec(), pypiCassette(), mcpRecorder()}
}

// intake is what is known of a file while it is read.
type intake struct {
	tool
	drafts []*draft
	byKey  map[string]*draft
}

// connection gives the draft of this key, a new one if there is none.
func (in *intake) connection(key string) *draft {
	if d := in.byKey[key]; d != nil {
		return d
	}
	return in.begin(key)
}

// begin gives a new draft, in place of one that has this key.
func (in *intake) begin(key string) *draft {
	d := &draft{}
	in.drafts = append(in.drafts, d)
	in.byKey[key] = d
	return d
}

// read finds out what the file is, and what is in it.
func (f *File) read(modified time.Time) error {
	f.skipMark()
	if err := f.notOurs(); err != nil {
		return err
	}
	first, err := newLines(f.text()).read()
	if errors.Is(err, io.EOF) {
		return record.ErrEmpty
	}
	if err != nil {
		return err
	}
	in := &intake{byKey: make(map[string]*draft)}
	e, err := unwrap(first.text)
	switch {
	case !wire.Is(first.text, '{'), err == nil && !in.find(e):
		return ErrUnknown
	case in.entry != nil:
		err = f.entries(in)
	default:
		err = f.document(in)
	}
	if err != nil {
		return err
	}
	return f.finish(in, modified)
}

// notOurs reports, as an error, that the file is a recording of wiretape's.
func (f *File) notOurs() error {
	r, err := record.NewReader(f.text())
	later := (*record.VersionError)(nil)
	switch {
	case err == nil:
		return errors.Join(ErrRecording, r.Close())
	case errors.As(err, &later):
		return ErrRecording
	case errors.Is(err, record.ErrNotRecording):
		return nil
	}
	return err
}

// find finds the tool that a file with this object at its start is of.
func (in *intake) find(first *envelope) bool {
	for _, t := range tools() {
		if t.owns(first) {
			in.tool = t
			return true
		}
	}
	return false
}

// entries reads a file that has an entry a line.
func (f *File) entries(in *intake) error {
	src := newLines(f.text())
	for {
		l, err := src.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e, err := unwrap(l.text)
		if err != nil && !l.ended && !isJSON(l.text) && len(in.drafts) > 0 {
			in.drafts[len(in.drafts)-1].lost[torn]++
			return nil
		}
		if err == nil {
			err = in.entry(in, e, l)
		}
		if err == nil {
			err = e.err
		}
		if errors.Is(err, ErrNewer) {
			return err
		}
		if err != nil {
			return &DamageError{in.name, l.number, err.Error()}
		}
	}
}

// document reads a file that is one document.
func (f *File) document(in *intake) error {
	text, err := whole(f.text())
	if err != nil {
		return err
	}
	e := members(text)
	if !in.find(e) || in.whole == nil {
		return ErrUnknown
	}
	if at, err := flaw(text); err != nil {
		return &DamageError{in.name, lineOf(text, at), err.Error()}
	}
	f.src = bytes.NewReader(text)
	if err = in.whole(in, e, text); err == nil && e.err != nil {
		err = &DamageError{in.name, 1, e.err.Error()}
	}
	return err
}

// flaw finds where text stops to be one JSON value.
func flaw(text []byte) (at int64, err error) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err = d.SkipValue(); err == nil {
		if _, err = d.ReadToken(); errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err == nil {
			err = errors.New("there is more behind its end")
		}
	}
	syntax := (*jsontext.SyntacticError)(nil)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return int64(len(bytes.TrimRight(text, " \t\r\n"))), errors.New("the file ends too early")
	case errors.As(err, &syntax):
		return syntax.ByteOffset, syntax.Err
	}
	return d.InputOffset(), err
}

func lineOf(text []byte, at int64) int {
	return bytes.Count(text[:min(at, int64(len(text)))], []byte("\n")) + 1
}

// offset is where part, a slice of text, begins in it.
func offset(text, part []byte) int64 { return int64(cap(text) - cap(part)) }

// elements gives the entries of a list of a document, and says where one is damaged.
func (in *intake) elements(text, list []byte, entry func(*envelope) error) error {
	for raw := range wire.Elements(list) {
		e, err := unwrap(raw)
		if err == nil {
			err = entry(e)
		}
		if err == nil {
			err = e.err
		}
		if err != nil {
			return &DamageError{in.name, lineOf(text, offset(text, raw)), err.Error()}
		}
	}
	return nil
}

// finish makes the connections. Those on which nothing was said are left out.
func (f *File) finish(in *intake, modified time.Time) error {
	f.Tool = in.name
	session := record.NewID()
	for _, d := range in.drafts {
		if len(d.pieces) == 0 {
			continue
		}
		c := d.finish(f.src, modified, in.never)
		c.Header.Session, c.Header.Connection = session, len(f.Connections)+1
		f.Connections = append(f.Connections, c)
	}
	if len(f.Connections) == 0 {
		return fmt.Errorf("a recording of %s in which nothing was said", in.name)
	}
	return nil
}
