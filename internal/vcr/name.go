package vcr

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// further gives where the further connections of a session are, the first one of
// which is at path, by their numbers. They are called x-2.jsonl and so on, as may
// be what is none of them.
func further(path, session string) map[int]string {
	found := make(map[int]string)
	if session == "" {
		return found
	}
	for _, at := range alike(path) {
		info, err := record.Stat(at)
		if n := info.Header.Connection; err == nil && info.Header.Session == session && found[n] == "" {
			found[n] = at
		}
	}
	return found
}

// alike gives the files beside path that have its name with a number, in order.
func alike(path string) (paths []string) {
	dir, name := filepath.Split(path)
	stem, ending := split(name)
	// In a folder that nobody may list nothing is found.
	entries, _ := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), stem+"-")
		number, numbered := strings.CutSuffix(rest, ending)
		if n, err := strconv.Atoi(number); ours && numbered && err == nil && n > 1 && isFile(dir+e.Name()) {
			paths = append(paths, dir+e.Name())
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return paths
}

// isFile reports whether there is a file at path, which may be read without
// waiting for anybody.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// beside gives a name for what is to become part of the recording at path, or
// to take its place. What a killed wiretape leaves behind can be read under it.
func beside(path string) string {
	stem, ending := split(path)
	id := record.NewID()
	return fmt.Sprintf("%s.part-%s%s", stem, id[len(id)-8:], ending)
}
