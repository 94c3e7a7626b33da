package proxy

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"wiretape/record"
)

// faults has a line do what texts say.
func faults(t *testing.T, texts ...string) func(*Proxy) {
	list := parsed(t, texts...)
	return func(p *Proxy) { p.Faults, p.Seed = list, 7 }
}

// faultily runs a test in a bubble of its own time, with the control tools and
// without. The test's host has an open session with a target.
func faultily(t *testing.T, fault string, test func(t *testing.T, r *rig, a *actor)) {
	t.Helper()
	for name, adapt := range map[string]func(*Proxy){
		"control":    func(*Proxy) {},
		"leave":      func(p *Proxy) { p.OnExit = Leave },
		"no control": func(p *Proxy) { p.NoControl = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, s := newStage(t, func(p *Proxy) {
					faults(t, fault)(p)
					adapt(p)
				})
				test(t, r, r.legacy(s, `{"tools":{}}`))
			})
		})
	}
}

const (
	callLine   = `{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"name":"a"}}`
	answerLine = `{"jsonrpc":"2.0","id":1.0,"result":{"content":[{"type":"text","text":"é"}]}}`
)

// wantEnd checks what was recorded after the session was opened, and before a
// request that ends the test.
func (r *rig) wantEnd(want ...string) *record.Recording {
	r.t.Helper()
	r.end()
	rec := r.load(1)
	got := tale(rec)
	got = got[3:slices.Index(got, "host>target x/only")]
	if !slices.Equal(got, want) {
		r.t.Errorf("recorded\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return rec
}

func TestAFaultIsAnError(t *testing.T) {
	faultily(t, "tools/call(a)#1:error=-32001", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		m, _ := r.answer("1.0")
		wantError(t, m, "-32001")
		wantPart(t, m.Error, `{"origin":"wiretape","reason":"fault"}`, "data")
		wantContains(t, m.Error, "a fault that wiretape injected: tools/call(a)#1:error=-32001")
		r.hearsOnly(a)
		rec := r.wantEnd("host>proxy tools/call a", "proxy>host = 1.0")
		if s := rec.Statistics; s.ToolsCalled != 0 || s.Unanswered != 0 {
			t.Errorf("a call that no target got was counted: %+v", s)
		}
	})
}

func TestAFaultHangs(t *testing.T) {
	faultily(t, "tools/call:hang", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		r.hearsOnly(a)
		r.wantEnd("host>proxy tools/call a")
	})
}

func TestAFaultDropsAnAnswer(t *testing.T) {
	faultily(t, "tools/call:drop", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		a.say(`{"jsonrpc":"2.0","method":"notifications/progress"}`, answerLine)
		r.hears(`{"jsonrpc":"2.0","method":"notifications/progress"}`)
		r.hearsOnly(a)
		rec := r.wantEnd("host>target tools/call a", "target>host notifications/progress", "target>proxy = 1.0")
		if s := rec.Statistics; s.ToolsCalled != 1 || s.Unanswered != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAFaultTruncatesAnAnswer(t *testing.T) {
	faultily(t, "tools/call:truncate", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		// All in one piece: what comes before and behind keeps its place.
		a.say(`{"jsonrpc":"2.0","method":"before"}`, answerLine, `{"jsonrpc":"2.0","method":"behind"}`)
		r.hears(`{"jsonrpc":"2.0","method":"before"}`, answerLine[:len(answerLine)/2], `{"jsonrpc":"2.0","method":"behind"}`)
		r.hearsOnly(a)
		rec := r.wantEnd("host>target tools/call a", "target>host before", "target>proxy = 1.0", "proxy>host ", "target>host behind")
		if got := string(record.Wire(rec.Events, record.Target, record.Proxy)); got != answerLine+"\n" {
			t.Errorf("what the target said is recorded as %s", got)
		}
		if got := string(record.Wire(rec.Events, record.Proxy, record.Host)); got != answerLine[:len(answerLine)/2]+"\n" {
			t.Errorf("what the host got is recorded as %s", got)
		}
	})
}

func TestAFaultIsGarbage(t *testing.T) {
	var heard []string
	faultily(t, "tools/call:garbage", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		a.say(answerLine)
		junk := r.next()
		if utf8.ValidString(junk) || json.Valid([]byte(junk)) {
			t.Errorf("the host heard %q", junk)
		}
		heard = append(heard, junk)
		r.hearsOnly(a)
		rec := r.wantEnd("host>target tools/call a", "target>proxy = 1.0", "proxy>host ")
		if got := string(record.Wire(rec.Events, record.Proxy, record.Host)); got != junk+"\n" {
			t.Errorf("recorded %q, heard %q", got, junk)
		}
	})
	if slices.Sort(heard); len(heard) != 3 || heard[0] != heard[2] {
		t.Errorf("the same seed gave %q", heard)
	}
}

