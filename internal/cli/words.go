package cli

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"wiretape/internal/vcr"
	"wiretape/record"
)

// latency writes a short time with three digits that count: 0.41ms, 12.3ms.
func latency(d time.Duration) string {
	if d < time.Second {
		return digits(float64(d)/float64(time.Millisecond)) + "ms"
	}
	return elapsed(d)
}

// elapsed writes how long something took: 1.21s, 3m20s, 2h14m.
func elapsed(d time.Duration) string {
	if d < time.Minute {
		return digits(d.Seconds()) + "s"
	}
	if d = d.Round(time.Second); d < time.Hour {
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

func digits(n float64) string {
	switch {
	case n < 9.995:
		return fmt.Sprintf("%.2f", n)
	case n < 99.95:
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprint(math.Round(n))
}

// size writes a number of bytes.
func size(bytes int64) string { return humanize.Bytes(uint64(max(0, bytes))) }

// count writes a number of things.
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(n) + " " + many
}

// commandLine is the target as a person would name it: the program without its
// folder.
func commandLine(e record.Endpoint) string {
	if e.Transport == vcr.Transport {
		return "replay of " + e.URL
	}
	if len(e.Command) == 0 {
		return e.URL
	}
	return strings.Join(append([]string{filepath.Base(e.Command[0])}, e.Command[1:]...), " ")
}

// label is what to call a recording that may have no label.
func label(h record.Header) string {
	if h.Label == "" {
		return "-"
	}
	return h.Label
}
