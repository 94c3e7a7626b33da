package sessions_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var fixtures = filepath.Join("..", "..", "fixtures", "sessions")

// script is a session for a TypeScript host. In a file it stands as JSON.
type script struct {
	Name        string `json:"-"`
	About       string // one line for the reader
	Host        string // "v1", "v2-" and a mode, or "go-sdk-" and an era
	Server      string
	Connections int // recordings that it makes; 0 stands for 1
	Unanswered  int // requests without an answer, in all recordings
	Steps       []step
}

// step is a step as package peers has it, with members that say what must come of it.
type step struct {
	raw   json.RawMessage
	Fails bool     // it must fail; otherwise it must not
	Want  []string // what its outcome must say
	Never []string // what it must not
}

func (s *step) UnmarshalJSON(raw []byte) error {
	type plain step
	s.raw = slices.Clone(raw)
	return json.Unmarshal(raw, (*plain)(s))
}

func (s step) MarshalJSON() ([]byte, error) { return s.raw, nil }

// steps reads the steps of a test.
func steps(t *testing.T, text string) []step {
	t.Helper()
	var all []step
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// controlled reports whether the script calls control tools.
func (s *script) controlled() bool {
	return slices.ContainsFunc(s.Steps, func(step step) bool { return strings.Contains(string(step.raw), `"wiretape_`) })
}

// recordings gives the names of the files that the script leaves.
func (s *script) recordings() []string {
	names := []string{s.Name + ".jsonl"}
	for n := 2; n <= s.Connections; n++ {
		names = append(names, s.Name+"-"+strconv.Itoa(n)+".jsonl")
	}
	return names
}

func loadScripts(t *testing.T) []*script {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(fixtures, "scripts", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no scripts in %s: %v", fixtures, err)
	}
	var all []*script
	for _, path := range paths {
		s := &script{Name: strings.TrimSuffix(filepath.Base(path), ".json")}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in := json.NewDecoder(bytes.NewReader(text))
		in.DisallowUnknownFields()
		if err := in.Decode(s); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, s)
	}
	return all
}

// play has the host play the script, and checks what comes of its steps. Behind wiretape the recordings are left on
// the stage.
func (s *script) play(t *testing.T, on *stage, wiretape []string) transcript {
	t.Helper()
	return s.begin(t, on, wiretape)()
}

// begin starts the host; what it gives waits for its end.
func (s *script) begin(t *testing.T, on *stage, wiretape []string) func() transcript {
	t.Helper()
	return s.beginWith(t, on, slices.Concat(wiretape, on.server(t, s.Server)))
}

// beginWith is begin with the command line of whatever is to be the server.
func (s *script) beginWith(t *testing.T, on *stage, server []string) func() transcript {
	t.Helper()
	text, err := json.Marshal(s.Steps)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "script.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := on.command(t, slices.Concat(host(t, s.Host), []string{path, "--"}, server))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() transcript {
		t.Helper()
		if err := cmd.Wait(); err != nil {
			t.Fatalf("the host: %v\n%s\nstderr: %s", err, &stdout, &stderr)
		}
		lines := readTranscript(t, stdout.Bytes())
		lines.check(t, s.Steps)
		return lines
	}
}
