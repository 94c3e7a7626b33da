package replay

import (
	"maps"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/redact"
)

// unveil finds the recorded calls that a live one is like, but for secrets that
// were taken out of them, and gives their key, and the hash of what is closer. It
// prefers those that were not used.
func (s *Session) unveil(r *reading) (k key, closer uint32, ok bool) {
	ix := s.index
	if len(ix.queues.veiled) == 0 {
		return k, closer, false
	}
	k, closer = ix.key(r, s.secrets)
	if s.turns.left(ix, k) != 0 {
		return k, closer, true
	}
	_, known := ix.queues.last[k]
	found, ok := s.fitting(r, false)
	if !ok && !known {
		found, ok = s.fitting(r, true)
	}
	if !ok {
		return k, closer, known
	}
	// More secrets are known by now.
	_, closer = ix.key(r, s.secrets)
	return found, closer, true
}

// fitting finds the first recorded call with placeholders that a live one is like,
// among those of which no like is left or among the others, and gives its key.
func (s *Session) fitting(r *reading, spent bool) (found key, ok bool) {
	ix, t := s.index, &s.turns
	veiled := ix.queues.veiled
	for t.unveiled < len(veiled) && t.spent.has(veiled[t.unveiled]) {
		t.unveiled++
	}
	if !spent {
		veiled = veiled[t.unveiled:]
	}
	live := r.spell(nil, r.level)
	method := ix.server.methods.number(r.Method)
	compared := 0
	for _, n := range veiled {
		if ix.calls[n].method != method || t.spent.has(n) != spent {
			continue
		}
		then := s.recorded(n)
		if s.secrets.Fits(then.spell(nil, then.level), live) {
			found, _ = ix.key(&then, nil)
			return found, true
		}
		if compared++; compared == mostSearched {
			break
		}
	}
	return found, false
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
