package record

import (
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// latencies keeps how long calls took, for percentiles. Most tools are called
// seldom, so the first ones are kept as they are; a histogram, of 27 KB and two
// digits, takes over when there are many.
type latencies struct {
	few     []time.Duration
	many    *hdrhistogram.Histogram // of microseconds
	longest time.Duration
}

const (
	fewLatencies = 256
	hourInMicros = int64(time.Hour / time.Microsecond)
)

func (l *latencies) add(d time.Duration) {
	l.longest = max(l.longest, d)
	if l.many == nil && len(l.few) < fewLatencies {
		l.few = append(l.few, d)
		return
	}
	if l.many == nil {
		l.many = hdrhistogram.New(1, hourInMicros, 2)
		for _, d := range l.few {
			l.count(d)
		}
		l.few = nil
	}
	l.count(d)
}

func (l *latencies) count(d time.Duration) {
	micros := d.Round(time.Microsecond).Microseconds()
	// The value is within the histogram's range, so it cannot be refused.
	_ = l.many.RecordValue(min(micros, hourInMicros))
}

// percentiles gives the latency that p percent of the calls did not exceed, for
// each p of list.
func (l *latencies) percentiles(list ...float64) []time.Duration {
	out := make([]time.Duration, len(list))
	if l.many != nil {
		for i, p := range list {
			micros := l.many.ValueAtQuantile(p)
			out[i] = min(time.Duration(micros)*time.Microsecond, l.longest)
		}
		return out
	}
	if len(l.few) == 0 {
		return out
	}
	sorted := slices.Sorted(slices.Values(l.few))
	for i, p := range list {
		rank := int(math.Ceil(p / 100 * float64(len(sorted))))
		out[i] = sorted[max(rank, 1)-1]
	}
	return out
}

// millis gives d in milliseconds, rounded to two decimals.
func millis(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)/(10*time.Microsecond)) / 100
}
