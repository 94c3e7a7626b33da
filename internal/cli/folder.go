package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"wiretape/record"
)

// fileUsage is how a recording can be named.
const fileUsage = `FILE is the path of a recording, a label (its newest recording), the beginning
of an id as "wiretape ls" shows it, or "latest".`

const recordDirName = "record-dir"

func recordDirFlag() cli.Flag {
	return &cli.StringFlag{
		Name:    recordDirName,
		Usage:   "the recordings are in `DIR`",
		EnvVars: []string{"WIRETAPE_RECORD_DIR"},
	}
}

// recordDir is the folder that a command works on.
func recordDir(ctx *cli.Context) (string, error) {
	if dir := ctx.String(recordDirName); dir != "" {
		return dir, nil
	}
	return record.Dir()
}

// folder is what a folder of recordings holds.
type folder struct {
	recordings []record.Info // newest first
	unreadable []error       // one for each file that looks like a recording and is none
}

// openFolder reads the heads and tails of all recordings in dir. A folder that
// does not exist is an empty one.
func openFolder(dir string) (folder, error) {
	entries, err := recordingsIn(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return folder{}, nil
	}
	if err != nil {
		return folder{}, fmt.Errorf("the folder of the recordings cannot be read: %w", err)
	}
	infos, errs := make([]record.Info, len(entries)), make([]error, len(entries))
	inParallel(len(entries), runtime.GOMAXPROCS(0), func(i int) {
		infos[i], errs[i] = record.Stat(filepath.Join(dir, entries[i].Name()))
	})
	var f folder
	for i, err := range errs {
		if err != nil {
			f.unreadable = append(f.unreadable, err)
			continue
		}
		f.recordings = append(f.recordings, infos[i])
	}
	slices.SortStableFunc(f.recordings, func(a, b record.Info) int {
		return b.Header.Started.Compare(a.Header.Started)
	})
	return f, nil
}

// recordingsIn gives the files in dir that have names of recordings, in their order.
func recordingsIn(dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		isFile := e.Type()&^fs.ModeSymlink == 0 // to open a pipe would wait for whoever writes to it
		return !isFile || !isRecordingName(e.Name())
	}), err
}

// inParallel does n pieces of work, so many at a time, and waits for them.
func inParallel(n, atATime int, work func(i int)) {
	var workers sync.WaitGroup
	next := make(chan int)
	for range min(n, atATime) {
		workers.Go(func() { // ends when next is closed
			for i := range next {
				work(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
}

func isRecordingName(name string) bool {
	return strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".jsonl.zst")
}

// find gives the path of the recording that the user calls name.
func find(ctx *cli.Context, name string) (string, error) {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		return name, nil
	}
	isDir := err == nil
	if !isDir && (strings.ContainsRune(name, filepath.Separator) || isRecordingName(name)) {
		return "", fmt.Errorf("there is no file %s", name)
	}
	dir, err := recordDir(ctx)
	if err != nil {
		return "", err
	}
	f, err := openFolder(dir)
	if err != nil {
		return "", err
	}
	path, err := f.find(name)
	switch {
	case err != nil:
		return "", err
	case path != "":
		return path, nil
	case isDir:
		return "", fmt.Errorf("%s is a folder; to see its recordings: wiretape ls --record-dir %s", name, name)
	case len(f.recordings) == 0:
		return "", fmt.Errorf("there is no recording %q: %s holds none yet (see wiretape ls --help)", name, dir)
	}
	return "", fmt.Errorf("there is no recording %q: it is no file, no label and no id in %s (see wiretape ls)", name, dir)
}

// find looks for a label first, as labels are given by the user, then for an id.
// It gives no path if there is neither.
func (f folder) find(name string) (path string, err error) {
	if name == "latest" && len(f.recordings) > 0 {
		return f.recordings[0].Path, nil
	}
	for _, r := range f.recordings {
		if r.Header.Label == name {
			return r.Path, nil
		}
	}
	var found []string
	for _, r := range f.recordings {
		if strings.HasPrefix(r.Header.ID, name) || strings.HasPrefix(shortID(r), name) {
			found = append(found, r.Path)
		}
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%q could be any of %d recordings; give more of the id (see wiretape ls)", name, len(found))
	}
	return strings.Join(found, ""), nil
}

// shortID is the end of an id, which also stands in the name of the file. The
// beginning is the time, and the same for all recordings of an hour.
func shortID(r record.Info) string {
	id := r.Header.ID
	return id[max(0, len(id)-8):]
}
