package replay_test

import (
	"testing"
	"time"

	"wiretape/replay"
)

const (
	sampling = `{"protocolVersion":"2025-11-25","capabilities":{"sampling":{},"roots":{},"elicitation":{}}}`
	opened   = `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}}}`
)

// handshake opens a legacy session, recorded and live.
var handshake = []string{"> " + req("0", "initialize", sampling), "< " + res("0", opened), "> " + note("notifications/initialized", "")}

// greeted begins a replay behind the handshake.
func greeted(t *testing.T, o replay.Options, lines ...string) *talk {
	t.Helper()
	k := begin(t, o, append(handshake[:3:3], lines...)...)
	k.say(req(`"i"`, "initialize", sampling))
	k.hears(res(`"i"`, opened))
	k.say(note("notifications/initialized", ""))
	return k
}

// Progress and log messages stand between request and answer, and what comes by itself behind what it followed.
func TestPositions(t *testing.T) {
	k := greeted(t, replay.Options{},
		"< "+note("notifications/tools/list_changed", ""),
		"> "+req("1", "tools/call", `{"name":"a","_meta":{"progressToken":"t"}}`),
		"< "+note("notifications/progress", `{"progressToken":"t","progress":1}`),
		"< "+note("notifications/message", `{"level":"info","data":"one"}`),
		"< "+note("notifications/progress", `{"progressToken":"t","progress":2}`),
		"< "+res("1", `1`),
		"< "+note("notifications/resources/updated", `{"uri":"x:y"}`),
		"< Debug: hello",
		"> "+note("notifications/roots/list_changed", ""),
		"< "+note("notifications/message", `{"level":"info","data":"two"}`))
	k.hears(note("notifications/tools/list_changed", ""))
	k.silent()
	k.say(req("9", "tools/call", `{"name":"a","_meta":{"progressToken":9}}`))
	k.hears(note("notifications/progress", `{"progressToken":9,"progress":1}`),
		note("notifications/message", `{"level":"info","data":"one"}`),
		note("notifications/progress", `{"progressToken":9,"progress":2}`),
		res("9", `1`), note("notifications/resources/updated", `{"uri":"x:y"}`), "Debug: hello")
	k.silent()
	k.say(note("notifications/other", ""), note("notifications/roots/list_changed", ""), note("notifications/roots/list_changed", ""))
	k.hears(note("notifications/message", `{"level":"info","data":"two"}`))
	k.ends()
}

// Nothing waits for a ping, which a host may leave out.
func TestNothingFollowsAPing(t *testing.T) {
	updated := note("notifications/resources/updated", `{"uri":"x:y"}`)
	subscribe := func(id string) string { return req(id, "resources/subscribe", `{"uri":"x:y"}`) }
	k := greeted(t, replay.Options{}, "> "+subscribe("1"), "< "+res("1", `{}`), "> "+req("2", "ping", ""), "< "+res("2", `{}`), "< "+updated)
	k.say(subscribe("8"))
	k.hears(res("8", `{}`), updated)
	k.ends()
}

// A ping is always answered, also where the recorded server did not answer any more.
func TestPingWithoutAnAnswer(t *testing.T) {
	silent := []string{"> " + req("1", "ping", ""), "< " + res("1", `{"recorded":1}`), "> " + req("2", "ping", "")}
	for name, end := range map[string][]string{
		"silent":    nil,
		"cancelled": {"> " + note("notifications/cancelled", `{"requestId":2}`)},
		"torn":      {"!"},
	} {
		t.Run(name, func(t *testing.T) {
			k := greeted(t, replay.Options{Torn: true}, append(silent[:3:3], end...)...)
			k.say(req("7", "ping", ""), req("8", "ping", ""), "["+req("9", "ping", "")+"]")
			k.hears(res("7", `{"recorded":1}`), res("8", `{}`), "["+res("9", `{"recorded":1}`)+"]")
			if r := k.ends(); r.Failed != 0 || len(*k.warned) > 0 {
				t.Errorf("report: %+v, warned %q", r, *k.warned)
			}
		})
	}
}

