package recipes_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asking runs the command lines of "Ask a new build", the second of which stands for IGNORE, and so on. The recorded sum is
// wrong.
const asking = `
! exec VERIFY
shows shown
exec IGNORE
stdout '^1 file, 11 calls compared: all the same$'
exec UPDATE
stderr '^wiretape: testdata/session.jsonl: 1 answer updated$'
exec VERIFY
exec CALL
stdout '^sent .*"a":3'
stdout '^live .*"sum":43'
`

func TestAskANewBuild(t *testing.T) {
	lines := commands(t, ask)
	if len(lines) != 4 {
		t.Fatalf("the README has %d command lines, want 4: %q", len(lines), lines)
	}
	_, shown, _ := strings.Cut(recipe(t, ask, "console"), "\n")
	shown, _, _ = strings.Cut(shown, "$ ")
	recording, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	runScript(t, strings.NewReplacer("VERIFY", lines[0], "IGNORE", lines[1], "UPDATE", lines[2], "CALL", lines[3]).Replace(asking), map[string]string{
		played:  replace(t, string(recording), `"text":"42"`, `"text":"41"`),
		"shown": shown,
	})
}

// capturing runs those of "Capture a fixture".
const capturing = `
exec host host CAPTURE
exec FIXTURE
stderr 'events kept'
exec wiretape verify testdata/add.jsonl -- wiretape demo-server
stdout '^1 file, 3 calls compared: all the same$'
[exec:jq] exec QUERY
[exec:jq] stdout '^{"name":"add",'
`

func TestCaptureAFixture(t *testing.T) {
	lines := commands(t, capture)
	if len(lines) != 2 {
		t.Fatalf("the README has %d command lines, want 2: %q", len(lines), lines)
	}
	query := strings.TrimSpace(recipe(t, capture, "sh"))
	runScript(t, strings.NewReplacer("CAPTURE", lines[0], "FIXTURE", lines[1], "QUERY", query).Replace(capturing), map[string]string{
		"host": opened + called + strings.Replace(called, `"id":2`, `"id":3`, 1),
	})
}

// cmds has shows FILE, which compares stdout with a file, apart from how long things took.
var cmds = map[string]func(*testscript.TestScript, bool, []string){
	"shows": func(ts *testscript.TestScript, _ bool, args []string) {
		took := regexp.MustCompile(`\d+\.\d\ds`)
		want, got := took.ReplaceAllString(ts.ReadFile(args[0]), "0s"), took.ReplaceAllString(ts.ReadFile("stdout"), "0s")
		if got != want {
			ts.Fatalf("stdout is %q, want %q", got, want)
		}
	},
}

// runScript runs a script of command lines of the README, in a folder with some files. The demo server is the server of
// whoever reads it.
func runScript(t *testing.T, script string, files map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.txt")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(script, "node dist/server.js", "wiretape demo-server")), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{path}, RequireExplicitExec: true, Cmds: cmds, Setup: func(env *testscript.Env) error {
		env.Setenv("GORACE", raceOptions)
		for name, text := range files {
			if err := write(filepath.Join(env.WorkDir, name), text); err != nil {
				return err
			}
		}
		return nil
	}})
}
