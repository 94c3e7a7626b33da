package findings

import (
	"regexp"
	"strings"
	"testing"
)

// command is a workflow command whose properties and message are escaped.
var command = regexp.MustCompile(`^::(error|warning|notice) file=` + value + `(,line=[0-9]+)?,title=` + value + `::([^%\r\n]|%25|%0D|%0A)*$`)

const value = `([^%\r\n:,]|%25|%3A|%2C)*`

// fitsGitHub checks that every line but the last is a command, and that there is
// one for each of those findings.
func fitsGitHub(t *testing.T, out string, findings int) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		if !command.MatchString(line) {
			t.Errorf("no command: %q", line)
		}
	}
	if last := lines[len(lines)-1]; len(lines)-1 != findings || strings.HasPrefix(last, "::") {
		t.Errorf("%d commands for %d findings, then %q", len(lines)-1, findings, last)
	}
}

func TestGitHubEscapes(t *testing.T) {
	s := &Set{Files: []File{{Path: "a,b:c\n::error::%.jsonl", Plain: true, Calls: []Call{{Seq: 2, Method: "tools/call", Name: "x::y,%", Findings: []Finding{
		{Rule: ResultChanged, Message: "100% of\r\n::warning::it", Pointer: "/a%0A", Recorded: []byte(`"::set-env"`), Live: []byte("\n::error::x")},
	}}}}}}
	want := `::error file=a%2Cb%3Ac\n%3A%3Aerror%3A%3A%25.jsonl,line=3,title=result-changed%3A tools/call x%3A%3Ay%2C%25` +
		`::100%25 of\r\n::warning::it.%0Aat /a%250A%0A- "::set-env"%0A+ \n::error::x`
	got := string(written(t, "github", s, Options{}))
	if first, _, _ := strings.Cut(got, "\n"); first != want {
		t.Errorf("got\n%s\nwant\n%s", first, want)
	}
	fitsGitHub(t, got, 1)
}

func TestGitHubCommands(t *testing.T) {
	s := sample()
	tally := s.tally()
	fitsGitHub(t, string(written(t, "github", s, Options{})), tally.Findings+tally.Stopped)
}
