package replay

import (
	"bytes"
	"context"
	"io"

	"wiretape/internal/wire"
	"wiretape/record"
)

// Serve plays the recording to a host that speaks on in and hears on out, as a
// server on standard input and output would, until in ends, the recorded server
// ends, or ctx does. The error is of the recording, or of out. A Read of in may
// be pending when Serve returns.
func (r *Recording) Serve(ctx context.Context, in io.Reader, out io.Writer) (*Session, error) {
	s := r.Start()
	// Ends with in.
	go func() {
		// What went wrong with in ends the session like its end.
		_, _ = io.Copy(s, in)
		s.CloseInput()
	}()
	defer context.AfterFunc(ctx, s.Close)()
	var lines []byte
	for {
		var err error
		lines, err = s.lines(lines[:0])
		if len(lines) > 0 {
			if _, wrong := out.Write(lines); wrong != nil {
				s.Close()
				return s, wrong
			}
		}
		if err == io.EOF {
			return s, nil
		}
		if err != nil {
			s.Close()
			return s, err
		}
	}
}

// togetherSize is how much is written at once, if there is so much to say.
const togetherSize = 32 << 10

// lines waits for the next line that the server says, and appends it to dst with
// those that are ready too.
func (s *Session) lines(dst []byte) ([]byte, error) {
	line, err := s.next(true)
	for err == nil && line != nil {
		if dst = append(dst, line...); len(dst) >= togetherSize {
			break
		}
		line, err = s.next(false)
	}
	return dst, err
}

// Close ends the session. What was not read by then is not said any more. It
// may be called more than once.
func (s *Session) Close() {
	s.sessionsMu.Lock()
	delete(s.sessions, s)
	s.sessionsMu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(nil)
	s.out.silence()
}

// fetch reads a message from the file: the whole line, or the element of a batch
// as a line of its own.
func (r *Recording) fetch(place record.Place, elem uint32) ([]byte, error) {
	e, err := r.file.At(place)
	if err != nil || elem == 0 {
		return e.Line, err
	}
	for element := range wire.Elements(e.Line) {
		if elem--; elem == 0 {
			return append(bytes.Clone(element), '\n'), nil
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// junk takes a line that is no message, such as an empty batch.
func (s *Session) junk(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	recorded := s.index.notes[""]
	if n := s.turns.noted[""]; n < len(recorded) {
		if then, err := s.load(recorded[n]); err == nil && bytes.Equal(then, line) {
			s.turns.noted[""]++
			s.pass(recorded[n], s.now(recorded[n]))
			return
		}
	}
	r := reading{rule: s.index.rules.of("", "")}
	code, text := codeParse, bytes.TrimSpace(line)
	if wire.Valid(text) {
		code = codeInvalidRequest
	}
	s.fail(&live{id: []byte("null")}, &r, &failure{
		code: code, reason: "junk",
		message: "the host wrote a line that is no JSON-RPC message: " + shown(text),
	})
}

// Exit gives the exit status of the recorded server, if it ended by itself and
// the session came to that.
func (s *Session) Exit() (status int, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.report.Exit == nil {
		return 0, false
	}
	return *s.report.Exit, true
}
