package record

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// A frame ends before its lines would exceed this, so that little is lost with
// a damaged one. A longer line has a frame of its own.
const frameText = 4 << 20

// frames writes lines as independent zstd frames, with a seek table behind them.
type frames struct {
	out   *sink
	enc   *zstd.Encoder
	text  int   // bytes of lines in the frame that is open
	start int64 // where it begins
	table seekTable

	pressed func() bool // whether the recorder is what the traffic waits for
}

func newFrames(out *sink, pressed func() bool) (*frames, error) {
	// The smallest encoder: its tables are 256 KB, its history is the window
	// and one block. docs/DESIGN.md has the measurements.
	enc, err := zstd.NewWriter(out,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(encoderWindow),
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, fmt.Errorf("setting up zstd: %w", err)
	}
	return &frames{out: out, enc: enc, pressed: pressed}, nil
}

const encoderWindow = 128 << 10

// add writes a line, in a frame of its own if alone is set.
func (f *frames) add(line text, alone bool) error {
	n := line.len()
	if n >= storeFrom && f.pressed() {
		return f.store(line)
	}
	if f.text > 0 && (alone || f.text+n > frameText) {
		if err := f.end(); err != nil {
			return err
		}
	}
	for _, part := range line.parts() {
		if _, err := f.enc.Write(part); err != nil {
			return fmt.Errorf("compressing: %w", err)
		}
	}
	if f.text += n; alone || f.text >= frameText {
		return f.end()
	}
	return nil
}

// flush ends a block, so that all that was added can be read from the file.
func (f *frames) flush() error {
	if f.text == 0 {
		return nil
	}
	if err := f.enc.Flush(); err != nil {
		return fmt.Errorf("compressing: %w", err)
	}
	return nil
}

func (f *frames) end() error {
	if err := f.enc.Close(); err != nil {
		return fmt.Errorf("compressing: %w", err)
	}
	f.table.add(f.out.size-f.start, f.text)
	f.text, f.start = 0, f.out.size
	f.enc.Reset(f.out)
	return nil
}

// finish ends the last frame and writes the seek table.
func (f *frames) finish() error {
	if f.text > 0 {
		if err := f.end(); err != nil {
			return err
		}
	}
	_, err := f.out.Write(f.table.bytes())
	return err
}
