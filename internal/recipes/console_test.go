package recipes_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// console has a host that calls add run the README's command lines, which stand for REPLAY, FAULT and RUN. There is no
// node on PATH: whatever plays needs no server.
const console = `
env PATH=$WIRETAPE_BIN
stdin recorded
exec REPLAY
stdout '"id":2,"result":.*"sum":42'

stdin other
! exec REPLAY
stdout '"id":2,"error":.*SAID'
stderr '^wiretape: SAID$'

stdin third
! exec FAULT
stdout '"id":2,"result":.*"sum":42'
stdout '"id":4,"error":\{"code":-32603,'

stdin recorded
exec RUN
stdout '"id":2,"result":.*"sum":42'
cmp testdata/session.jsonl as-it-was.jsonl
rm testdata/session.jsonl
stdin recorded
! exec RUN
exec host recorded RECORD
stdout '"id":2,"result":.*"sum":42'
stdin recorded
exec RUN
stdout '"id":2,"result":.*"sum":42'
stdin other
! exec RUN
stdout '"id":2,"error":.*recorded 40, live 41'
`

const (
	opened = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},` +
		`"clientInfo":{"name":"reader","version":"1"}}}` + "\n" + `{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"
	called = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"add","arguments":{"a":2,"b":40}}}` + "\n"
)

func TestConsole(t *testing.T) {
	lines := commands(t, replay)
	if len(lines) != 3 {
		t.Fatalf("the README has %d command lines, want 3: %q", len(lines), lines)
	}
	script := strings.NewReplacer(
		"REPLAY", lines[0], "FAULT", lines[1], "RUN", lines[2],
		"RECORD", replace(t, lines[2], "node dist/server.js", "wiretape demo-server"),
		"SAID", regexp.QuoteMeta(said(t)),
	).Replace(console)
	path := filepath.Join(t.TempDir(), "console.txt")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Files: []string{path}, RequireExplicitExec: true, Setup: func(env *testscript.Env) error {
		// The first folder of PATH is that of wiretape, which TestMain has put there.
		bin, _, _ := strings.Cut(env.Getenv("PATH"), string(filepath.ListSeparator))
		env.Setenv("WIRETAPE_BIN", bin)
		env.Setenv("GORACE", raceOptions)
		recording, err := os.ReadFile(recorded)
		if err != nil {
			return err
		}
		for name, text := range map[string]string{
			played:            string(recording),
			"as-it-was.jsonl": string(recording),
			"recorded":        opened + called,
			"other":           opened + strings.Replace(called, "40", "41", 1),
			"third": opened + called + strings.Replace(called, `"id":2`, `"id":3`, 1) +
				strings.Replace(called, `"id":2`, `"id":4`, 1),
		} {
			if err := write(filepath.Join(env.WorkDir, name), text); err != nil {
				return err
			}
		}
		return nil
	}})
}

// write makes a file, with the folders that it is in.
func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}