func TestDelayedAnswersKeepTheirOrder(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			r, s := newStage(t, faults(t, "tools/call(a):delay=50ms", "tools/call(b):delay=49ms"))
			a := r.legacy(s, `{"tools":{}}`)
			var answers []string
			for _, id := range strings.Split("123456789", "") {
				call := strings.Replace(callLine, "1.0", id, 1)
				if id == "9" {
					call = strings.Replace(call, `"a"`, `"b"`, 1)
				}
				r.send(call)
				a.hears(call)
				answers = append(answers, strings.Replace(answerLine, "1.0", id, 1))
			}
			a.say(answers...)
			r.hears(append(answers[8:], answers[:8]...)...)
			r.end()
		})
	}
}

func TestAFaultDelaysAnAnswerAndNothingElse(t *testing.T) {
	faultily(t, "tools/call#1:delay=2s", func(t *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		time.Sleep(time.Second) // the target takes its time too
		began := time.Now()
		a.say(answerLine)
		synctest.Wait() // it is recorded
		r.hearsOnly(a)
		r.send(strings.Replace(callLine, "1.0", "2", 1))
		a.answer("tools/call", `{}`)
		r.answer("2")
		if took := time.Since(began); took >= time.Second {
			t.Errorf("the others waited for %v", took)
		}
		r.hears(answerLine)
		if took := time.Since(began); took < 2*time.Second || took >= 3*time.Second {
			t.Errorf("the answer came after %v", took)
		}
		r.end()
		rec := r.load(1)
		wantTale(t, rec, "host>target initialize", "target>host = 0", "host>target notifications/initialized",
			"host>target tools/call a", "target>proxy = 1.0", "host>target x/only", `target>host = "only"`,
			"host>target tools/call a", "target>host = 2", "proxy>host = 1.0", "exit", "end")
		for _, e := range rec.Events {
			if want := time.Second; e.From == record.Target && e.To == record.Proxy && (e.At < want || e.At >= 2*want) {
				t.Errorf("the target's answer is recorded at %v", e.At)
			}
		}
		if c := rec.Calls[1]; c.Tool != "a" || c.Latency < 3*time.Second || c.Latency >= 4*time.Second {
			t.Errorf("for the host the call took %v: %+v", c.Latency, c)
		}
	})
}

