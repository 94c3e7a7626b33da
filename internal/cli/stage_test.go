package cli

import (
	"strings"
	"testing"

	"wiretape/internal/redact"
	"wiretape/record"
)

// TestGuessedLabelHoldsNoSecret: one that is too short to be searched for is the
// first word that does not look like a flag.
func TestGuessedLabelHoldsNoSecret(t *testing.T) {
	for _, command := range [][]string{
		{"node", "--token", "swordfish", "server.js"},
		{"npx", "https://user:swordfish@host/server.tgz"},
		{"docker", "run", "-e", "API_KEY=swordfish", "server"},
	} {
		r, err := redact.Parse([]string{"preset:common"})
		if err != nil {
			t.Fatal(err)
		}
		s := stage{playing: &playing{cloak: &cloak{r: r}}}
		h := s.head(record.Header{Target: record.Endpoint{Command: command}})
		if name := record.FileName(h); h.Label == "" || strings.Contains(h.Label+name, "swordfish") {
			t.Errorf("the recording of %q has the label %q and the name %s", command, h.Label, name)
		}
	}
}
