package sessions_test

import (
	"bytes"
	"os/exec"
	"slices"
	"testing"
)

// expected is what the servers say at random, as --match takes it.
var expected = map[string][]string{
	"everything-tools":     {"/result/content/1/resource/text=regex:Resource 1: .* created at .*"},
	"everything-resources": {"/result/contents/0/text=regex:Resource 7: .* created at .*"},
	"everything-prompts":   {"/result/messages/1/content/resource/text=regex:Resource 3: .* created at .*"},
}

// verify is the command that asks a server what stands in a fixture.
func (s *stage) verify(t *testing.T, fixture string, server []string, flags ...string) *exec.Cmd {
	t.Helper()
	line := slices.Concat([]string{"wiretape", "verify", "--cwd", ".", fixturePath(t, fixture+".jsonl")}, flags)
	for _, e := range expected[fixture] {
		line = append(line, "--match", e)
	}
	return s.command(t, slices.Concat(line, []string{"--"}, server))
}

// TestVerifyFixtures asks each real server what it was asked in the recordings of it: nothing has changed.
func TestVerifyFixtures(t *testing.T) {
	for _, s := range loadScripts(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			on := newStage(t)
			server := on.server(t, s.Server)
			cmd := on.verify(t, s.Name, server)
			var out, words bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &words
			if err := cmd.Run(); err != nil || !bytes.HasSuffix(out.Bytes(), []byte("all the same\n")) {
				t.Errorf("%v: %s%s", err, &out, &words)
			}
		})
	}
}
