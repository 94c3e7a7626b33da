package proxy

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Fault is something that goes wrong on purpose with requests of the host. Of
// several faults that choose a request, the first one in [Proxy.Faults] applies.
//
// Only requests that would go to the target are chosen: not the calls of control
// tools, nor what is answered in the target's name, nor the elements of a batch.
// An answer that the target gives within a batch passes as it is.
//
// A recording tells what was done: a request that the target never got went to
// the proxy, an answer that the host did not get as it was, and when it was, came
// to the proxy, and what the host got in its place came from the proxy.
type Fault struct {
	Method string // of the requests; "tools/*" for all that begin with "tools/", "*" or empty for all
	Name   string // that params give: of a tool or a prompt; empty for any

	Nth     int  // which of the requests with this method and name, from 1; 0 for each of them
	Onwards bool // the nth and all after it

	// Probability is how likely each of them is chosen, up to 1; 0 stands for
	// 1. See [Proxy.Seed].
	Probability float64

	Act   Act           // what is done
	Delay time.Duration // for ActDelay
	Code  int           // for ActError
}

// Act is what a [Fault] does to a request, or to its answer.
type Act int

const (
	// ActDelay passes the answer on that much later, and holds up nothing
	// else. When the target ends before, the answer is passed on then.
	ActDelay Act = iota
	// ActError answers the request with an error. The target does not get it.
	ActError
	// ActDrop keeps the answer from the host.
	ActDrop
	// ActTruncate passes on the first half of the answer, as a line.
	ActTruncate
	// ActGarbage passes on a line of junk, with bytes that are no UTF-8, in
	// place of the answer.
	ActGarbage
	// ActHang keeps the request from the target, and does not answer it.
	ActHang
	// ActExit keeps the request from the target, and ends the target as a
	// crash would: one with a method Kill(), such as a [Command], at once (by
	// SIGKILL, so its exit status is 137), any other by Stop. What follows is
	// what follows when a target ends by itself.
	ActExit
)

var acts = []string{"delay", "error", "drop", "truncate", "garbage", "hang", "exit"}

// String gives the name that [ParseFault] knows the act by.
func (a Act) String() string { return acts[a] }

// codeInternal is JSON-RPC's "Internal error".
const codeInternal = -32603

// ParseFault reads a fault as it stands on a command line:
//
//	METHOD[(NAME)][#N[+]][@PROBABILITY]:ACT
//
// METHOD is that of a request, and may end in a "*" that stands for any end. NAME
// is that of a tool or a prompt. #3 is the third request that METHOD and NAME
// choose, #3+ that one and all after it. PROBABILITY is a number up to 1, or a
// percentage up to 100%. ACT is delay=DURATION, error=CODE (or error, for -32603),
// drop, truncate, garbage, hang or exit.
//
//	tools/call:delay=2s           each call of a tool is answered 2 s late
//	tools/call(echo)#3:error      the third call of echo fails
//	resources/*@10%:drop          one answer in ten is lost
//	tools/call#5+:hang            from the fifth call on there is no answer
func ParseFault(text string) (Fault, error) {
	f, wrong := parseFault(text)
	if wrong != "" {
		return Fault{}, fmt.Errorf("fault %q: %s; it is METHOD[(NAME)][#N[+]][@PROBABILITY]:ACT, as in tools/call(echo)#2@50%%:delay=2s, "+
			"where ACT is delay=2s, error=-32603, drop, truncate, garbage, hang or exit", text, wrong)
	}
	return f, nil
}

// parseFault tells what is wrong with text, "" if nothing is.
func parseFault(text string) (f Fault, wrong string) {
	end := strings.IndexAny(text, "(#@:")
	if end < 0 {
		end = len(text)
	}
	f.Method, text = text[:end], text[end:]
	if stars := strings.Count(f.Method, "*"); f.Method == "" || strings.ContainsFunc(f.Method, unicode.IsSpace) ||
		stars > 1 || (stars == 1 && !strings.HasSuffix(f.Method, "*")) {
		return f, fmt.Sprintf("%q is no method, nor the beginning of one with a * behind it", f.Method)
	}
	if strings.HasPrefix(f.Method, "notifications/") {
		return f, "a notification is no request, and faults are for those"
	}
	if strings.HasPrefix(text, "(") {
		// A name may hold whatever it likes, but nothing behind it has a bracket.
		end := strings.LastIndexByte(text, ')')
		if end <= 1 {
			return f, "there is no (NAME)"
		}
		f.Name, text = text[1:end], text[end+1:]
	}
	which, act, found := strings.Cut(text, ":")
	if !found {
		return f, "there is no :ACT"
	}
	which, chance, likely := strings.Cut(which, "@")
	if likely && !f.parseProbability(chance) {
		return f, fmt.Sprintf("%q is no probability, which is more than 0 and at most 1", chance)
	}
	if which != "" && !f.parseNth(which) {
		return f, fmt.Sprintf("%q does not say which request, as #2 and #2+ do", which)
	}
	return f, f.parseAct(act)
}

func (f *Fault) parseNth(text string) bool {
	text, numbered := strings.CutPrefix(text, "#")
	text, f.Onwards = strings.CutSuffix(text, "+")
	n, err := strconv.ParseUint(text, 10, 31)
	f.Nth = int(n)
	return numbered && err == nil && n > 0
}

func (f *Fault) parseProbability(text string) bool {
	text, percent := strings.CutSuffix(text, "%")
	p, err := strconv.ParseFloat(text, 64)
	if percent {
		p /= 100
	}
	f.Probability = p
	return err == nil && p > 0 && p <= 1
}

func (f *Fault) parseAct(text string) (wrong string) {
	name, value, given := strings.Cut(text, "=")
	act := -1
	for i, known := range acts {
		if name == known {
			act = i
		}
	}
	var err error
	switch f.Act = Act(act); {
	case act < 0:
		return fmt.Sprintf("there is no ACT %q", name)
	case f.Act == ActDelay:
		if f.Delay, err = time.ParseDuration(value); err != nil || f.Delay <= 0 {
			return fmt.Sprintf("%q is no time to be late, as 150ms and 2s are", value)
		}
	case f.Act == ActError && given:
		if f.Code, err = strconv.Atoi(value); err != nil || f.Code < math.MinInt32 || f.Code > math.MaxInt32 {
			return fmt.Sprintf("%q is no error code", value)
		}
	case f.Act == ActError:
		f.Code = codeInternal
	case given:
		return name + " takes no value"
	}
	return ""
}

// String gives the fault as [ParseFault] reads it.
func (f Fault) String() string {
	s := f.Method
	if s == "" {
		s = "*"
	}
	if f.Name != "" {
		s += "(" + f.Name + ")"
	}
	if f.Nth > 0 {
		s += "#" + strconv.Itoa(f.Nth)
		if f.Onwards {
			s += "+"
		}
	}
	if f.Probability > 0 {
		s += "@" + strconv.FormatFloat(f.Probability, 'f', -1, 64)
	}
	s += ":" + f.Act.String()
	switch f.Act {
	case ActDelay:
		s += "=" + f.Delay.String()
	case ActError:
		s += "=" + strconv.Itoa(f.Code)
	}
	return s
}
