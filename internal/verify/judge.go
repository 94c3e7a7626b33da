package verify

import (
	"bytes"
	"fmt"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/wire"
)

// volatile is what servers say in results and nobody compares: who they are,
// how long it may be kept, when it was made, how a task is going.
var volatile = must(
	"/_meta/io.modelcontextprotocol~1serverInfo",
	"/_meta/io.modelcontextprotocol~1subscriptionId",
	"/ttlMs",
	"/createdAt", "/lastUpdatedAt", "/statusMessage", "/pollInterval", "/pollIntervalMs", "/ttl",
	"/task/createdAt", "/task/lastUpdatedAt", "/task/statusMessage", "/task/pollInterval", "/task/pollIntervalMs", "/task/ttl",
	"/tasks/*/createdAt", "/tasks/*/lastUpdatedAt", "/tasks/*/statusMessage", "/tasks/*/pollInterval", "/tasks/*/pollIntervalMs", "/tasks/*/ttl",
	"/resources/*/annotations/lastModified", "/resourceTemplates/*/annotations/lastModified", "/content/*/annotations/lastModified", "/content/*/resource/annotations/lastModified",
	"/messages/*/content/annotations/lastModified",
)

// judge compares what was heard with what was recorded.
func (p *play) judge() (calls []findings.Call, others []findings.Finding) {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	before, now := outputs{}, outputs{}
	for n := range p.script.calls {
		c := p.script.calls[n]
		if p.tries[n].sent.IsZero() {
			continue
		}
		call := findings.Call{Seq: c.seq, Method: c.method, Name: c.name}
		got := &p.live.calls[n]
		if got.answered() {
			call.Duration = got.at.Sub(p.tries[n].sent)
		}
		if c.method == "tools/list" {
			now.learn(got.Result)
			if c.answer != nil {
				before.learn(c.answer.Result)
			}
		}
		if got.notes.fell && !c.notes.fell {
			call.Findings = append(call.Findings, findings.Finding{Rule: findings.ProgressChanged, Message: "The progress does not rise."})
		}
		switch {
		case c.listens:
			call.Findings = append(call.Findings, p.subscription(c, got, got.answered(), p.tries[n].failed)...)
		case !p.tries[n].same:
			call.Findings = append(call.Findings, p.compare(c, got.Message, got.answered(), p.tries[n].failed)...)
		}
		call.Findings = append(call.Findings, p.ruled(c).misfit(c, got.Result, before, now)...)
		calls = append(calls, call)
	}
	return calls, slices.Concat(p.found, p.questions(), p.oddities(), p.slower())
}

// compare gives what differs in one call.
func (p *play) compare(c *call, got wire.Message, answered bool, trial error) (found []findings.Finding) {
	switch {
	case c.answer == nil && answered && !c.cancelled:
		return append(found, findings.Finding{Rule: findings.ExtraAnswer, Live: or(got.Result, got.Error)})
	case c.answer == nil || c.cancelled:
		return found
	case !answered || trial != nil:
		f := findings.Finding{Rule: findings.MissingAnswer, Recorded: or(c.answer.Result, c.answer.Error)}
		if trial != nil {
			f.Message = trial.Error()
		}
		return append(found, f)
	case (c.answer.Error == nil) != (got.Error == nil):
		return append(found, findings.Finding{
			Rule: findings.OutcomeChanged, Recorded: or(c.answer.Error, c.answer.Result), Live: or(got.Error, got.Result),
		})
	case got.Error != nil:
		return append(found, p.ruled(c).errors(c.answer.Error, got.Error)...)
	}
	return append(found, p.ruled(c).results(c, got.Result)...)
}

