package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/wire"
)

// said makes an event of a line.
func said(seq int64, from, to Party, line string) *Event {
	return &Event{Seq: seq, At: time.Duration(seq) * time.Millisecond, From: from, To: to, Line: []byte(line)}
}

func (c *counter) say(e *Event) {
	m := wire.Parse(e.Line)
	c.add(e, &m)
}

func TestOpenCallsAreBounded(t *testing.T) {
	var c counter
	const asked = 3 * mostOpen
	for n := range int64(asked) {
		c.say(said(n+1, Host, Target, fmt.Sprintf(`{"id":%d,"method":"ping"}`, n)))
	}
	if len(c.pairs.open) > mostOpen || len(c.pairs.calls) > mostOpen+1 {
		t.Errorf("%d open calls, %d slots", len(c.pairs.open), len(c.pairs.calls))
	}
	c.say(said(asked+1, Target, Host, fmt.Sprintf(`{"id":%d,"result":{}}`, asked-1)))
	c.say(said(asked+2, Target, Host, `{"id":0,"result":{}}`))
	if s := c.statistics(); s.Unanswered != asked-1 || s.Methods["ping"].Calls != asked {
		t.Errorf("%+v", s)
	}
}

func TestOpenCallsKeepNoLine(t *testing.T) {
	var c counter
	c.say(said(1, Host, Target, `{"id":"a","method":"ping"}`))
	c.say(said(2, Host, Target, `{"id":"`+strings.Repeat("x", 1000)+`","method":"ping"}`))
	for k, slot := range c.pairs.open {
		if len(k.id) > longestID || c.pairs.calls[slot].ID != nil {
			t.Errorf("an id of %d bytes is kept", len(k.id))
		}
	}
	c.say(said(3, Target, Host, `{"id":"`+strings.Repeat("x", 1000)+`","result":{}}`))
	if s := c.statistics(); s.Unanswered != 1 {
		t.Errorf("%+v", s)
	}
}

func TestNamesAreBounded(t *testing.T) {
	var c counter
	for n := range int64(5000) {
		c.say(said(n+1, Host, Target, fmt.Sprintf(`{"id":1,"method":"m%d"}`, n)))
	}
	c.say(said(5001, Host, Target, `{"id":1,"method":"`+strings.Repeat("x", 1000)+`"}`))
	s := c.statistics()
	if len(s.Methods) != mostNames+1 || s.Methods[otherNames].Calls != 5001-mostNames {
		t.Errorf("%d names, %d others", len(s.Methods), s.Methods[otherNames].Calls)
	}
}

func TestWhatFails(t *testing.T) {
	for line, want := range map[string]bool{
		`{"id":1,"result":{}}`:                                            false,
		`{"id":1,"result":{"isError":false}}`:                             false,
		`{"id":1,"result":{"isError":true}}`:                              true,
		`{"id":1,"result":{"content":[],"isErr\u006fr":true}}`:            true,
		`{"id":1,"result":{"content":[{"isError":true}]}}`:                false,
		`{"id":1,"result":{"content":[{"text":"\"isError\":true"}]}}`:     false,
		`{"id":1,"error":{"code":1}}`:                                     true,
		`{"id":1,"error":null,"result":{}}`:                               false,
		`{"id":1,"result":{"isError":true,"content":[],"isError":false}}`: false,
	} {
		calls, s := Calls([]Event{
			*said(1, Host, Target, `{"id":1,"method":"tools/call","params":{"name":"x"}}`),
			*said(2, Target, Host, line),
		})
		if calls[0].Error != want || (s.Errors == 1) != want || (s.Tools["x"].Errors == 1) != want || calls[0].Response != 2 {
			t.Errorf("%s: %+v", line, calls[0])
		}
	}
	calls, _ := Calls([]Event{*said(1, Host, Target, `{"id":1,"method":"x"}`), *said(2, Target, Host, `{"id":1,"result":{"isError":true}}`)})
	if calls[0].Error {
		t.Error("isError counts for tools/call only")
	}
}

func TestLatenciesAreNearlyExact(t *testing.T) {
	for _, n := range []int{1, 2, 100, fewLatencies, fewLatencies + 1, 20000} {
		var l latencies
		var exact []time.Duration
		for i := range n {
			d := time.Duration(i*i%7919+1) * 37 * time.Microsecond
			l.add(d)
			exact = append(exact, d)
		}
		slices.Sort(exact)
		got := l.percentiles(50, 95, 99, 100)
		for i, p := range []int{50, 95, 99, 100} {
			want := exact[max((p*n+99)/100, 1)-1]
			if off := (got[i] - want).Abs(); n <= fewLatencies && off != 0 || off > want/100+time.Microsecond {
				t.Errorf("p%d of %d is %v, want %v", p, n, got[i], want)
			}
		}
		if l.longest != exact[n-1] {
			t.Errorf("longest %v, want %v", l.longest, exact[n-1])
		}
	}
	var l latencies
	if l.add(0); millis(l.percentiles(50)[0]) != 0 {
		t.Error("a latency of 0")
	}
	for range 2 * fewLatencies {
		l.add(100 * time.Hour)
	}
	if got := l.percentiles(99)[0]; got < time.Hour || millis(l.longest) != 100*3600e3 {
		t.Errorf("p99 of a hundred hours is %v", got)
	}
}

func TestMillisRound(t *testing.T) {
	for d, want := range map[time.Duration]float64{
		0: 0, 4999: 0, 5000: 0.01, 12_345_678: 12.35, 12_300_000: 12.3, time.Hour: 3600e3,
	} {
		if got := millis(d); got != want {
			t.Errorf("%v is %v ms, want %v", d, got, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0", 1: "0.000000001", 1_213_000: "0.001213", 4 * time.Second: "4.0", time.Hour + 100*time.Millisecond: "3600.1", -1: "0.0",
	} {
		text := string(appendSeconds(nil, d))
		if text != want {
			t.Errorf("%d is written %s, want %s", d, text, want)
		}
		if got, ok := parseSeconds(text); !ok || got != max(d, 0) {
			t.Errorf("%s is read as %d, want %d", text, got, d)
		}
	}
	for text, want := range map[string]time.Duration{
		"1": time.Second, "1e1": 10 * time.Second, "1.5e0": 1500 * time.Millisecond, "-0": 0, "1.0000000004": time.Second, "0.1234567891": 123456789,
	} {
		if got, ok := parseSeconds(text); !ok || got != want {
			t.Errorf("%s is read as %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"-1", "1e300", `"1"`, "null", "[1]", "99999999999"} {
		if got, ok := parseSeconds(text); ok {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
