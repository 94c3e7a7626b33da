package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// disk is the file behind a Writer.
type disk interface {
	io.Writer
	Sync() error
	Close() error
}

// sink counts and hashes what is written to a file.
type sink struct {
	disk disk
	hash hash.Hash
	size int64
}

func newSink(d disk) *sink { return &sink{disk: d, hash: sha256.New()} }

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.disk.Write(p)
	s.hash.Write(p[:n])
	s.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("writing the recording: %w", err)
	}
	return n, nil
}

func (s *sink) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }
