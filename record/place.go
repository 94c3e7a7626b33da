package record

import "fmt"

// Place is where in its file an event stands, so that it can be read again:
// [File.At]. The header stands before every event.
type Place struct {
	Offset int64  // in the file, where the event's line begins, or the zstd frame that holds it
	Skip   uint32 // how much of the frame's text stands before the line; 0 in a plain file
}

func (p Place) text() string {
	if p.Skip == 0 {
		return fmt.Sprintf("byte %d", p.Offset)
	}
	return fmt.Sprintf("byte %d of the frame at byte %d", p.Skip, p.Offset)
}

// after reports whether p stands behind q.
func (p Place) after(q Place) bool {
	return p.Offset > q.Offset || p.Offset == q.Offset && p.Skip > q.Skip
}
