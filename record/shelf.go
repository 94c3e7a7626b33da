package record

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"sync"
)

// shelf gives the lines of a compressed file. It keeps the frames that were
// used last, so that reading in order decompresses each of them once. Frames
// are decompressed outside of the lock, and who wants one that is being
// decompressed waits for it.
type shelf struct {
	src   io.ReaderAt
	limit int       // of what a frame holds
	tools sync.Pool // of *frameLines

	mu     sync.Mutex // guards what follows
	frames []*shelved // those that were used last come first
	spare  []byte     // memory for the next frame
}

// shelved is a frame on the shelf, or one that was dropped while it was used.
type shelved struct {
	offset int64
	ready  chan struct{} // closed when text and err are set
	text   []byte
	err    error

	users   int  // guarded by shelf.mu, as is what follows
	dropped bool // it stands on the shelf no more
}

const (
	shelfFrames = 4
	shelfBytes  = shelfFrames * (frameText + firstRead)
)

func (s *shelf) event(p Place) (Event, error) {
	f := s.take(p.Offset)
	defer s.leave(f)
	<-f.ready
	if f.err != nil {
		return Event{}, f.err
	}
	line, err := lineIn(f.text, int64(p.Skip))
	if err != nil {
		return Event{}, err
	}
	return lineEvent(line)
}

// lineIn gives the line that begins behind skip bytes of a frame's text.
func lineIn(text []byte, skip int64) ([]byte, error) {
	if skip >= int64(len(text)) || skip > 0 && text[skip-1] != '\n' {
		return nil, errNoLine
	}
	line, _, whole := bytes.Cut(text[skip:], []byte("\n"))
	if !whole {
		return nil, errors.New("the line has no end")
	}
	return line, nil
}

// take gives the frame at offset, which is not ready yet if another reader is
// decompressing it. It must be left after use.
func (s *shelf) take(offset int64) *shelved {
	s.mu.Lock()
	i := slices.IndexFunc(s.frames, func(f *shelved) bool { return f.offset == offset })
	if i >= 0 {
		f := s.frames[i]
		copy(s.frames[1:], s.frames[:i])
		s.frames[0] = f
		f.users++
		s.mu.Unlock()
		return f
	}
	f := &shelved{offset: offset, ready: make(chan struct{}), users: 1}
	s.frames = slices.Insert(s.frames, 0, f)
	s.trim()
	memory := s.spare
	s.spare = nil
	s.mu.Unlock()
	s.fill(f, memory)
	return f
}

// fill decompresses a frame. One that cannot be read is not kept.
func (s *shelf) fill(f *shelved, memory []byte) {
	tool, ok := s.tools.Get().(*frameLines)
	if !ok {
		tool = &frameLines{unpack: newUnpacker(), limit: s.limit}
	}
	text, err := tool.single(s.src, f.offset, memory)
	s.tools.Put(tool)
	s.mu.Lock()
	defer s.mu.Unlock()
	f.text, f.err = text, err
	if err != nil && !f.dropped {
		f.dropped = true
		s.frames = slices.DeleteFunc(s.frames, func(other *shelved) bool { return other == f })
	}
	s.trim()
	close(f.ready)
}

// trim drops the frames for which there is no room.
func (s *shelf) trim() {
	held := 0
	for i, f := range s.frames {
		held += cap(f.text)
		if i > 0 && (i >= shelfFrames || held > shelfBytes) {
			s.drop(i)
			return
		}
	}
}

// drop takes all but the first n frames off the shelf.
func (s *shelf) drop(n int) {
	for _, f := range s.frames[n:] {
		f.dropped = true
		s.reuse(f)
	}
	clear(s.frames[n:])
	s.frames = s.frames[:n]
}

// leave ends the use of a frame.
func (s *shelf) leave(f *shelved) {
	s.mu.Lock()
	f.users--
	s.reuse(f)
	s.mu.Unlock()
}

// reuse keeps the memory of a frame that nobody can see any more.
func (s *shelf) reuse(f *shelved) {
	if f.dropped && f.users == 0 && cap(f.text) > cap(s.spare) && cap(f.text) <= longestKept {
		s.spare, f.text = f.text, nil
	}
}

// forget gives up the frames.
func (s *shelf) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(0)
	s.spare = nil
}

// single gives the text of the one frame that begins at offset, as next would,
// in memory if it fits.
func (z *frameLines) single(src io.ReaderAt, offset int64, memory []byte) ([]byte, error) {
	z.in = intake{src: from(src, offset), offset: offset, spare: z.in.spare}
	z.frame = memory
	defer z.settle()
	if !z.in.need(len(magic)) || !bytes.HasPrefix(z.in.buf, magic) {
		return nil, cmp.Or(z.in.failed(), errNoLine)
	}
	e := measure(&z.in)
	switch {
	case z.in.failed() != nil:
		return nil, z.in.failed()
	case e.torn && !z.another():
		z.torn(e.reason)
	case e.reason != "":
		return nil, errors.New(e.reason)
	default:
		if likely := min(16*e.size, frameText) + firstRead; cap(z.frame) < likely {
			z.frame = make([]byte, 0, likely)
		}
		if err := z.whole(e.size); err != nil {
			return nil, err
		}
	}
	return z.text, nil
}

// settle gives up what is not needed for the next frame.
func (z *frameLines) settle() {
	z.frame, z.text, z.flaw = nil, nil, nil
	if z.in.src = nil; cap(z.in.spare) > longestKept {
		z.in = intake{}
	}
}
