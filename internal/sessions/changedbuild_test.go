package sessions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/findings"
	"wiretape/internal/peers"
	"wiretape/internal/wire"
	"wiretape/record"
)

// changed is a server that was built anew after one change of its source, and what verify must find out about it when
// it asks it what stands in a recording of the unchanged one.
type changed struct {
	name     string
	fixture  string
	file     string // from the folder of the source
	from, to string
	flags    []string // of verify
	status   int      // that it ends with
	problem  string   // why the recording could not be played to its end
	words    string   // the last ones of the server then, on stderr
	unasked  int      // calls that were not made any more
	want     []string // findings, as found.String has them
}

// verdict is what verify --format json says.
type verdict struct {
	Status int
	Files  []checked
}

// checked is what it says of one recording.
type checked struct {
	Calls    int
	Problem  string
	Stderr   string
	Findings []found
}

// found is a finding.
type found struct {
	Method, Name         string
	Rule, About, Pointer string
	Breaking             bool
	Message              string
	Recorded, Live       json.RawMessage
}

// String gives the values of a finding only if they are short, and its sentence if that says more than its rule.
func (f found) String() string {
	var parts []string
	if f.Method != "" {
		parts = append(parts, strings.TrimSpace(f.Method+" "+f.Name)+":")
	}
	parts = append(parts, f.Rule)
	if f.Breaking {
		parts = append(parts, "breaking")
	}
	parts = append(parts, f.About, f.Pointer)
	if f.Rule != findings.Latency && short(f.Recorded) && short(f.Live) {
		parts = append(parts, string(f.Recorded), "→", string(f.Live))
	}
	if !slices.ContainsFunc(findings.Rules, func(r findings.Rule) bool { return r.Text == f.Message }) {
		parts = append(parts, "("+f.Message+")")
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// short reports whether a value is no more than a line.
func short(value json.RawMessage) bool { return len(value) > 0 && len(value) < 80 }

// TestVerifyChangedBuilds asks servers that were built anew after a change of their source what was asked in recordings
// of the unchanged ones: exactly the change is found.
func TestVerifyChangedBuilds(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the changed builds stand on symbolic links and on #! lines")
	}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			on := newStage(t)
			server := c.build(t, on)
			got, status := c.verify(t, on, server)
			if status != c.status || got.Status != c.status || len(got.Files) != 1 {
				t.Fatalf("exit status %d, want %d: %+v", status, c.status, got)
			}
			c.check(t, got.Files[0])
		})
	}
}

func (c *changed) check(t *testing.T, got checked) {
	t.Helper()
	if got.Problem != c.problem {
		t.Errorf("the problem is %q, want %q", got.Problem, c.problem)
	}
	if words := strings.TrimSpace(got.Stderr); (words == "") != (c.words == "") || !strings.HasSuffix(words, c.words) {
		t.Errorf("its last words are %q, want %q", words, c.words)
	}
	if want := c.calls(t) - c.unasked; got.Calls != want {
		t.Errorf("%d calls were compared, want %d", got.Calls, want)
	}
	var list []string
	for _, f := range got.Findings {
		// A busy machine may make other tools slow as well.
		if found := f.String(); f.Rule != findings.Latency || slices.Contains(c.want, found) {
			list = append(list, found)
		}
	}
	if !slices.Equal(list, c.want) {
		t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(list, "\n\t"), strings.Join(c.want, "\n\t"))
	}
}

// calls is how many calls the recorded host made.
func (c *changed) calls(t *testing.T) (n int) {
	t.Helper()
	for _, e := range load(t, fixturePath(t, c.fixture+".jsonl")).Events {
		if e.To == record.Target && wire.Parse(e.Line).Kind == wire.Request {
			n++
		}
	}
	return n
}

// verify gives what verify says, and the status that it ends with.
func (c *changed) verify(t *testing.T, on *stage, server []string) (got verdict, status int) {
	t.Helper()
	cmd := on.verify(t, c.fixture, server, append([]string{"--format", "json"}, c.flags...)...)
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s%s", err, &out, &words)
	}
	return got, cmd.ProcessState.ExitCode()
}

// build gives the command line of the changed server.
func (c *changed) build(t *testing.T, on *stage) []string {
	t.Helper()
	all := loadScripts(t)
	i := slices.IndexFunc(all, func(s *script) bool { return s.Name == c.fixture })
	if i < 0 {
		t.Fatalf("there is no fixture %s", c.fixture)
	}
	server := on.server(t, all[i].Server)
	switch all[i].Server {
	case "go-sdk":
		server[0] = c.buildGo(t, filepath.Join("..", "peers", "gosdkhost"), "github.com/modelcontextprotocol/go-sdk/conformance/everything-server")
	case "mcp-go":
		server[0] = c.buildGo(t, filepath.Join("..", ".."), "github.com/mark3labs/mcp-go/examples/everything")
	default:
		server[0] = c.buildNPM(t, peers.NPMFile(t, "@modelcontextprotocol/server-"+all[i].Server))
	}
	return server
}

// buildNPM changes a copy of an installed package.
func (c *changed) buildNPM(t *testing.T, installed string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(installed)); err != nil {
		t.Fatal(err)
	}
	// Beside the package lie the scope's other ones, and beside those all others.
	if err := os.Symlink(filepath.Dir(filepath.Dir(installed)), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	c.edit(t, filepath.Join(dir, "dist"))
	return filepath.Join(dir, "dist", "index.js")
}

// buildGo changes a copy of a program, and builds it with what a module in this repository requires. Go refuses overlays
// of the module cache.
func (c *changed) buildGo(t *testing.T, module, program string) string {
	t.Helper()
	dir := t.TempDir()
	source := strings.TrimSpace(goTool(t, module, "list", "-f", "{{.Dir}}", program))
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.edit(t, dir)
	goTool(t, dir, "build", "-o", "changed", ".")
	return filepath.Join(dir, "changed")
}

// edit makes the change, which fails where there is nothing to be changed.
func (c *changed) edit(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, c.file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), c.from) {
		t.Fatalf("%s does not say %q any more", c.file, c.from)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), c.from, c.to)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// goTool runs the go command in a folder, and gives what it prints.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	var words bytes.Buffer
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %q: %v: %s", args, err, &words)
	}
	return string(out)
}