// An answer that comes in pieces is complete before anything goes wrong with it.
func TestALongAnswerIsSpoiledWhole(t *testing.T) {
	faultily(t, "tools/call:truncate", func(t *testing.T, r *rig, a *actor) {
		for _, answer := range []string{
			`{"jsonrpc":"2.0","id":1.0,"result":"` + strings.Repeat("x", 1<<20) + `"}`,
			`{"result":"` + strings.Repeat("x", 1<<20) + `","jsonrpc":"2.0","id":1.0}`,
		} {
			r.send(callLine)
			a.hears(callLine)
			for piece := range slices.Chunk([]byte(answer+"\n"), 10_000) {
				if _, err := a.out.Write(piece); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.next(); got != answer[:len(answer)/2] {
				t.Errorf("the host heard %d bytes, want %d", len(got), len(answer)/2)
			}
		}
		r.hearsOnly(a)
	})
}

func TestFaultsOfAnyMethod(t *testing.T) {
	faultily(t, "x/unknown#1+:drop", func(_ *testing.T, r *rig, a *actor) {
		for _, id := range []string{`null`, `"a\u0062"`, `{"a":1}`} {
			request := `{"method":"x/unknown","id":` + id + `}`
			r.send(request)
			a.hears(request)
			a.say(`{"error":{"code":-32601},"id":` + id + `}`)
		}
		r.hearsOnly(a)
	})
}

// MCP 2025-03-26: what stands in a batch is not chosen.
func TestBatchesHaveNoFaults(t *testing.T) {
	faultily(t, "tools/call:error", func(_ *testing.T, r *rig, a *actor) {
		r.send(`[` + callLine + `]`)
		a.hears(`[` + callLine + `]`)
		a.say(`[` + answerLine + `]`)
		r.hears(`[` + answerLine + `]`)
		r.hearsOnly(a)
	})
}

// What the target asks the host for has no faults, even with the same id.
func TestRequestsOfTheTargetHaveNoFaults(t *testing.T) {
	faultily(t, "tools/call:drop", func(_ *testing.T, r *rig, a *actor) {
		r.send(callLine)
		a.hears(callLine)
		asks := `{"jsonrpc":"2.0","id":1.0,"method":"tools/call"}`
		a.say(asks)
		r.hears(asks)
		r.send(answerLine)
		a.hears(answerLine)
		a.say(answerLine)
		r.hearsOnly(a)
	})
}

// The answer is spoiled as the host would have got it, with our tools in it.
func TestAToolListIsTruncated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := newStage(t, faults(t, "tools/list#1:truncate", "tools/list#2:delay=1m"))
		a := r.legacy(s, `{"tools":{}}`)
		whole := `{"jsonrpc":"2.0","id":1,"result":{"tools":[` + named("a") + `,` + ours("wiretape_") + `]}}`
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		a.answer("tools/list", `{"tools":[`+named("a")+`]}`)
		r.hears(whole[:len(whole)/2])
		r.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		a.answer("tools/list", `{"tools":[`+named("a")+`]}`)
		synctest.Wait() // it is recorded
		r.hearsOnly(a)
		time.Sleep(time.Minute)
		r.hears(whole)
		r.wantEnd("host>target tools/list", "target>proxy = 1", "proxy>host ", "host>target tools/list", "target>proxy = 1")
	})
}

func TestControlToolsHaveNoFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := newStage(t, faults(t, "tools/call#1:hang"))
		a := r.legacy(s, `{"tools":{}}`)
		m, _ := r.control("5", "wiretape_status")
		wantPart(t, structured(t, m), "true", "connected")
		r.send(callLine) // is the first one
		r.hearsOnly(a)
	})
}

func TestFaultsOnInitialize(t *testing.T) {
	for fault, want := range map[string]string{
		"initialize:error":    `{"jsonrpc":"2.0","id":0,"error":{"code":-32603,`,
		"initialize:truncate": `{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":`,
		"initialize:delay=5s": `{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":`,
		"initialize:drop":     "",
		"initialize:hang":     "",
		"initialize:garbage":  "\xff",
	} {
		synctest.Test(t, func(t *testing.T) {
			r, s := newStage(t, faults(t, fault))
			a := s.actor()
			r.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":` + initializeParams + `}`)
			if !strings.HasSuffix(fault, "error") && !strings.HasSuffix(fault, "hang") {
				a.answer("initialize", handshake(`{"tools":{}}`))
			}
			if want != "" {
				if got := r.next(); !strings.HasPrefix(got, want) {
					t.Errorf("%s: the host hears %q", fault, got)
				}
			}
			r.hearsOnly(a)
			if status := r.end(); status != 0 {
				t.Errorf("%s: exit status %d", fault, status)
			}
		})
	}
}

// Without faults nothing is read for meaning; what no fault chooses passes as
// it is, line or no line.
func TestWhatNoFaultChoosesIsUntouched(t *testing.T) {
	faultily(t, "tools/call:drop", func(t *testing.T, r *rig, a *actor) {
		for _, line := range []string{"", "Debug: hello\r", "\xff\xfe", `{"id":9,"result":{}}`, `{"method":"tools/call"}`, `[]`, ` {"id": 1, "method" :"x"} `} {
			r.send(line)
			a.hears(line)
			a.say(line)
			r.hears(line)
		}
		if _, err := io.WriteString(r.in, "no newline"); err != nil {
			t.Fatal(err)
		}
		r.end()
		a.hears("no newline")
		if got := record.Wire(r.load(1).Events, record.Host, record.Target); !bytes.HasSuffix(got, []byte("no newline")) {
			t.Errorf("recorded %q", got)
		}
	})
}
