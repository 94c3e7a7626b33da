package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Report tells what came of a session.
type Report struct {
	Recording  string         `json:"recording"` // its file
	ID         string         `json:"id"`        // of the recording
	Asked      int            `json:"asked"`     // requests of the live host
	Matched    map[string]int `json:"matched"`   // of these, by what they were matched: "exact", "params", "method", or "repeated" for an answer that was given again
	Failed     int            `json:"failed"`    // what went wrong: misses, and what StrictAnswers does not allow
	Missed     []Miss         `json:"missed"`    // the first thousand of these
	Mismatched []Mismatch     `json:"mismatched"`
	Unused     []Unused       `json:"unused"` // calls that were recorded, but not asked for: the first thousand
	UnusedSum  int            `json:"unused_sum"`
	Exit       *int           `json:"exit,omitempty"` // the exit status of the recorded server, if it ended by itself and the replay came to that
}

// Miss is a call that was answered with an error of the replay's.
type Miss struct {
	Method      string       `json:"method"`
	Name        string       `json:"name,omitempty"`    // of the tool or prompt, or the URI of the resource
	Reason      string       `json:"reason"`            // "no_match", "exhausted", "unknown", "method", "params", "era", "version", "capability", "answer", "torn", "junk"
	Message     string       `json:"message"`           // for people
	Nearest     uint32       `json:"nearest,omitempty"` // the event of the recorded call that comes nearest
	Differences []Difference `json:"differences,omitempty"`
}

// Mismatch is a request of the recorded server that the live host answered other
// than it was recorded.
type Mismatch struct {
	Seq         uint32       `json:"seq"` // the event of the server's request
	Differences []Difference `json:"differences"`
}

// Unused is a recorded call that the live host did not make.
type Unused struct {
	Seq    uint32 `json:"seq"` // the event of the request
	Method string `json:"method"`
	Name   string `json:"name,omitempty"` // of the tool or prompt, or the URI of the resource
}

// mostListed bounds the lists of a report.
const mostListed = 1000

func (r *Report) begin(rec *Recording) {
	r.Recording, r.ID = rec.path, rec.Header().ID
	r.Matched = make(map[string]int)
	r.Missed, r.Mismatched, r.Unused = []Miss{}, []Mismatch{}, []Unused{}
}

func (r *Report) missed(call *reading, f *failure) {
	r.Failed++
	if len(r.Missed) < mostListed {
		r.Missed = append(r.Missed, Miss{call.Method, call.name, f.reason, f.String(), f.seq, f.list()})
	}
}

func (r *Report) mismatched(f *failure) {
	if len(r.Mismatched) < mostListed {
		r.Mismatched = append(r.Mismatched, Mismatch{f.seq, f.list()})
	}
}

// mostTold is how many calls Err names.
const mostTold = 5

// Err says in a sentence what went wrong, and names the calls; nil if nothing
// did. Missed and Mismatched tell more.
func (r *Report) Err() error {
	if r.Failed == 0 {
		return nil
	}
	if len(r.Missed) == 0 {
		return fmt.Errorf("%s from what was recorded", count(r.Failed, "answer of the host differs", "answers of the host differ"))
	}
	var names []string
	for _, m := range r.Missed[:min(len(r.Missed), mostTold)] {
		names = append(names, cmp.Or(strings.TrimSpace(m.Method+" "+m.Name), "a line that is no message"))
	}
	if r.Failed > mostTold {
		names = append(names, "…")
	}
	return fmt.Errorf("%s not answered from the recording: %s", count(r.Failed, "call was", "calls were"), strings.Join(names, ", "))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Report tells what came of the session so far. To know what was not asked for
// it reads the recording to its end.
func (s *Session) Report() Report {
	s.enter()
	defer s.leave()
	r := s.report
	r.Matched = maps.Clone(r.Matched)
	r.Missed, r.Mismatched = slices.Clip(r.Missed), slices.Clip(r.Mismatched)
	r.Unused, r.UnusedSum = s.unused(s.turns.used)
	return r
}

// Failed tells how many calls could not be answered from the recording so far.
func (s *Session) Failed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report.Failed
}
