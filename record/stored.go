package record

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// A line of this size is stored as it is while producers have to wait for the
// recorder: compressing is what takes longest, and traffic comes first.
const storeFrom = 1 << 20

// Of a zstd frame (RFC 8878, 3.1.1): the magic number, a descriptor that says
// that a checksum of the content follows, and a window of 128 KiB, which is
// also what a block may hold.
const (
	frameStart  = "\x28\xB5\x2F\xFD" + "\x04" + "\x38"
	storedBlock = 128 << 10
	lastBlock   = 1
)

// store writes a line as a frame of its own, in raw blocks.
func (f *frames) store(line text) error {
	if f.text > 0 {
		if err := f.end(); err != nil {
			return err
		}
	}
	w := storing{out: f.out, sum: xxhash.New(), left: line.len()}
	w.write([]byte(frameStart))
	for _, part := range line.parts() {
		w.content(part)
	}
	// "The lower 4 bytes of the hash of the content are stored."
	w.write(binary.LittleEndian.AppendUint32(nil, uint32(w.sum.Sum64())))
	if w.err != nil {
		return fmt.Errorf("storing: %w", w.err)
	}
	f.table.add(f.out.size-f.start, line.len())
	f.start = f.out.size
	return nil
}

// storing is a frame of raw blocks that is being written.
type storing struct {
	out  *sink
	sum  *xxhash.Digest
	left int // bytes of content to come
	err  error
}

func (w *storing) write(p []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(p)
	}
}

// content writes a part of the content, in blocks of its own.
func (w *storing) content(p []byte) {
	for len(p) > 0 {
		block := p[:min(len(p), storedBlock)]
		p = p[len(block):]
		w.left -= len(block)
		header := uint32(len(block)) << 3
		if w.left == 0 {
			header |= lastBlock
		}
		w.write(binary.LittleEndian.AppendUint32(nil, header)[:3])
		w.write(block)
		_, _ = w.sum.Write(block) // never fails
	}
}
