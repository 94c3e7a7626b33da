package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// extent is what can be told of a zstd frame without decompressing it.
type extent struct {
	size   int    // in the file, as far as it was walked
	skip   bool   // it holds no lines
	after  int64  // how much of a skipped frame follows size
	torn   bool   // the file ends before the frame does
	reason string // what is wrong with it; empty if it is whole
}

const (
	frameMagic     = 0xFD2FB528
	skippableFirst = 0x184D2A50 // to 0x184D2A5F
	blockHeader    = 3
	checksumSize   = 4
	largestBlock   = 128 << 10
	rleBlock       = 1
	reservedBlock  = 3
)

// isFrame reports whether a zstd frame begins with these bytes, or with bytes of
// which these are the first.
func isFrame(start []byte) bool {
	if len(start) < len(magic) {
		return bytes.HasPrefix(magic, start)
	}
	first := binary.LittleEndian.Uint32(start)
	return first == frameMagic || first&^0xF == skippableFirst
}

// measure walks over the blocks of the frame that is next in the file. All of
// the frame is then in in.buf, except for one that is to be skipped.
func measure(in *intake) extent {
	in.need(zstd.HeaderMaxSize)
	var h zstd.Header
	if err := h.Decode(in.buf); errors.Is(err, io.ErrUnexpectedEOF) {
		return extent{size: len(in.buf), torn: true, reason: "the last frame is torn"}
	} else if err != nil {
		return extent{reason: "no zstd frame begins here"}
	}
	if h.Skippable {
		return extent{size: h.HeaderSize, skip: true, after: int64(h.SkippableSize)}
	}
	e := walk(in, h.HeaderSize)
	if e.reason == "" && h.HasCheckSum {
		e.size += checksumSize
	}
	if e.reason == "" && !in.need(e.size) {
		e.torn, e.reason = true, "the last frame is torn"
	}
	return e
}

// walk goes from block to block, the first of which begins at size.
func walk(in *intake, size int) extent {
	for {
		if !in.need(size + blockHeader) {
			return extent{size: len(in.buf), torn: true, reason: "the last frame is torn"}
		}
		b := in.buf[size:]
		header := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last, kind, length := header&1 == 1, header>>1&3, int(header>>3)
		if kind == reservedBlock || length > largestBlock {
			return extent{size: size, reason: "a frame is damaged"}
		}
		if kind == rleBlock {
			length = 1
		}
		if size += blockHeader + length; size > longestText {
			return extent{size: size, reason: errTooLong.Error()}
		}
		if last {
			return extent{size: size}
		}
	}
}

// unpacker decompresses frames, one at a time.
type unpacker struct {
	dec *zstd.Decoder
	src bytes.Reader
}

// A frame may not need more than this of what stands before.
const decoderWindow = 8 << 20

// newUnpacker sets up a decoder that starts no goroutine. It need not be closed.
func newUnpacker() *unpacker {
	// The options are constants, which zstd accepts.
	dec, _ := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(decoderWindow),
		zstd.WithDecoderMaxMemory(longestText))
	return &unpacker{dec: dec}
}

// unpack gives what a frame holds, in into if it fits. On an error it gives
// what stands before it. More than limit is an error.
func (u *unpacker) unpack(frame, into []byte, limit int) ([]byte, error) {
	u.src.Reset(frame)
	defer u.src.Reset(nil)
	if err := u.dec.Reset(&u.src); err != nil {
		return nil, err
	}
	out := into[:0]
	for {
		if len(out) == cap(out) {
			out = slices.Grow(out, max(len(out)+1, firstRead)) // twice as much
		}
		n, err := u.dec.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		case len(out) > limit:
			return nil, errTooLong
		}
	}
}
