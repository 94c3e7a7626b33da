package record

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Dir names the folder in which recordings are kept: $WIRETAPE_HOME, else a
// folder of the platform's for what programs leave behind. It need not exist.
func Dir() (string, error) {
	if dir := os.Getenv("WIRETAPE_HOME"); dir != "" {
		return dir, nil
	}
	// "If an implementation encounters a relative path in any of these
	// variables it should consider the path invalid and ignore it." (XDG Base
	// Directory Specification 0.8)
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) && !selfContained() {
		return filepath.Join(dir, "wiretape"), nil
	}
	if dir := os.Getenv("LocalAppData"); dir != "" && runtime.GOOS == "windows" {
		return filepath.Join(dir, "wiretape"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no folder for recordings: set WIRETAPE_HOME")
	}
	switch runtime.GOOS {
	case "darwin", "ios":
		return filepath.Join(home, "Library", "Application Support", "wiretape"), nil
	case "windows":
		return filepath.Join(home, "AppData", "Local", "wiretape"), nil
	}
	return filepath.Join(home, ".local", "state", "wiretape"), nil
}

// selfContained reports whether the platform has folders of its own in place
// of the XDG ones.
func selfContained() bool {
	return runtime.GOOS == "windows" || runtime.GOOS == "darwin" || runtime.GOOS == "ios"
}
