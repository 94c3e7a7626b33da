package replay

import (
	"slices"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// miss says why a request cannot be answered: the whole recording was looked
// through, and the code is the one that a server would use.
func (s *Session) miss(r *reading) *failure {
	if f := s.refuse(r); f != nil {
		return f
	}
	near := s.nearest(r)
	f := &failure{code: codeReplay, reason: "no_match", seq: near.seq, differences: near.differences}
	switch {
	case near.seq == 0:
		f.code, f.reason = codeMethodNotFound, "method"
		f.message = r.title() + " was not recorded, nor any other " + r.Method
	case r.Method == "initialize":
		// MCP 2025-11-25, lifecycle: the error names what is supported.
		f.code, f.reason = codeInvalidParams, "params"
		f.message, f.supported = "initialize was recorded otherwise", s.negotiated(near.call)
	case near.other && s.unknown(r):
		f.code, f.reason = notFound(r), "unknown"
		f.message = r.title() + " was not recorded"
		f.differences = nil
		if len(near.names) > 0 {
			f.message += "; recorded are " + strings.Join(near.names, ", ")
		}
	case near.differs("/params/cursor"), near.differs("/params/taskId"):
		// MCP 2025-11-25, pagination: "Invalid cursors SHOULD result in an error
		// with code -32602"; tasks: the same for a task that is not known.
		f.code, f.reason = codeInvalidParams, "unknown"
		f.message = r.title() + " was not recorded with these params"
	case len(near.differences) == 0:
		f.reason = "exhausted"
		f.message = "all recorded answers to " + r.title() + " with these params were given"
	default:
		f.message = r.title() + " was not recorded with these params"
	}
	if near.torn {
		f.message += "; the recording is torn, and may have had it"
	}
	return f
}

// cutOff is for a call the answer to which is lost.
func (s *Session) cutOff(r *reading, c call) *failure {
	return &failure{
		code: codeReplay, reason: "torn", seq: s.index.messages[c.request].seq,
		message: "the recording is torn before the answer to " + r.title(),
	}
}

// notFound gives the code for a name that the server does not know.
//
// MCP 2025-11-25, resources: "Resource not found: -32002"; 2026-07-28: -32602.
func notFound(r *reading) int {
	if r.Method == "resources/read" && !r.modern {
		return codeResourceNotFound
	}
	return codeInvalidParams
}

// unknown reports whether the recorded server does not know what the request is
// about, as far as can be told: it was never asked for, nor listed.
func (s *Session) unknown(r *reading) bool {
	list, ok := map[string]string{"tools/call": "tools", "prompts/get": "prompts"}[r.Method]
	return r.name != "" && !(ok && s.index.server.listed[list+" "+r.name])
}

// near is the recorded call that comes nearest to a live one.
type near struct {
	call        int32
	seq         uint32 // 0 if none has the method
	differences []compare.Difference
	other       bool     // it is about something else
	names       []string // what the recorded calls are about, some of them
	torn        bool
}

// differs reports whether the two calls differ at a pointer.
func (b *near) differs(pointer string) bool {
	return slices.ContainsFunc(b.differences, func(d compare.Difference) bool { return d.Pointer == pointer })
}

// mostCompared bounds how many calls are looked at, and mostNames how many are
// named.
const (
	mostCompared = 100
	mostNames    = 8
)

// nearest compares a request with the recorded calls of its method. It prefers
// those that are about the same.
func (s *Session) nearest(r *reading) near {
	best := near{other: true, torn: s.index.torn()}
	method, topic := s.index.server.methods.number(r.Method), r.about()
	var others []int32
	compared := 0
	for n := range s.index.calls {
		c := &s.index.calls[n]
		switch {
		case n == 0 || c.method != method:
		case c.about != topic:
			if len(others) < mostCompared {
				others = append(others, int32(n))
			}
		case compared < mostCompared:
			compared++
			best.take(s, r, int32(n), false)
		}
	}
	if compared > 0 {
		return best
	}
	for _, n := range others {
		best.take(s, r, n, true)
	}
	return best
}

// take compares a request with one recorded call.
func (b *near) take(s *Session, r *reading, n int32, other bool) {
	request := s.index.calls[n].request
	line, err := s.load(request)
	if err != nil {
		return
	}
	then := s.index.rules.read(wire.Parse(line))
	if then.Method != r.Method {
		return // of those that have no number of their own
	}
	if name := then.name; other && name != "" && len(b.names) < mostNames && !slices.Contains(b.names, name) {
		b.names = append(b.names, name)
	}
	differences := s.unveiled(r.differences(&then))
	if b.seq != 0 && len(differences) >= len(b.differences) {
		return
	}
	b.call, b.seq, b.differences, b.other = n, s.index.messages[request].seq, differences, other
}

// differences compares the params of a recorded call with those of the request,
// as far as they count.
func (r *reading) differences(then *reading) []compare.Difference {
	in := &r.ignores[r.level]
	ignore := in.params
	if r.Method == "initialize" {
		ignore = in.open
	}
	found := compare.Differences(params(then.Params), params(r.Params), ignore, mostDifferences)
	if len(found) > 0 && found[0].Pointer == "" {
		found[0].Pointer = "/params"
		return found
	}
	inner := compare.Differences(params(then.arguments), params(r.arguments), in.arguments, mostDifferences)
	for i := range found {
		found[i].Pointer = "/params" + found[i].Pointer
	}
	for _, d := range inner {
		d.Pointer = "/params/arguments" + d.Pointer
		found = append(found, d)
	}
	return found[:min(len(found), mostDifferences)]
}

// params gives what absent params stand for.
func params(value []byte) []byte {
	if value == nil || string(value) == "null" {
		return []byte("{}")
	}
	return value
}

// recorded reads the request of a recorded call.
func (s *Session) recorded(n int32) reading {
	line, err := s.load(s.index.calls[n].request)
	if err != nil {
		return reading{rule: s.index.rules.of("", "")}
	}
	return s.index.rules.read(wire.Parse(line))
}