func or(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// errors compares two errors, their messages only if asked to.
func (p *play) errors(recorded, live []byte) (found []findings.Finding) {
	for _, d := range compare.Differences(recorded, live, p.ignore("error"), 0) {
		rule := findings.ErrorDataChanged
		switch d.Pointer {
		case "/code":
			rule = findings.ErrorCodeChanged
		case "/message":
			rule = findings.ErrorMessageChanged
		}
		if d.Pointer = "/error" + d.Pointer; (rule != findings.ErrorMessageChanged || p.Messages) && !p.expects(d) {
			found = append(found, findings.Finding{Rule: rule, Pointer: d.Pointer, Recorded: d.A, Live: d.B})
		}
	}
	return found
}

// results compares two results.
func (p *play) results(c *call, live []byte) []findings.Finding {
	recorded := c.answer.Result
	if bytes.Equal(recorded, live) {
		return nil // most are, and this is much cheaper than reading them
	}
	if entries, ok := listed[c.method]; ok {
		return p.lists(entries, recorded, live)
	}
	drop := taskIgnore(c, live)
	was, asked := inputsOf(recorded)
	is, asks := inputsOf(live)
	var found []findings.Finding
	if asked && asks {
		found, drop = p.inputs(was, is), slices.Concat(drop, must("/inputRequests"))
	}
	return append(found, p.differ(recorded, live, drop, func(d compare.Difference) string { return ruleOf(c, d) })...)
}

// differ gives how two results differ, apart from what does not count. A rule is
// found by a pointer from the result inwards.
func (p *play) differ(recorded, live []byte, drop compare.Pointers, rule func(compare.Difference) string) (found []findings.Finding) {
	ignore := p.ignore("result")
	ignore.Drop = slices.Concat(ignore.Drop, volatile, drop)
	for _, d := range compare.Differences(recorded, live, ignore, 0) {
		f := findings.Finding{Rule: rule(d), Pointer: "/result" + d.Pointer, Recorded: d.A, Live: d.B}
		if !unsaid(d) && !p.expects(compare.Difference{Pointer: f.Pointer, A: d.A, B: d.B}) {
			found = append(found, f)
		}
	}
	return found
}

// unsaid reports whether one result says what goes without saying in the other.
//
// MCP 2025-11-25, schema: without isError, "this is assumed to be false (the call
// was successful)".
func unsaid(d compare.Difference) bool {
	if d.A != nil && d.B != nil {
		return false
	}
	said := or(d.A, d.B)
	switch d.Pointer {
	case "/isError":
		return string(said) == "false"
	case "/_meta":
		return wire.Is(said, '{') && compare.Equal(said, []byte("{}"), compare.Ignore{Drop: volatile.Under("_meta")})
	}
	return false
}

// ruleOf names what a difference in a result is.
func ruleOf(c *call, d compare.Difference) string {
	opens := c.method == "initialize" || c.method == "server/discover"
	switch first, _ := cut(d.Pointer); {
	case c.method == "tools/call" && first == "isError":
		return findings.OutcomeChanged
	case opens && (first == "protocolVersion" || first == "supportedVersions"):
		return findings.VersionChanged
	case opens && first == "capabilities":
		return findings.CapabilityChanged
	case opens && first == "serverInfo":
		return findings.ServerInfoChanged
	case opens && first == "instructions":
		return findings.InstructionsChanged
	}
	return findings.ResultChanged
}

// ignore is what the user does not want compared of a member of an answer.
func (p *play) ignore(member string) compare.Ignore {
	var mask compare.Pointers
	for _, e := range p.Expect {
		if e.kind == "any" {
			mask = append(mask, e.Pointer)
		}
	}
	return compare.Ignore{Drop: p.Ignore.Under(member), Mask: mask.Under(member)}
}

// expects reports whether a difference is none: what the server minted, what was
// redacted, or what is of a kind that was expected, on both sides.
func (p *play) expects(d compare.Difference) bool {
	return p.unveiled.same(d.A, d.B) || p.minted.same(d) || slices.ContainsFunc(p.Expect, func(e Expectation) bool {
		return compare.Pointers{e.Pointer}.Match(d.Pointer) && e.fits(d.A) && e.fits(d.B)
	})
}

// questions compares what the server asked.
func (p *play) questions() (found []findings.Finding) {
	for i, q := range p.asked {
		if q != nil {
			found = append(found, p.question(p.script.asks[i], q.params)...)
		}
	}
	return found
}

// unasked tells that the server did not ask what it had asked.
func unasked(a ask) findings.Finding {
	return findings.Finding{
		Seq: a.seq, Rule: findings.ServerRequest, Recorded: a.params, Message: "The server did not ask the host for " + a.method + ".",
	}
}

// newlyAsked tells that the server asked what it had not asked.
func newlyAsked(method string, params []byte) findings.Finding {
	return findings.Finding{
		Rule: findings.ServerRequest, Live: params, Message: "The server asks the host for " + method + ", which was not recorded.",
	}
}

// question compares what the server asks with what was recorded.
func (p *play) question(a ask, params []byte) (found []findings.Finding) {
	for _, d := range p.inParams(a.params, params) {
		found = append(found, findings.Finding{
			Rule: findings.ServerRequest, Seq: a.seq, Pointer: d.Pointer, Recorded: d.A, Live: d.B,
			Message: fmt.Sprintf("The server asks for something else by %s.", a.method),
		})
	}
	return found
}

// inParams gives how the params of two messages of the server differ, apart from what
// does not count.
func (p *play) inParams(recorded, live []byte) (found []compare.Difference) {
	for _, d := range compare.Differences(recorded, live, askIgnore, 0) {
		d.Pointer = "/params" + d.Pointer
		if !p.expects(d) && !p.Ignore.Match(d.Pointer) {
			found = append(found, d)
		}
	}
	return found
}
