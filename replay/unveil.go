package replay

import (
	"maps"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/redact"
)

// mostVeiled bounds how many recorded calls with placeholders are compared with
// a live one.
const mostVeiled = 1000

// unveil finds the recorded calls that a live one is like, but for secrets that
// were taken out of them, and gives their key. It prefers those that were not used.
func (s *Session) unveil(r *reading) (found key, ok bool) {
	if len(s.index.queues.veiled) == 0 {
		return found, false
	}
	live := r.spell(nil, r.level)
	method := s.index.server.methods.of(r.Method)
	compared := 0
	for _, n := range s.index.queues.veiled {
		if s.index.calls[n].method != method {
			continue
		}
		then := s.recorded(n)
		k, closer := s.index.key(&then)
		left := s.turns.unused(s.index, k, closer) != 0
		if !left && ok {
			continue
		}
		if s.secrets.Fits(then.spell(nil, then.level), live) {
			if found, ok = k, true; left {
				break
			}
		}
		if compared++; compared == mostVeiled {
			break
		}
	}
	return found, ok
}

// unveiled leaves out differences that are none if a placeholder stands for what
// the live host says. What it says in place of others is not shown.
func (s *Session) unveiled(differences []compare.Difference) []compare.Difference {
	differences = slices.DeleteFunc(differences, func(d compare.Difference) bool {
		return redact.Holds(d.A) && d.B != nil &&
			maps.Clone(s.secrets).Fits(compare.Canonical(nil, d.A, compare.Ignore{}), compare.Canonical(nil, d.B, compare.Ignore{}))
	})
	for i := range differences {
		if d := &differences[i]; redact.Holds(d.A) && d.B != nil {
			d.B = []byte(`"[redacted]"`)
		}
	}
	return differences
}
