// Package layout checks how the packages of this module hang together.
package layout_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "wiretape"

// layers are the packages from the ground up. A package imports only what
// stands in a line above its own; internal/* are those internal packages that
// have no other place.
var layers = [][]string{
	{"internal/wire", "internal/printable"},
	{"internal/compare", "internal/findings", "record"},
	{"internal/redact", "internal/schema"},
	{"proxy", "replay"},
	{"internal/vcr", "internal/fixture"},
	{"replay/replaytest"},
	{"internal/*"},
	{"internal/cli"},
	{""},
}

// public are the packages that others import.
var public = []string{"record", "proxy", "replay", "replay/replaytest"}

// listed is what go list tells of a package.
type listed struct {
	ImportPath string
	Export     string // file with what the compiler tells importers
	GoFiles    []string
	Imports    []string
}

func TestImportsPointOneWay(t *testing.T) {
	lookAtSources(t)
	for _, system := range []string{"linux", "darwin", "windows"} {
		imports := 0
		for _, p := range list(t, system, module+"/...") {
			if layerOf(p.ImportPath) < 0 && len(p.GoFiles) > 0 {
				t.Errorf("%s has no place in the layers: give it one", p.ImportPath)
			}
			mine := slices.DeleteFunc(p.Imports, func(path string) bool { return !ours(path) })
			imports += len(mine)
			for _, path := range mine {
				below(t, path, p.ImportPath)
			}
		}
		if imports == 0 {
			t.Errorf("%s: no package imports another", system)
		}
	}
}

func below(t *testing.T, path, importer string) {
	t.Helper()
	if layerOf(path) >= layerOf(importer) {
		t.Errorf("%s imports %s, which does not stand below it", importer, path)
	}
}

func TestProgramDoesNotLinkTesting(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		packages := list(t, system, "-deps", module)
		if len(packages) < 20 {
			t.Errorf("%s: the program is made of only %d packages", system, len(packages))
		}
		for _, p := range packages {
			if p.ImportPath == "testing" || p.ImportPath == module+"/internal/peers" {
				t.Errorf("%s: the program links %s", system, p.ImportPath)
			}
		}
	}
}

// layerOf is the line of layers that path stands in, -1 for none.
func layerOf(path string) int {
	at := slices.IndexFunc(layers, func(packages []string) bool {
		return slices.ContainsFunc(packages, func(name string) bool { return path == full(name) })
	})
	if at < 0 && strings.HasPrefix(path, module+"/internal/") {
		return layerOf(full("internal/*"))
	}
	return at
}

func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

func full(name string) string { return strings.TrimSuffix(module+"/"+name, "/") }

// lookAtSources looks at every source file, so that go test does not take an earlier result for that of other sources:
// it does not know what go list reads.
func lookAtSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// list runs go list with its answer in JSON.
func list(t *testing.T, system string, args ...string) []listed {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-json=ImportPath,Export,GoFiles,Imports"}, args...)...)
	command.Env = append(os.Environ(), "GOOS="+system)
	var out, words bytes.Buffer
	command.Stdout, command.Stderr = &out, &words
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, &words)
	}
	var packages []listed
	for decoder := json.NewDecoder(&out); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
