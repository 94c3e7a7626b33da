package cli

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestRoute(t *testing.T) {
	app := newApp(console{out: io.Discard, err: io.Discard})
	for typed, want := range map[string]string{
		"-- npx -y x":                       "run -- npx -y x",
		"-- ls":                             "run -- ls",
		"-- help":                           "run -- help",
		"--label a -- npx":                  "run --label a -- npx",
		"run --label a -- npx --help":       "run --label a -- npx --help",
		"run npx --json":                    "run npx --json",
		"ls":                                "ls",
		"show latest --full":                "show --full latest",
		"show latest --record-dir d":        "show --record-dir d latest",
		"show latest --record-dir=d x":      "show --record-dir=d latest x",
		"stats a --json b -- --json":        "stats --json -- a b --json",
		"show - x":                          "show - x",
		"show x -tool:a --full b -is:error": "show --full -- x b -tool:a -is:error",
		"show x -tool:a b -- -c":            "show -- x b -tool:a -c",
		"show x -h":                         "show --help",
		"help":                              "--help",
		"help show":                         "show --help",
		"--help show":                       "show --help",
		"-v":                                "version",
		"--generate-bash-completion":        "--generate-bash-completion",
		"show x --generate-bash-completion": "show x --generate-bash-completion",
	} {
		got, err := route(app, strings.Fields(typed))
		if err != nil || !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s becomes %q, %v; want %s", typed, got, err, want)
		}
	}
}
