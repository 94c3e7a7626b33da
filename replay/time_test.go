package replay_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wiretape/replay"
)

// handClock is a clock that stands still until it is turned.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	alarms []*alarm
}

type alarm struct {
	at time.Time
	f  func()
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{c.now.Add(d), f}
	c.alarms = append(c.alarms, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		n := len(c.alarms)
		c.alarms = slices.DeleteFunc(c.alarms, func(b *alarm) bool { return a == b })
		return len(c.alarms) < n
	}
}

// turn moves the clock on, and calls who wanted to be called by then.
func (c *handClock) turn(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []*alarm
	c.alarms = slices.DeleteFunc(c.alarms, func(a *alarm) bool {
		if a.at.After(c.now) {
			return false
		}
		due = append(due, a)
		return true
	})
	c.mu.Unlock()
	for _, a := range due {
		a.f()
	}
}

// slow is a session in which the server takes two seconds to report progress, one to answer, and one to say more.
var slow = []string{
	"> " + req("1", "tools/call", `{"name":"a","_meta":{"progressToken":1}}`), "…", "…",
	"< " + note("notifications/progress", `{"progressToken":1,"progress":1}`), "…", "< " + res("1", `1`), "…",
	"< " + note("notifications/message", `1`), "> " + call("2", "b", `{}`), "…", "< " + req("3", "roots/list", ""), "…", "…", "> " + res("3", `{}`), "…",
	"< " + res("2", `2`),
}

func TestSpeed(t *testing.T) {
	for _, speed := range []float64{1, 4} {
		t.Run(fmt.Sprint(speed), func(t *testing.T) {
			clock := &handClock{now: time.Unix(0, 0)}
			k := begin(t, replay.Options{Speed: speed, Clock: clock}, append(handshake[:3:3], slow...)...)
			second := func() { clock.turn(time.Duration(float64(1010*time.Millisecond) / speed)) }
			k.say(req("0", "initialize", sampling), note("notifications/initialized", ""))
			second()
			k.hears(res("0", opened))
			k.say(req("9", "tools/call", `{"name":"a","_meta":{"progressToken":9}}`))
			second()
			k.silent()
			second()
			k.hears(note("notifications/progress", `{"progressToken":9,"progress":1}`))
			k.silent()
			second()
			k.hears(res("9", `1`))
			k.silent()
			second()
			k.hears(note("notifications/message", `1`))
			k.say(call("8", "b", `{}`))
			k.silent()
			second()
			k.hears(req("1", "roots/list", ""))
			clock.turn(time.Hour) // how long the host takes is its own affair
			k.silent()
			k.say(res("1", `{}`))
			k.silent()
			second()
			k.hears(res("8", `2`))
			k.ends()
		})
	}
}

// A speed may be so low that nothing is heard in a lifetime.
func TestLowSpeed(t *testing.T) {
	clock := &handClock{now: time.Unix(0, 0)}
	k := begin(t, replay.Options{Speed: 1e-300, Clock: clock}, slow[:8]...)
	k.say(req("9", "tools/call", `{"name":"a"}`))
	clock.turn(100 * 365 * 24 * time.Hour)
	k.silent()
}

// Without a clock of its own a session goes by the system's.
func TestSpeedOfTheSystemsClock(t *testing.T) {
	path := recorded(t, slow[:8]...)
	synctest.Test(t, func(t *testing.T) {
		k := talkTo(t, replay.Options{Speed: 2}, path)
		start := time.Now()
		k.say(req("9", "tools/call", `{"name":"a","_meta":{"progressToken":9}}`))
		var took []time.Duration
		for range 3 {
			k.line()
			took = append(took, time.Since(start).Round(100*time.Microsecond))
		}
		want := []time.Duration{1000500 * time.Microsecond, 1501 * time.Millisecond, 2001500 * time.Microsecond}
		if !slices.Equal(took, want) {
			t.Errorf("heard after %v, want %v", took, want)
		}
		k.s.Close()
	})
}

// What followed a cancellation that came too late when it was recorded follows one that is in time too.
func TestCancelInTime(t *testing.T) {
	recorded := []string{
		"> " + req("1", "tools/call", `{"name":"a"}`), "< " + res("1", `1`),
		"> " + note("notifications/cancelled", `{"requestId":1}`), "< " + note("notifications/message", `1`),
	}
	clock := &handClock{now: time.Unix(0, 0)}
	k := begin(t, replay.Options{Speed: 1, Clock: clock}, recorded...)
	k.say(req("9", "tools/call", `{"name":"a"}`), note("notifications/cancelled", `{"requestId":9}`))
	clock.turn(time.Hour)
	k.hears(note("notifications/message", `1`))
	k.silent()
}

// A cancelled call is not answered when its time has come. At the end of input nobody waits: what is due later is heard
// at once.
func TestSpeedAndEnd(t *testing.T) {
	clock := &handClock{now: time.Unix(0, 0)}
	k := begin(t, replay.Options{Speed: 1, Clock: clock}, slow[:8]...)
	k.say(req("9", "tools/call", `{"name":"a","_meta":{"progressToken":9}}`), note("notifications/cancelled", `{"requestId":9}`))
	clock.turn(time.Hour)
	k.hears(note("notifications/message", `1`))
	k.silent()

	k = begin(t, replay.Options{Speed: 1, Clock: clock}, slow[:8]...)
	k.say(req("8", "tools/call", `{"name":"a"}`))
	k.silent()
	k.s.CloseInput()
	k.hears(res("8", `1`), note("notifications/message", `1`))
	k.ends()
	if len(clock.alarms) > 0 {
		t.Error("the clock was not told that it is over")
	}
}
