package cli

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                       "0.00ms",
		410 * time.Microsecond:                  "0.41ms",
		9996 * time.Microsecond:                 "10.0ms",
		12345 * time.Microsecond:                "12.3ms",
		250 * time.Millisecond:                  "250ms",
		1210 * time.Millisecond:                 "1.21s",
		59 * time.Second:                        "59.0s",
		200 * time.Second:                       "3m20s",
		59*time.Minute + 59600*time.Millisecond: "1h00m",
		2*time.Hour + 14*time.Minute:            "2h14m",
	} {
		if got := latency(d); got != want {
			t.Errorf("%v is written %s, want %s", d, got, want)
		}
	}
}
