package sessions_test

import (
	"bytes"
	"path/filepath"
	"testing"
)

// expected is what the servers say at random, as --match takes it.
var expected = map[string][]string{
	"everything-tools":     {"/result/content/1/resource/text=regex:Resource 1: .* created at .*"},
	"everything-resources": {"/result/contents/0/text=regex:Resource 7: .* created at .*"},
	"everything-prompts":   {"/result/messages/1/content/resource/text=regex:Resource 3: .* created at .*"},
}

// TestVerifyFixtures asks each real server what it was asked in the recordings of it: nothing has changed.
func TestVerifyFixtures(t *testing.T) {
	for _, s := range loadScripts(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			on := newStage(t)
			server := on.server(t, s.Server)
			path, err := filepath.Abs(filepath.Join(fixtures, s.Name+".jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			line := []string{"wiretape", "verify", "--cwd", ".", path}
			for _, e := range expected[s.Name] {
				line = append(line, "--match", e)
			}
			cmd := on.command(t, append(append(line, "--"), server...))
			var out, words bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &words
			if err := cmd.Run(); err != nil || !bytes.HasSuffix(out.Bytes(), []byte("all the same\n")) {
				t.Errorf("%v: %s%s", err, &out, &words)
			}
		})
	}
}