// Calls that overlapped are answered each on its own: nothing waits for a call that this host does not make.
func TestOverlappingCalls(t *testing.T) {
	session := []string{
		"> " + req("1", "tools/call", `{"name":"a","_meta":{"progressToken":1}}`), "> " + req("2", "tools/call", `{"name":"b","_meta":{"progressToken":2}}`),
		"< " + note("notifications/progress", `{"progressToken":1,"progress":1}`), "< " + note("notifications/progress", `{"progressToken":2,"progress":1}`),
		"< " + res("2", `"b"`), "< " + note("notifications/progress", `{"progressToken":1,"progress":2}`), "< " + res("1", `"a"`),
	}
	for _, first := range []string{"a", "b"} {
		k := begin(t, replay.Options{}, session...)
		for _, name := range []string{first, map[string]string{"a": "b", "b": "a"}[first]} {
			id := `"` + name + `"`
			k.say(req(id, "tools/call", `{"name":"`+name+`","_meta":{"progressToken":`+id+`}}`))
			k.hears(note("notifications/progress", `{"progressToken":`+id+`,"progress":1}`))
			if name == "a" {
				k.hears(note("notifications/progress", `{"progressToken":"a","progress":2}`))
			}
			k.hears(res(id, id))
		}
		k.ends()
	}
}

