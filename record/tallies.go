package record

// tallies count calls by name.
type tallies struct {
	by map[string]*tally
}

type tally struct {
	calls, errors int64
	times         latencies
}

const (
	// Names come from the wire, and junk must not fill the memory.
	mostNames   = 1000
	longestName = 256
	otherNames  = "other"
)

// of gives the tally of a name. Names beyond the limits share one.
func (t *tallies) of(name string) *tally {
	if found := t.by[name]; found != nil {
		return found
	}
	if len(name) > longestName || len(t.by) >= mostNames {
		name = otherNames
	}
	if found := t.by[name]; found != nil {
		return found
	}
	if t.by == nil {
		t.by = make(map[string]*tally)
	}
	t.by[name] = &tally{}
	return t.by[name]
}

// answer counts a response.
func (t *tally) answer(c *Call) {
	t.times.add(c.Latency)
	if c.Error {
		t.errors++
	}
}

func (t *tallies) sum() map[string]Tally {
	sums := make(map[string]Tally, len(t.by))
	for name, tally := range t.by {
		sums[name] = tally.sum()
	}
	return sums
}

func (t *tally) sum() Tally {
	p := t.times.percentiles(50, 95, 99)
	return Tally{
		Calls: t.calls, Errors: t.errors,
		P50: millis(p[0]), P95: millis(p[1]), P99: millis(p[2]), Max: millis(t.times.longest),
	}
}
