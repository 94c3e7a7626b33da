//go:build !race

package record

import (
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// TestPairingHoldsLittle counts what Pairing allocates beside what reading a
// message does: the key of a call. (Under the race detector, pools forget what they hold.)
func TestPairingHoldsLittle(t *testing.T) {
	var p Pairing
	tests := []struct {
		event *Event
		want  float64
	}{
		{said(1, Host, Target, `{"id":17,"method":"ping"}`), 1},
		{said(2, Target, Host, `{"id":17,"result":{}}`), 1},
		{said(3, Target, Host, `{"method":"notifications/progress","params":{}}`), 0},
		{said(4, Target, Host, `junk`), 0},
	}
	for _, test := range tests {
		parse := testing.AllocsPerRun(100, func() { wire.Parse(test.event.Line) })
		if got := testing.AllocsPerRun(100, func() { p.See(test.event) }) - parse; got > test.want {
			t.Errorf("event %d allocates %v times, want %v", test.event.Seq, got, test.want)
		}
	}
	batch := []byte(`[` + strings.Repeat(`{"id":1,"result":0},`, 10_000) + `0]`)
	p.See(&Event{Seq: 5, From: Target, To: Host, Line: batch})
	p.See(tests[3].event)
	if cap(p.answered) > 100 {
		t.Errorf("the memory of %d answers is kept", cap(p.answered))
	}
}
