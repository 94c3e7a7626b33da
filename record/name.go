package record

import (
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// NewID gives a new id for a recording or a session. Ids sort by their time.
func NewID() string {
	id, err := uuid.NewV7()
	if err != nil {
		// Only a broken source of randomness gets here.
		id = uuid.New()
	}
	return id.String()
}

// FileName gives the name of a recording's file, such as
// "everything-20260102T150405Z-9f86d081.jsonl.zst". Two connections of one
// label have different names even if they started at the same moment.
func FileName(h Header) string {
	name := safe(h.Label) + "-" + h.Started.UTC().Format("20060102T150405Z")
	if id := short(h.ID); id != "" {
		name += "-" + id
	}
	return name + ".jsonl.zst"
}

// short gives the end of an id: its beginning is the time.
func short(id string) string {
	return id[max(0, len(id)-8):]
}

// safe makes label fit to begin a file's name on every platform.
func safe(label string) string {
	const longest = 64
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, label)
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "")
	}
	if name = strings.Trim(name, "._-"); name == "" {
		return "recording"
	}
	return name
}
