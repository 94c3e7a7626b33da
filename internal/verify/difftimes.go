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

// slower tells what takes that many times as long in B as in A.
func (c *contrast) slower(factor float64) (found []findings.Finding) {
	if factor <= 0 {
		return nil
	}
	before, now := c.a.times(), c.b.times()
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

// times gives how long the calls of each name took, as far as they were answered.
func (l *ledger) times() map[title][]time.Duration {
	times := map[title][]time.Duration{}
	for i := range l.calls {
		if k := &l.calls[i]; k.answer != nil && !k.cancelled && !k.listens() {
			times[*k.title] = append(times[*k.title], k.answer.took)
		}
	}
	return times
}

// median sorts times, and gives the one in the middle.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return (times[(len(times)-1)/2] + times[len(times)/2]) / 2
}

func millis(d time.Duration) []byte {
	return fmt.Appendf(nil, "%.2f", float64(d)/float64(time.Millisecond))
}
