package sessions_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "make the recordings in fixtures/sessions again")

// TestFixtures checks the recordings of the scripts. With -update it makes them first.
func TestFixtures(t *testing.T) {
	var want []string
	for _, s := range loadScripts(t) {
		want = append(want, s.recordings()...)
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if *update {
				s.record(t)
			}
			var paths []string
			for _, name := range s.recordings() {
				path := filepath.Join(fixtures, name)
				paths = append(paths, path)
				neutral(t, path)
			}
			loadAll(t, paths, s.Unanswered)
		})
	}
	onlyThese(t, want)
}

// record plays a script and keeps the recordings as they are.
func (s *script) record(t *testing.T) {
	t.Helper()
	switch {
	case runtime.GOOS == "windows":
		t.Fatal("the command lines in the recordings would be those of Windows")
	case os.Getenv("WIRETAPE_TEST_PEERS") == "":
		t.Fatal("the recordings are made with real peers: run .ci/peers DIR and set WIRETAPE_TEST_PEERS to DIR")
	}
	on := newStage(t)
	s.play(t, on, on.wiretape(s.Name+".jsonl"))
	if t.Failed() {
		return
	}
	for _, name := range s.recordings() {
		text, err := os.ReadFile(on.recording(name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(fixtures, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// onlyThese checks that there is no recording without a script, and that the README tells of each script.
func onlyThese(t *testing.T, want []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(fixtures, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if !slices.Contains(want, filepath.Base(path)) {
			t.Errorf("%s has no script", path)
		}
	}
	readme, err := os.ReadFile(filepath.Join(fixtures, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range loadScripts(t) {
		if !strings.Contains(string(readme), "`"+s.Name+"`") {
			t.Errorf("README.md does not tell of %s", s.Name)
		}
	}
}

// private is what a recording shows of the machine that it was made on.
var private = regexp.MustCompile(`(?i)/(root|home|users|tmp|private|var|work|opt|usr|mnt)\b|[a-z]:\\\\`)

// neutral checks that a recording tells nothing of the machine that it was made on.
func neutral(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		if os.IsNotExist(err) {
			t.Fatalf("%v; make it with -update", err)
		}
		t.Fatal(err)
	}
	if found := private.Find(text); found != nil {
		at := bytes.Index(text, found)
		t.Errorf("%s tells of %q: …%s…", path, found, text[max(0, at-80):min(len(text), at+80)])
	}
	for _, name := range machine() {
		if bytes.Contains(text, []byte(name)) {
			t.Errorf("%s holds %q", path, name)
		}
	}
	h := load(t, path).Header
	if h.Target.Cwd != "." || strings.ContainsAny(strings.Join(h.Target.Command, ""), `/\`) {
		t.Errorf("%s was made by %q in %q", path, h.Target.Command, h.Target.Cwd)
	}
	for _, name := range h.Target.Env {
		if !slices.Contains([]string{"HOME", "MEMORY_FILE_PATH", "PATH"}, name) {
			t.Errorf("%s names the variable %s", path, name)
		}
	}
}

// machine gives names of this machine that are long enough not to stand anywhere by chance.
func machine() []string {
	host, _ := os.Hostname()
	home, _ := os.UserHomeDir()
	names := []string{host, home, os.TempDir(), os.Getenv("WIRETAPE_TEST_PEERS")}
	return slices.DeleteFunc(names, func(name string) bool { return len(name) < 6 })
}
