package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// createFile makes a file that must not exist, and the folders it needs.
func createFile(path string) (*os.File, error) {
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making a recording: %w", err)
	}
	return f, nil
}

// makeFolder makes a folder, and those that it is in, if they are missing.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of a recording: %w", err)
	}
	return nil
}

// numbered gives the nth name for path: x.jsonl.zst, x-2.jsonl.zst, x-3.jsonl.zst.
func numbered(path string, n int) string {
	if n == 1 {
		return path
	}
	dir, name := filepath.Split(path)
	stem, ext := name, ""
	for _, e := range []string{".zst", ".jsonl"} {
		if before, ok := strings.CutSuffix(stem, e); ok && before != "" {
			stem, ext = before, e+ext
		}
	}
	if e := filepath.Ext(stem); ext == "" && e != stem {
		stem, ext = strings.TrimSuffix(stem, e), e
	}
	return dir + stem + "-" + strconv.Itoa(n) + ext
}

// still reports, as an error, that path is no longer the file that was made.
func still(path string, made fs.FileInfo) error {
	now, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s was deleted or moved while it was written", path)
	}
	if err != nil {
		return fmt.Errorf("looking at the recording: %w", err)
	}
	if !os.SameFile(now, made) {
		return fmt.Errorf("%s was replaced while it was written", path)
	}
	return nil
}

// syncFolder makes sure that a new file's name is on the disk too. Elsewhere
// than on Linux folders need not, or cannot, be synced.
func syncFolder(path string) error {
	if runtime.GOOS != "linux" {
		return nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("syncing the folder of a recording: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("syncing the folder of a recording: %w", err)
	}
	return nil
}
