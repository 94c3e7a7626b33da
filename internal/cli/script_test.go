package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"wiretape/internal/cli"
	"wiretape/internal/peers"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"wiretape": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"host":     peers.ScriptMain,
		"leaky":    leakyMain,
	})
}

var scripts = filepath.Join("..", "..", "fixtures", "scripts")

// TestScripts runs the real command line. Each script starts in an empty folder
// with the recordings of fixtures/scripts/recordings in $WIRETAPE_HOME.
func TestScripts(t *testing.T) {
	found, err := filepath.Glob(filepath.Join(scripts, "*.txt"))
	if err != nil || len(found) == 0 {
		t.Fatalf("there are no scripts in %s: %v", scripts, err)
	}
	recordings, err := filepath.Abs(filepath.Join(scripts, "recordings"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 scripts,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("WIRETAPE_HOME", home)
			env.Setenv("TZ", "UTC")
			env.Setenv("NO_COLOR", "")
			// Under the race detector each process would wait a second at its end.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return os.CopyFS(home, os.DirFS(recordings))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fails": fails,
			"tear":  tear,
		},
	})
}

// fails STATUS COMMAND… runs a command that must end with the status, leave
// stdout empty and say one sentence, which the script goes on to look at.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails STATUS COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != want {
		ts.Fatalf("it ended with %v, want exit status %d", err, want)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("stdout is not empty: %q", out)
	}
	said := ts.ReadFile("stderr")
	if !strings.HasPrefix(said, "wiretape: ") || strings.Count(said, "\n") != 1 {
		ts.Fatalf("stderr is not one sentence of wiretape: %q", said)
	}
}

// tear FILE BYTES takes bytes off the end of a file.
func tear(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tear FILE BYTES")
	}
	bytes, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()-bytes))
}
