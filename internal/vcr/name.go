package vcr

import (
	"fmt"
	"strconv"
	"strings"

	"wiretape/record"
)

// split parts the path of a recording from the ending that tells what it is.
func split(path string) (stem, ending string) {
	for _, ending := range []string{".jsonl.zst", ".jsonl", ".zst"} {
		if stem, ok := strings.CutSuffix(path, ending); ok {
			return stem, ending
		}
	}
	return path, ""
}

// numbered gives the name for the nth connection of a session.
func numbered(path string, n int) string {
	if n == 1 {
		return path
	}
	stem, ending := split(path)
	return stem + "-" + strconv.Itoa(n) + ending
}

// beside gives a name for what is to become part of the recording at path, or
// to take its place. What a killed wiretape leaves behind can be read under it.
func beside(path string) string {
	stem, ending := split(path)
	id := record.NewID()
	return fmt.Sprintf("%s.part-%s%s", stem, id[len(id)-8:], ending)
}
