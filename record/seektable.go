package record

import (
	"encoding/binary"
	"math"
)

// seekTable says where each frame of a file is, in zstd's seekable format 0.1.0:
// a skippable frame with a size before and after compression for each frame,
// and a footer.
type seekTable struct {
	entries []seekEntry
	outsize bool // a frame is too large for the format: no table
}

type seekEntry struct {
	packed, text uint32
}

const (
	skippableMagic  = 0x184D2A5E
	seekableMagic   = 0x8F92EAB1
	seekHeaderSize  = 8 // magic, size
	seekEntrySize   = 8
	seekFooterSize  = 9       // count, descriptor, magic
	seekChecksums   = 0x80    // flag: entries have checksums
	seekMostEntries = 1 << 27 // "The maximum number of frames"
)

func (t *seekTable) add(packed int64, text int) {
	if packed > math.MaxUint32 || int64(text) > math.MaxUint32 || len(t.entries) == seekMostEntries {
		t.outsize = true
		return
	}
	t.entries = append(t.entries, seekEntry{uint32(packed), uint32(text)})
}

// bytes gives the table as it stands in a file.
func (t *seekTable) bytes() []byte {
	if t.outsize {
		return nil
	}
	n := len(t.entries)*seekEntrySize + seekFooterSize
	out := make([]byte, 0, seekHeaderSize+n)
	out = binary.LittleEndian.AppendUint32(out, skippableMagic)
	out = binary.LittleEndian.AppendUint32(out, uint32(n))
	for _, e := range t.entries {
		out = binary.LittleEndian.AppendUint32(out, e.packed)
		out = binary.LittleEndian.AppendUint32(out, e.text)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(t.entries)))
	out = append(out, 0) // no checksums here, the frames have their own
	return binary.LittleEndian.AppendUint32(out, seekableMagic)
}