func TestServerRequests(t *testing.T) {
	ask := req("0", "sampling/createMessage", `{"messages":[]}`)
	asked := req("1", "sampling/createMessage", `{"messages":[]}`)
	session := []string{
		"> " + call("1", "a", `{}`), "< " + note("notifications/message", `"before"`), "< " + ask,
		"> " + res("0", `{"content":"yes"}`), "< " + note("notifications/message", `"after"`), "< " + res("1", `1`),
	}
	t.Run("asked and awaited", func(t *testing.T) {
		k := greeted(t, replay.Options{}, session...)
		k.say(call("5", "a", `{}`))
		k.hears(note("notifications/message", `"before"`), asked)
		k.silent()
		k.say(res("1", `{"content":"yes","_meta":{"x":1}}`))
		k.hears(note("notifications/message", `"after"`), res("5", `1`))
		if r := k.ends(); r.Failed != 0 || len(r.Mismatched) != 0 {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("no answer at all", func(t *testing.T) {
		k := greeted(t, replay.Options{}, session...)
		k.say(call("5", "a", `{}`))
		k.hears(note("notifications/message", `"before"`), asked)
		k.ends()
		k.warns("tools/call a was not answered: the host did not answer what the server asked it meanwhile (event 6)")
	})
	t.Run("another answer is warned of", func(t *testing.T) {
		k := greeted(t, replay.Options{}, session...)
		k.say(call("5", "a", `{}`), res("1", `{"content":"no"}`))
		k.hears(note("notifications/message", `"before"`), asked, note("notifications/message", `"after"`), res("5", `1`))
		r := k.ends()
		k.warns(`/result/content: recorded "yes", live "no"`)
		if r.Failed != 0 || len(r.Mismatched) != 1 {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("another answer fails", func(t *testing.T) {
		k := greeted(t, replay.Options{StrictAnswers: true}, session...)
		k.say(call("5", "a", `{}`))
		k.hears(note("notifications/message", `"before"`), asked)
		k.say(`{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}`)
		k.fails("5", -31000, "/error/code: recorded nothing, live -1", `\"content\":\"yes\"`)
		if r := k.ends(); r.Failed != 1 || r.Missed[0].Reason != "answer" {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("a host without the capability", func(t *testing.T) {
		k := begin(t, replay.Options{}, append(handshake[:3:3], session...)...)
		k.say(req("0", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{}}`))
		k.hears(res("0", opened))
		k.warns(`/params/capabilities/sampling: recorded {}, live nothing`)
		k.say(note("notifications/initialized", ""), call("5", "a", `{}`))
		k.hears(note("notifications/message", `"before"`))
		k.fails("5", -31000, "sampling", `"reason":"capability"`)
		if r := k.ends(); r.Failed != 1 {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("a host without roots", func(t *testing.T) {
		k := begin(t, replay.Options{}, append(handshake[:3:3], "> "+req("1", "tools/list", ""), "< "+req("0", "roots/list", ""),
			"> "+res("0", `{"roots":[]}`), "< "+res("1", `1`))...)
		k.say(req("0", "initialize", `{"protocolVersion":"2025-11-25","capabilities":{}}`))
		k.hears(res("0", opened))
		k.say(note("notifications/initialized", ""), req("5", "tools/list", ""))
		k.hears(res("5", `1`))
		k.warns("the server asked the host for roots here (event 5)")
		if r := k.ends(); r.Failed != 0 {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("what is never answered holds nothing else up", func(t *testing.T) {
		k := greeted(t, replay.Options{}, append(session, "> "+call("2", "b", `{}`), "< "+res("2", `2`))...)
		k.say(call("5", "a", `{}`), call("6", "b", `{}`))
		k.hears(note("notifications/message", `"before"`), asked, res("6", `2`))
		k.ends()
	})
}

// Several calls that ask the host at once are told apart by what came of each.
func TestOverlappingServerRequests(t *testing.T) {
	ask := func(id, of string) string { return req(id, "sampling/createMessage", `{"of":"`+of+`"}`) }
	k := greeted(t, replay.Options{},
		"> "+call("1", "a", `{}`), "> "+call("2", "b", `{}`), "< "+ask("0", "a"), "< "+ask("1", "b"),
		"> "+res("0", `{}`), "> "+res("1", `{}`), "< "+res("1", `"a"`), "< "+res("2", `"b"`))
	k.say(call("7", "a", `{}`))
	k.hears(ask("1", "a"))
	k.silent()
	k.say(res("1", `{}`))
	k.hears(res("7", `"a"`))
	k.say(call("8", "b", `{}`))
	k.hears(ask("2", "b"))
	k.say(res("2", `{}`))
	k.hears(res("8", `"b"`))
	k.ends()
}

// A request of the server's own accord comes behind what it followed, and is taken back when it was.
func TestUnsolicitedServerRequests(t *testing.T) {
	k := greeted(t, replay.Options{}, "< "+req("5", "roots/list", ""), "> "+res("5", `{"roots":[]}`), "< "+note("notifications/message", `1`),
		"> "+note("notifications/roots/list_changed", ""), "< "+req("6", "roots/list", ""),
		"< "+note("notifications/cancelled", `{"requestId":6,"reason":"never mind"}`))
	k.hears(req("1", "roots/list", ""))
	k.silent()
	k.say(res("1", `{"roots":[]}`))
	k.hears(note("notifications/message", `1`))
	k.say(res("1", `{"roots":[]}`), res("77", `{}`), note("notifications/roots/list_changed", ""))
	k.hears(req("2", "roots/list", ""), note("notifications/cancelled", `{"requestId":2,"reason":"never mind"}`))
	k.ends()
}

func TestCancelledCalls(t *testing.T) {
	cancel := func(id string) string { return note("notifications/cancelled", `{"requestId":`+id+`}`) }
	progress := func(token, n string) string {
		return note("notifications/progress", `{"progressToken":`+token+`,"progress":`+n+`}`)
	}
	a := func(id string) string { return req(id, "tools/call", `{"name":"a","_meta":{"progressToken":`+id+`}}`) }
	t.Run("as recorded", func(t *testing.T) {
		k := begin(t, replay.Options{}, "> "+a("1"), "< "+progress("1", "1"), "> "+cancel("1"), "< "+progress("1", "2"), "< "+note("notifications/message", `1`))
		k.say(a("8"))
		k.hears(progress("8", "1"))
		k.silent()
		k.say(cancel("8"))
		k.hears(progress("8", "2"), note("notifications/message", `1`))
		k.say(cancel("8"), cancel("9"))
		if r := k.ends(); r.Failed != 0 {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("too late", func(t *testing.T) {
		k := begin(t, replay.Options{}, "> "+a("1"), "< "+res("1", `1`), "> "+cancel("1"), "< "+note("notifications/message", `1`))
		k.say(a("8"))
		k.hears(res("8", `1`))
		k.say(cancel("8"))
		k.hears(note("notifications/message", `1`))
		k.ends()
	})
	t.Run("twice", func(t *testing.T) {
		k := begin(t, replay.Options{}, "> "+a("1"), "> "+cancel("1"), "> "+cancel("1"), "< "+note("notifications/message", `1`))
		k.say(a("8"), cancel("8"))
		k.silent()
		k.say(cancel("8"))
		k.hears(note("notifications/message", `1`))
		k.ends()
	})
	t.Run("not at all", func(t *testing.T) {
		k := begin(t, replay.Options{}, "> "+a("1"), "< "+progress("1", "1"), "> "+cancel("1"))
		k.say(a("8"))
		k.hears(progress("8", "1"))
		k.ends()
		k.warns("tools/call a was not answered: it was recorded as cancelled (event 3)")
	})
	t.Run("while the server asks", func(t *testing.T) {
		k := greeted(t, replay.Options{}, "> "+a("1"), "< "+req("3", "roots/list", ""), "> "+res("3", `{}`), "< "+progress("1", "1"), "< "+res("1", `1`))
		k.say(a("8"))
		k.hears(req("1", "roots/list", ""))
		k.say(cancel("8"), res("1", `{}`))
		k.silent()
		k.ends()
	})
}

// A call that was never answered is not answered here either, and the user is told.
func TestNeverAnswered(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`))
	k.say(call("1", "a", `{}`))
	k.silent()
	k.warns("the recording has no answer to tools/call a")
	k.ends()
}

// What followed a message follows it once, however often its answer is given.
func TestRepeatedAnswers(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+req("1", "tools/list", ""), "< "+res("1", `1`), "< "+note("notifications/message", `1`))
	k.say(req("1", "tools/list", ""), req("2", "tools/list", ""))
	k.hears(res("1", `1`), note("notifications/message", `1`), res("2", `1`))
	k.ends()
}

// A recorded server that ended by itself ends here at the same point.
func TestServerEnds(t *testing.T) {
	k := begin(t, replay.Options{}, "> "+call("1", "a", `{}`), "< "+res("1", `1`), "> "+call("2", "b", `{}`), "< Fatal", "x 3")
	k.say(call("1", "a", `{}`))
	k.hears(res("1", `1`))
	k.silent()
	k.say(call("2", "b", `{}`))
	k.hears("Fatal")
	if _, err := k.in.ReadByte(); err == nil {
		t.Error("something is said after the end")
	}
	if status, ended := k.s.Exit(); status != 3 || !ended {
		t.Errorf("exit %d, %v", status, ended)
	}
}

// What the recorded server said before it ended is said to whom asks for it in time, and nothing to whom asks later.
func TestServerEndsWithOverlappingCalls(t *testing.T) {
	session := []string{
		"> " + call("1", "a", `{}`), "> " + call("2", "b", `{}`), "< " + res("2", `"b"`), "< " + res("1", `"a"`), "x 7",
	}
	for _, speed := range []float64{0, 1} {
		clock := &handClock{}
		k := begin(t, replay.Options{Speed: speed, Clock: clock}, session...)
		if speed == 0 {
			k.say(call("8", "b", `{}`) + "\n" + call("9", "a", `{}`))
		} else {
			k.say(call("8", "b", `{}`))
			clock.turn(2 * time.Millisecond)
			k.say(call("9", "a", `{}`)) // due behind the end
			clock.turn(2 * time.Millisecond)
		}
		k.hears(res("8", `"b"`), res("9", `"a"`))
		if r := k.ends(); r.Exit == nil || *r.Exit != 7 || r.UnusedSum != 0 {
			t.Errorf("speed %v: report: %+v", speed, r)
		}
	}
	k := begin(t, replay.Options{}, session...)
	k.say(call("8", "b", `{}`))
	k.hears(res("8", `"b"`))
	if _, err := k.in.ReadByte(); err == nil {
		t.Error("something is said after the end")
	}
	k.say(call("9", "a", `{}`))
	if r := k.ends(); r.UnusedSum != 1 || r.Asked != 1 {
		t.Errorf("report: %+v", r)
	}
}

func TestSubscriptions(t *testing.T) {
	filter := `{"notifications":{"toolsListChanged":true},"_meta":{` + modernMeta + `}}`
	listen := func(id string) string { return req(id, "subscriptions/listen", filter) }
	tag := func(method, id, more string) string {
		return note(method, `{"_meta":{"io.modelcontextprotocol/subscriptionId":`+id+`}`+more+`}`)
	}
	ended := func(id string) string { return res(id, `{"_meta":{"io.modelcontextprotocol/subscriptionId":`+id+`}}`) }
	trigger := func(id string) string { return req(id, "tools/call", `{"name":"a","_meta":{`+modernMeta+`}}`) }
	const ack, changed = "notifications/subscriptions/acknowledged", "notifications/tools/list_changed"
	session := []string{
		"> " + listen(`"l"`), "< " + tag(ack, `"l"`, ""), "> " + trigger("1"), "< " + res("1", `{}`), "< " + tag(changed, `"l"`, `,"x":1`),
		"> " + note("notifications/cancelled", `{"requestId":"l"}`), "< " + ended(`"l"`),
	}
	t.Run("tagged with the live id", func(t *testing.T) {
		k := begin(t, replay.Options{}, session...)
		k.say(listen("7"))
		k.hears(tag(ack, "7", ""))
		k.say(trigger("8"))
		k.hears(res("8", `{}`), tag(changed, "7", `,"x":1`))
		k.say(note("notifications/cancelled", `{"requestId":7}`))
		k.hears(ended("7"))
		if r := k.ends(); r.Failed != 0 || r.UnusedSum != 0 {
			t.Errorf("report: %+v", r)
		}
	})
	t.Run("nothing behind its end", func(t *testing.T) {
		k := begin(t, replay.Options{}, session...)
		k.say(listen("7"), note("notifications/cancelled", `{"requestId":7}`), trigger("8"))
		k.hears(tag(ack, "7", ""), ended("7"), res("8", `{}`))
		k.ends()
	})
	t.Run("nothing that waits at its end", func(t *testing.T) {
		clock := &handClock{}
		k := begin(t, replay.Options{Speed: 1, Clock: clock}, session...)
		k.say(listen("7"))
		clock.turn(time.Second)
		k.say(trigger("8"), note("notifications/cancelled", `{"requestId":7}`))
		clock.turn(time.Second)
		k.hears(tag(ack, "7", ""), res("8", `{}`), ended("7"))
		k.ends()
	})
	t.Run("nothing before there is one", func(t *testing.T) {
		k := begin(t, replay.Options{}, session...)
		k.say(trigger("8"))
		k.hears(res("8", `{}`))
		k.say(listen("7"))
		k.hears(tag(ack, "7", ""), tag(changed, "7", `,"x":1`))
		k.ends()
	})
	t.Run("subscribed again", func(t *testing.T) {
		k := begin(t, replay.Options{}, session...)
		k.say(listen("7"), listen("9"), trigger("8"))
		k.hears(tag(ack, "7", ""), tag(ack, "9", ""), res("8", `{}`), tag(changed, "9", `,"x":1`))
		k.ends()
	})
	t.Run("cancelled when it had ended", func(t *testing.T) {
		late := note("notifications/cancelled", `{"requestId":"l"}`)
		k := begin(t, replay.Options{}, append(session[:7:7], "> "+late, "< "+note("notifications/message", `1`))...)
		k.say(listen(`"l"`), trigger("8"), late)
		k.hears(tag(ack, `"l"`, ""), res("8", `{}`), tag(changed, `"l"`, `,"x":1`), ended(`"l"`))
		k.say(late)
		k.hears(note("notifications/message", `1`))
		k.ends()
	})
	t.Run("ended by the server", func(t *testing.T) {
		k := begin(t, replay.Options{}, "> "+listen("1"), "< "+tag(ack, "1", ""), "> "+trigger("2"), "< "+res("2", `{}`), "< "+ended("1"),
			"< "+note("notifications/cancelled", `{"requestId":1}`))
		k.say(listen("7"), trigger("8"))
		k.hears(tag(ack, "7", ""), res("8", `{}`), ended("7"), note("notifications/cancelled", `{"requestId":7}`))
		k.ends()
	})
}
