package verify

import (
	"errors"
	"os"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/redact"
	"wiretape/internal/wire"
)

// unveiled is what placeholders stand for, as far as comparisons have shown it: those
// of what was recorded, or of the first recording, and those of the other side.
type unveiled [2]redact.Known

func newUnveiled() unveiled { return unveiled{redact.Known{}, redact.Known{}} }

// same reports whether two values are one but for secrets that were taken out of
// one of them: a placeholder stands for anything, and always for the same.
func (u unveiled) same(recorded, live []byte) bool {
	if recorded == nil || live == nil || !redact.Holds(recorded) && !redact.Holds(live) {
		return false
	}
	a, b := compare.Canonical(nil, recorded, compare.Ignore{}), compare.Canonical(nil, live, compare.Ignore{})
	return redact.Holds(a) && u[0].Fits(a, b) || redact.Holds(b) && u[1].Fits(b, a)
}

// veil hides what a server said in place of a text with a secret that is not known,
// and so cannot be taken out of it.
func veil(f *findings.Finding) {
	if !wire.Is(f.Recorded, '"') || !redact.Holds(f.Recorded) || f.Live == nil {
		return
	}
	f.Live, f.Message = []byte(`"[redacted]"`), "It differs in more than a secret, and is not shown."
	var lacks *redact.MissingError
	if _, err := redact.Fill(f.Recorded, os.LookupEnv); errors.As(err, &lacks) {
		f.Message = "It differs in more than a secret, and is not shown without " + strings.Join(lacks.Variables, ", ") + "."
	}
}
