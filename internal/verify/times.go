package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"wiretape/internal/findings"
)

// leastSlower is what is not worth telling, however many times as long it takes.
const leastSlower = 5 * time.Millisecond

// times is how long the calls of each name took, as far as they were answered.
type times map[title][]time.Duration

// slower tells what takes that many times as long now as before.
func slower(before, now times, factor float64) (found []findings.Finding) {
	if factor <= 0 {
		return nil
	}
	titles := slices.SortedFunc(maps.Keys(before), func(x, y title) int {
		return cmp.Or(cmp.Compare(x.method, y.method), cmp.Compare(x.name, y.name))
	})
	for _, t := range titles {
		if len(now[t]) == 0 {
			continue
		}
		was, is := median(before[t]), median(now[t])
		if is-was < leastSlower || float64(is) < factor*float64(was) {
			continue
		}
		found = append(found, findings.Finding{
			Rule: findings.Latency, About: t.String(), Recorded: millis(was), Live: millis(is),
			Message: fmt.Sprintf("The median of its answers is longer, in milliseconds (%d recorded, %d now).", len(before[t]), len(now[t])),
		})
	}
	return found
}

// noTimes is told in the place of what is slower than a recording whose times
// were normalised.
func noTimes(path string) findings.Finding {
	return findings.Finding{
		Rule:    findings.Latency,
		Message: "Nothing can be told of times: those of " + path + " were normalised. A fixture made with --keep-times has them.",
	}
}

// times gives those of a recording.
func (l *ledger) times() times {
	all := times{}
	for i := range l.calls {
		if k := &l.calls[i]; k.answer != nil && !k.cancelled && !k.listens() {
			all[*k.title] = append(all[*k.title], k.answer.took)
		}
	}
	return all
}

// slower tells what takes longer in B.
func (c *contrast) slower(factor float64) []findings.Finding {
	for _, h := range []*half{&c.a, &c.b} {
		if factor > 0 && h.timeless {
			return []findings.Finding{noTimes(h.path)}
		}
	}
	return slower(c.a.times(), c.b.times(), factor)
}

// slower tells what the live server takes longer for than the recorded one did.
func (p *play) slower() []findings.Finding {
	switch {
	case p.Slower <= 0:
		return nil
	case p.script.timeless:
		return []findings.Finding{noTimes(p.Path)}
	}
	before, now := times{}, times{}
	for n := range p.script.calls {
		c := p.script.calls[n]
		got := &p.live.calls[n]
		if !got.answered() || c.answer == nil || c.cancelled || c.listens || p.tries[n].sent.IsZero() {
			continue
		}
		t := title{c.method, c.name}
		before[t], now[t] = append(before[t], c.said.took), append(now[t], got.at.Sub(p.tries[n].sent))
	}
	return slower(before, now, p.Slower)
}

// median sorts times, and gives the one in the middle.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return (times[(len(times)-1)/2] + times[len(times)/2]) / 2
}

func millis(d time.Duration) []byte {
	return fmt.Appendf(nil, "%.2f", float64(d)/float64(time.Millisecond))
}
