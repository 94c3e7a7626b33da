package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Info is what a recording says of itself at its head and its tail.
type Info struct {
	Path     string
	Header   Header
	End      *End          // nil if there is no end event: it is being written, or torn
	Events   int64         // how many there are; 0 if End is nil
	Duration time.Duration // of the connection; 0 if End is nil
	Size     int64         // of the file
	Modified time.Time     // the file
}

// Stat looks at the recording at path. It reads the head and the tail of the
// file, so that many can be listed; what is between may be damaged. A compressed
// file of which the seek table is missing counts as one without end event. The
// errors are those of Open; Path, Size and Modified are then still set.
func Stat(path string) (Info, error) {
	info := Info{Path: path}
	f, err := os.Open(path)
	if err != nil {
		return info, fmt.Errorf("opening a recording: %w", err)
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return info, fmt.Errorf("looking at a recording: %w", err)
	}
	info.Size, info.Modified = stat.Size(), stat.ModTime()
	if err := info.read(f); err != nil {
		return info, fmt.Errorf("%s: %w", path, err)
	}
	return info, nil
}

// glance is how much is read at once of a file's head and tail. Most headers
// and end events fit.
const glance = 4 << 10

func (i *Info) read(f io.ReaderAt) error {
	var r Reader
	defer r.Close()
	if err := r.begin(io.NewSectionReader(f, 0, i.Size), longestText); err != nil {
		return err
	}
	i.Header = r.header
	tail := lastLine
	if r.unpack != nil {
		tail = r.lastFrame
	}
	e, err := parseEvent(tail(f, i.Size))
	if err != nil || e.End == nil {
		return nil // there is no end event
	}
	i.End, i.Events, i.Duration = e.End, e.Seq, e.At
	return nil
}

// The longest end event that is looked for.
const longestEnd = 4 << 20

// lastLine gives the last line of a plain file, nil if that has no end.
func lastLine(f io.ReaderAt, size int64) []byte {
	for n := int64(glance); ; n *= 4 {
		tail := readAt(f, size-min(n, size), min(n, size))
		body, whole := bytes.CutSuffix(tail, []byte("\n"))
		if !whole {
			return nil
		}
		if i := bytes.LastIndexByte(body, '\n'); i >= 0 {
			return body[i+1:]
		}
		if n >= size || n >= longestEnd {
			return nil
		}
	}
}

// lastFrame gives the last line in the last frame that the seek table knows, nil
// if there is none.
func (r *Reader) lastFrame(f io.ReaderAt, size int64) []byte {
	tail := readAt(f, size-min(glance, size), min(glance, size))
	at, packed := findLast(tail)
	if at += packed; packed == 0 || packed > longestEnd || at > size {
		return nil
	}
	frame := tail
	if at <= int64(len(tail)) {
		frame = tail[int64(len(tail))-at:]
	} else {
		frame = readAt(f, size-at, packed)
	}
	z := frameLines{in: intake{src: bytes.NewReader(frame)}, unpack: r.unpack, limit: longestEnd}
	var last []byte
	for {
		line, _, err := z.next()
		if err != nil {
			return last
		}
		last = line
	}
}

// findLast reads the end of a seek table from the end of a file: how far from
// the end of the file the last frame ends, and its size.
func findLast(tail []byte) (behind, packed int64) {
	if len(tail) < seekHeaderSize+seekEntrySize+seekFooterSize {
		return 0, 0
	}
	footer := tail[len(tail)-seekFooterSize:]
	count, flags := int64(binary.LittleEndian.Uint32(footer)), footer[4]
	if binary.LittleEndian.Uint32(footer[5:]) != seekableMagic || count == 0 || count > seekMostEntries {
		return 0, 0
	}
	entry := int64(seekEntrySize)
	if flags&seekChecksums != 0 {
		entry += checksumSize
	}
	last := tail[int64(len(tail))-seekFooterSize-entry:]
	return seekHeaderSize + count*entry + seekFooterSize, int64(binary.LittleEndian.Uint32(last))
}

// readAt gives what it can of n bytes of a file.
func readAt(f io.ReaderAt, offset, n int64) []byte {
	b := make([]byte, n)
	got, err := f.ReadAt(b, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	return b[:got]
}
