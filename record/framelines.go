package record

import (
	"bytes"
	"encoding/binary"
	"io"
)

// frameLines reads a compressed file, frame by frame.
type frameLines struct {
	in     intake
	unpack *unpacker
	limit  int    // of what a frame holds
	frame  []byte // the lines of the frame at hand
	text   []byte // those not given yet
	at     int64  // where the frame begins
	flaw   *flaw  // to be told when the lines are given
	flaws  int
}

// After this many damaged frames a file is given up: looking for the next one
// costs more each time.
const mostFlaws = 1000

func (z *frameLines) next() ([]byte, Place, error) {
	for {
		if i := bytes.IndexByte(z.text, '\n'); i >= 0 {
			line := z.text[:i]
			place := Place{z.at, uint32(len(z.frame) - len(z.text))}
			z.text = z.text[i+1:]
			return line, place, nil
		}
		if f := z.flaw; f != nil {
			z.flaw = nil
			z.flaws++
			return nil, Place{Offset: f.offset}, f
		}
		if z.flaws > mostFlaws {
			return nil, Place{Offset: z.at}, io.EOF
		}
		if err := z.advance(); err != nil {
			return nil, Place{Offset: z.at}, err
		}
	}
}

// advance goes to the next frame.
func (z *frameLines) advance() error {
	z.at, z.text = z.in.offset, nil
	if cap(z.frame) > 4*frameText {
		z.frame = nil // a long line was in it, and most are not
	}
	if !z.in.need(1) {
		return z.end()
	}
	e := measure(&z.in)
	switch {
	case z.in.failed() != nil:
		return z.in.failed()
	case e.skip:
		z.pass(e)
	case e.torn && !z.another():
		z.torn(e.reason)
	case e.reason != "":
		z.lost(e.reason)
	default:
		if err := z.whole(e.size); err != nil {
			z.lost("a frame is damaged: " + err.Error())
		}
	}
	return nil
}

func (z *frameLines) end() error {
	if err := z.in.failed(); err != nil {
		return err
	}
	return io.EOF
}

// pass leaves out a frame that holds no lines, such as the seek table.
func (z *frameLines) pass(e extent) {
	z.in.drop(e.size)
	if !z.in.skip(e.after) {
		z.flaw = &flaw{z.at, true, "the seek table is torn"}
	}
}

// whole gives the lines of a frame that is there to its end.
func (z *frameLines) whole(size int) error {
	out, err := z.unpack.unpack(z.in.buf[:size], z.frame, z.limit)
	z.frame = out
	if err != nil {
		return err
	}
	z.in.drop(size)
	if z.text = out; len(out) > 0 && out[len(out)-1] != '\n' {
		z.flaw = &flaw{z.at, !z.in.need(1), "a frame ends within a line"}
	}
	return nil
}

// torn gives the whole lines of a last frame that has no end. Nothing but the
// lines themselves shows that they are right.
func (z *frameLines) torn(reason string) {
	// What is missing makes an error, which is known already.
	z.frame, _ = z.unpack.unpack(z.in.buf, z.frame, z.limit)
	z.in.drop(len(z.in.buf))
	z.text = z.frame
	z.flaw = &flaw{z.at, true, reason}
}

// magic is how a frame of lines begins.
var magic = binary.LittleEndian.AppendUint32(nil, frameMagic)

// another reports whether a frame begins behind the one that seems to be torn:
// then it is damaged, and its end was not found.
func (z *frameLines) another() bool { return bytes.Contains(z.in.buf[1:], magic) }

// lost goes to where the next frame begins.
func (z *frameLines) lost(reason string) {
	z.flaw = &flaw{z.at, false, reason}
	z.in.drop(1)
	for z.in.need(len(magic)) {
		if i := bytes.Index(z.in.buf, magic); i >= 0 {
			z.in.drop(i)
			return
		}
		z.in.drop(len(z.in.buf) - len(magic) + 1)
	}
	z.in.drop(len(z.in.buf))
}
