// Package recipes runs the README's recipes for replay as a reader would.
package recipes_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"wiretape/internal/cli"
	"wiretape/internal/peers"
	_ "wiretape/replay/replaytest" // go test runs this package again when what a recipe imports has changed
)

// recorded is the recording that the recipes have.
var recorded = filepath.Join(root, "fixtures", "sessions", "demo-legacy.jsonl")

// played is what they call it.
const played = "testdata/session.jsonl"

// limit is far more than any recipe takes.
const limit = 3 * time.Minute

// raceOptions keep a wiretape with the race detector from waiting for a second when it ends.
const raceOptions = "atexit_sleep_ms=0"

// TestMain puts a wiretape on PATH.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"wiretape": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"host":     peers.ScriptMain,
	})
}

func TestGo(t *testing.T) {
	t.Parallel()
	r, code := newReader(t), goRecipe(t)
	r.goModule(t)
	r.write(t, "add_test.go", code)
	r.passes(t, "--- PASS: TestAdd", "go", "test", "-v")
	r.write(t, "add_test.go", replace(t, code, `"b": 40`, `"b": 41`))
	r.fails(t, said(t), "go", "test", "-v")
}

// The same recipe with the other way to get a client that the README has, and with a server that is there.
func TestGoRecord(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.goModule(t)
	r.remove(t, played)
	call := strings.ReplaceAll(between(t, section(t, replay), "`replaytest.Record(", "`"), "\n", " ")
	call = "replaytest.Record(" + replace(t, call, `"node", "dist/server.js"`, `"wiretape", "demo-server"`)
	code := replace(t, goRecipe(t), `replaytest.Client(t, "`+played+`")`, call)

	r.write(t, "add_test.go", code)
	r.fails(t, "there is no recording", "go", "test", "-v", "-record=none")
	r.passes(t, "--- PASS: TestAdd", "go", "test", "-v")
	r.passes(t, "--- PASS: TestAdd", "go", "test", "-v", "-record=none")
	r.write(t, "add_test.go", replace(t, code, `"b": 40`, `"b": 41`))
	r.fails(t, "/params/arguments/b: recorded 40, live 41", "go", "test", "-v")
	r.write(t, "add_test.go", code)
	r.passes(t, "--- PASS: TestAdd", "go", "test", "-v", "-record=all")
}

// goRecipe is the README's recipe with the imports that it speaks of.
func goRecipe(t *testing.T) string {
	t.Helper()
	file := "package reader_test\n\nimport (\n\t\"testing\"\n\n"
	for _, path := range []string{"github.com/mark3labs/mcp-go/mcp", "wiretape/replay/replaytest"} {
		if !strings.Contains(section(t, replay), "`"+path+"`") {
			t.Fatalf("the README does not say that the recipe needs %s", path)
		}
		file += "\t\"" + path + "\"\n"
	}
	return file + ")\n\n" + recipe(t, replay, "go")
}

func TestTypeScript(t *testing.T) {
	t.Parallel()
	host := peers.TypeScriptHost(t)
	node, packages := host[0], host[slices.Index(host, "--packages")+1]
	r := newReader(t)
	modules := filepath.Join(packages, "node_modules")
	if err := os.Symlink(modules, filepath.Join(r.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(modules, "vitest", "vitest.mjs")
	if _, err := os.Stat(script); err != nil {
		t.Fatalf("WIRETAPE_TEST_PEERS lacks vitest, run .ci/peers again: %v", err)
	}
	vitest := []string{node, script, "run", "--no-cache"} // its cache would be among the peers
	code := recipe(t, replay, "ts")

	r.write(t, "add.test.ts", code)
	r.passes(t, "1 passed", vitest...)
	r.write(t, "add.test.ts", replace(t, code, "b: 40", "b: 41"))
	output := r.fails(t, said(t), vitest...)
	if !strings.Contains(output, "\nwiretape: "+said(t)+"\n") {
		t.Errorf("stderr has no line with %q:\n%s", said(t), output)
	}
}

// Python's packages are not at hand, so this one is only read.
func TestPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to compile the recipe: ", err)
	}
	r := newReader(t)
	r.write(t, "test_add.py", recipe(t, replay, "python"))
	r.passes(t, "", python, "-m", "py_compile", "test_add.py")
	r.write(t, "test_add.py", replace(t, recipe(t, replay, "python"), "def test_add():", "def test_add()"))
	r.fails(t, "SyntaxError", python, "-m", "py_compile", "test_add.py")
}

// reader is someone who tries a recipe, in a folder with a recording.
type reader struct {
	dir string
	env []string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{dir: t.TempDir()}
	// Nothing that wiretape and go are told of here is for the reader's.
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "WIRETAPE_") && !strings.HasPrefix(v, "GOFLAGS=") {
			r.env = append(r.env, v)
		}
	}
	r.env = append(r.env, "GORACE="+raceOptions, "NO_COLOR=1", "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "WIRETAPE_HOME="+filepath.Join(r.dir, "home"))
	data, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, played, string(data))
	return r
}

// goModule makes the folder a module that uses this one. What "go mod tidy" would look up stands in our own go.mod.
func (r *reader) goModule(t *testing.T) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		r.write(t, name, string(data))
	}
	clone, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	r.passes(t, "", "go", "mod", "edit", "-module=reader", "-require=wiretape@v0.0.0", "-replace=wiretape="+clone)
}

func (r *reader) write(t *testing.T, name, text string) {
	t.Helper()
	if err := write(filepath.Join(r.dir, name), text); err != nil {
		t.Fatal(err)
	}
}

func (r *reader) remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
		t.Fatal(err)
	}
}

// passes runs a command that must say what is wanted and end well.
func (r *reader) passes(t *testing.T, want string, command ...string) {
	t.Helper()
	output, err := r.run(t, command)
	if err != nil || !strings.Contains(output, want) {
		t.Fatalf("%s: %v, want %q:\n%s", command, err, want, output)
	}
}

// fails runs a command that must say what is wanted and end with an exit status of its own.
func (r *reader) fails(t *testing.T, want string, command ...string) (output string) {
	t.Helper()
	output, err := r.run(t, command)
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) || !exit.Exited() || !strings.Contains(output, want) {
		t.Fatalf("%s: %v, want a failure with %q:\n%s", command, err, want, output)
	}
	return output
}

func (r *reader) run(t *testing.T, command []string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Env = r.dir, r.env
	data, err := cmd.CombinedOutput()
	return string(data), err
}
