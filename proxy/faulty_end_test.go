package proxy

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wiretape/internal/wire"
)

const cancelLine = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1.0}}`

// A target never hears that a request was cancelled which it did not get.
func TestAHungRequestIsCancelled(t *testing.T) {
	faultily(t, "tools/call:hang", func(_ *testing.T, r *rig, a *actor) {
		r.send(callLine)
		r.send(cancelLine)
		r.hearsOnly(a)
		r.wantEnd("host>proxy tools/call a", "host>proxy notifications/cancelled")
	})
}

// What was to go wrong with an answer does, even if nobody waits for it any more.
func TestADroppedRequestIsCancelled(t *testing.T) {
	faultily(t, "tools/call:drop", func(_ *testing.T, r *rig, a *actor) {
		for range 2 {
			r.send(callLine)
			a.hears(callLine)
			r.send(cancelLine)
			a.hears(cancelLine)
			a.say(answerLine)
			r.hearsOnly(a)
		}
		r.send(callLine)
		a.hears(callLine)
		a.say(answerLine)
		r.hearsOnly(a)
		r.send(cancelLine)
		a.hears(cancelLine)
		r.hearsOnly(a)
	})
}

// Whatever keeps the host waiting, it is answered when the target goes, but for
// what was cancelled, and only once.
func TestWhatFaultsLeaveOpenIsAnsweredAtTheEnd(t *testing.T) {
	for _, fault := range []string{"hang", "drop", "truncate", "garbage"} {
		synctest.Test(t, func(t *testing.T) {
			r, s := newStage(t, faults(t, "*(a):"+fault, "tools/list:"+fault))
			a := r.legacy(s, `{"tools":{}}`)
			for _, line := range []string{callLine, cancelLine, strings.Replace(callLine, "1.0", "2", 1), `{"jsonrpc":"2.0","id":3,"method":"tools/list"}`} {
				r.send(line)
				if fault != "hang" {
					a.hears(line)
				}
			}
			if fault != "hang" {
				a.say(answerLine, `{"jsonrpc":"2.0","id":2,"result":{}}`)
			}
			_, before := r.control("9", "wiretape_disconnect")
			var closed []string
			for _, line := range before {
				if strings.Contains(line, "The server is disconnected.") {
					closed = append(closed, string(wire.Parse([]byte(line)).ID))
				}
			}
			if slices.Sort(closed); !slices.Equal(closed, []string{"2", "3"}) {
				t.Errorf("%s: the host was told %q", fault, before)
			}
			r.send(controlLine("4", "wiretape_connect"))
			b := s.actor()
			b.answer("initialize", handshake(`{"tools":{}}`))
			b.expect("notifications/initialized")
			if _, before = r.answer("4"); len(before) > 0 {
				t.Errorf("%s: after the connect the host was told %s", fault, before)
			}
			r.hearsOnly(b)
		})
	}
}

// An answer that waits for its time is not lost when the target ends by itself,
// and does not wait any longer.
func TestADelayedAnswerIsHeardWhenTheTargetEnds(t *testing.T) {
	faultily(t, "tools/call:delay=1h", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		began := time.Now()
		a.say(answerLine)
		if _, err := io.WriteString(a.out, "its last words"); err != nil {
			t.Fatal(err)
		}
		a.bye <- Exit{Code: 3}
		r.hears("its last words", answerLine)
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if status := r.end(); status != 3 {
			t.Errorf("exit status %d", status)
		}
		wantTale(t, r.load(1), "host>target initialize", "target>host = 0", "host>target notifications/initialized",
			"host>target tools/call a", "target>proxy = 1.0", "target>host ", "proxy>host = 1.0", "exit", "end")
	})
}

// Nor does it keep the line alive when the host goes.
func TestADelayedAnswerDoesNotOutliveTheHost(t *testing.T) {
	faultily(t, "tools/call:delay=1h", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		a.say(answerLine)
		r.hearsOnly(a)
		began := time.Now()
		if status := r.end(); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the line ended after %v", took)
		}
		r.hears(answerLine) // it may still be listening
	})
}

func TestADelayedAnswerIsHeardBeforeADisconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := newStage(t, faults(t, "tools/call:delay=1h"))
		a := r.legacy(s, `{"tools":{}}`)
		r.send(callLine)
		a.hears(callLine)
		a.say(answerLine)
		r.hearsOnly(a)
		if _, before := r.control("2", "wiretape_disconnect"); len(before) != 1 || before[0] != answerLine {
			t.Errorf("the host was told %s", before)
		}
	})
}

// What follows is what follows when a target ends by itself, but it is not
// blamed on the target.
func TestAFaultEndsTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := newStage(t, faults(t, "tools/call(a)#1:exit"))
		a := r.legacy(s, `{"tools":{}}`)
		r.send(`{"jsonrpc":"2.0","id":"open","method":"x"}`)
		a.expect("x")
		r.send(callLine)
		a.hearsNoMore()
		r.answer(`"open"`)
		m, _ := r.answer("1.0")
		wantContains(t, m.Result, `"isError":true`, "ended by a fault that wiretape injected, tools/call(a)#1:exit (exit status 0)", "Call wiretape_connect")
		if warning := <-r.warnings; warning != "the fault tools/call(a)#1:exit ended the server (exit status 0); call wiretape_connect to start it again" {
			t.Errorf("the user is told: %s", warning)
		}
		r.send(controlLine("2", "wiretape_connect"))
		b := s.actor()
		b.answer("initialize", handshake(`{"tools":{}}`))
		b.expect("notifications/initialized")
		r.answer("2")
		// That was the first one; the next target lives.
		r.send(callLine)
		b.hears(callLine)
		b.say(answerLine)
		r.hears(answerLine)
		r.end()
		rec := r.load(1)
		wantTale(t, rec, "host>target initialize", "target>host = 0", "host>target notifications/initialized",
			"host>target x", "host>proxy tools/call a", `proxy>host = "open"`, "proxy>host = 1.0", "exit", "end")
		if rec.End.Reason != "exit" {
			t.Errorf("it ended with %s", rec.End.Reason)
		}
	})
}

// A process is killed, as by a crash: its exit status is the line's where one
// that crashed would end the line.
func TestAFaultKillsAProcess(t *testing.T) {
	endpoint := &Command{Args: []string{os.Args[0], "echo"}, Env: append(os.Environ(), "LINE_TEST_ACT_AS=server")}
	for name, adapt := range map[string]func(*Proxy){
		"no control":        func(p *Proxy) { p.NoControl = true },
		"leave":             func(p *Proxy) { p.OnExit = Leave },
		"before a session":  func(p *Proxy) { p.Faults[0].Method = "initialize" },
		"in a kept session": func(*Proxy) {},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, endpoint, func(p *Proxy) {
				faults(t, "tools/call:exit")(p)
				adapt(p)
			})
			if r.send(`{"id":0,"method":"initialize","params":{}}`); name != "before a session" {
				r.answer("0")
				r.send(callLine)
			}
			if name == "in a kept session" {
				m, _ := r.answer("1.0")
				wantContains(t, m.Result, `"isError":true`)
				r.control("2", "wiretape_connect")
				if m := r.ask("ping", `{}`); m.Result == nil {
					t.Error("the next target does not answer")
				}
				if status := r.end(); status != 0 {
					t.Errorf("exit status %d", status)
				}
				return
			}
			var status int
			select {
			case status = <-r.status:
			case <-time.After(patience):
				t.Fatal("the line does not end")
			}
			events := r.load(1).Events
			// Windows knows no signals.
			if e := events[len(events)-2].Exit; status == 0 || e == nil || (e.Signal != "" && (status != 137 || e.Signal != "SIGKILL")) {
				t.Errorf("exit status %d, recorded %+v", status, e)
			}
		})
	}
}

// A subscription that a fault refuses or hides is none: no other target gets it.
func TestFaultsOnASubscription(t *testing.T) {
	for _, fault := range []string{"error", "hang", "exit"} {
		synctest.Test(t, func(t *testing.T) {
			r, s := newStage(t, faults(t, methodListen+":"+fault))
			a := r.modern(s, `{"tools":{"listChanged":true}}`)
			r.send(modernLine("1", methodListen, `"notifications":{"toolsListChanged":true},`))
			if fault == "hang" {
				r.hearsOnly(a)
				r.send(controlLine("2", "wiretape_disconnect"))
			}
			m, before := r.answer("1")
			if wantError(t, m, "-32603"); len(before) > 0 {
				t.Errorf("%s: the host is told %s", fault, before)
			}
			r.send(modernLine("3", "tools/call", `"name":"wiretape_connect",`))
			b := s.actor()
			b.answer(methodDiscover, discovery(`{"tools":{"listChanged":true}}`))
			m, _ = r.answer("3")
			wantPart(t, structured(t, m), "true", "success")
			r.hearsOnly(b)
		})
	}
}

// What is passed on later is a line, even if the target did not end it.
func TestADelayedAnswerWithoutAnEndGetsOne(t *testing.T) {
	faultily(t, "tools/call:delay=1s", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		if _, err := io.WriteString(a.out, answerLine); err != nil {
			t.Fatal(err)
		}
		a.bye <- Exit{}
		if got := <-r.lines; got != answerLine+"\n" {
			t.Errorf("the host hears %q", got)
		}
		r.end()
	})
}
