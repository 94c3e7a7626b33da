// Package imports reads recordings that other tools made.
//
// What the package promises:
//
//   - The tool is told by what the file holds, never by its name.
//   - A message is taken over with the bytes that it has in the file. Only line
//     ends within it, which no message can have, are taken out, with the white
//     space beside them.
//   - A response never stands before its request if the file holds both.
//   - What a recording of wiretape's would hold, and the file does not, is said
//     in sentences.
//   - A damaged file is an error with the number of the line, before anything was
//     given. Only a last line that was torn is left out, and that is said.
//
// A file is read once to know what it holds, and again for its events. What was
// said stays on the disk meanwhile, but for formats that are one JSON document:
//
//	f, err := imports.Open(path)
//	…
//	defer f.Close()
//	for _, c := range f.Connections {
//		record.Rewrite(name, c.Header, c.Events(), imports.Reason)
//	}
package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"wiretape/record"
)

// Reason is how the end of an imported recording calls what ended it.
const Reason = "import"

// ErrRecording says that a file is a recording of wiretape's.
var ErrRecording = errors.New("a wiretape recording already: there is nothing to import")

// ErrUnknown says that a file is nobody's recording.
var ErrUnknown = errors.New("no recording of a known tool: neither mcpsnoop, nor mcp-cassette (npm or PyPI), mcp-recorder, mcporter or mcp-rec")

// ErrNewer says that a file is of a version of its tool's format that is not known.
var ErrNewer = errors.New("a format that is not known yet")

// DamageError says where a file is not as its tool would have written it.
type DamageError struct {
	Tool   string
	Line   int // from 1
	Reason string
}

// Error names the line.
func (e *DamageError) Error() string {
	return fmt.Sprintf("line %d of this recording of %s is damaged: %s", e.Line, e.Tool, e.Reason)
}

// File is another tool's recording. Close must be called.
type File struct {
	Tool        string        // that made it, such as "mcpsnoop"
	Connections []*Connection // in the order in which they began; at least one

	src  io.ReaderAt
	size int64
	file *os.File
}

// Connection is what was said on one connection.
type Connection struct {
	// Header has a new id, and what the file tells of the target. It lacks the
	// Program, and the Label if the file does not tell it.
	Header record.Header
	Lacks  []string // sentences: what the file does not have

	src    io.ReaderAt
	pieces []piece
}

// longest is how long a line, or a file that is one document, can be.
const longest = 256 << 20

// Open looks through the file at path. The error is ErrRecording, ErrUnknown,
// ErrNewer, a *DamageError, or what went wrong with reading the file. What is no regular
// file, such as a pipe, is read into memory.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening what is to be imported: %w", err)
	}
	f := &File{file: file}
	if err := f.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return f, nil
}

// begin gets hold of the file's contents, and reads them.
func (f *File) begin() error {
	info, err := f.file.Stat()
	if err != nil {
		return fmt.Errorf("looking at what is to be imported: %w", err)
	}
	if info.IsDir() {
		return errors.New("a folder, no recording")
	}
	f.src, f.size = f.file, info.Size()
	if !info.Mode().IsRegular() {
		text, err := whole(f.file)
		if err != nil {
			return err
		}
		f.src, f.size = bytes.NewReader(text), int64(len(text))
	}
	return f.read(info.ModTime())
}

// whole reads src into memory.
func whole(src io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(src, longest+1))
	if err != nil {
		return nil, fmt.Errorf("reading what is to be imported: %w", err)
	}
	if len(text) > longest {
		return nil, fmt.Errorf("more than %d MiB, which is too long to be read at once", longest>>20)
	}
	return text, nil
}

// skipMark leaves a byte order mark out, with which editors on Windows begin a text.
func (f *File) skipMark() {
	const mark = "\ufeff"
	start := make([]byte, len(mark))
	if n, _ := f.src.ReadAt(start, 0); string(start[:n]) == mark {
		f.size -= int64(n)
		f.src = io.NewSectionReader(f.src, int64(n), f.size)
	}
}

// text gives all of the file, from its start.
func (f *File) text() io.Reader { return io.NewSectionReader(f.src, 0, f.size) }

// Close closes the file. Connections give no events after that.
func (f *File) Close() error {
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("closing what was imported: %w", err)
	}
	return nil
}

// Events gives what was said, in the order of cause and effect. The caller may
// keep it. The error, which comes with no event and ends them, is of reading the
// file.
func (c *Connection) Events() iter.Seq2[record.Event, error] {
	return func(yield func(record.Event, error) bool) {
		for i := range c.pieces {
			e, err := c.pieces[i].event(c.src)
			if err != nil {
				yield(record.Event{}, fmt.Errorf("reading what is to be imported: %w", err))
				return
			}
			e.Seq = int64(i + 1)
			if !yield(e, nil) {
				return
			}
		}
	}
}
