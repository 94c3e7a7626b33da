// Package findings is what a comparison of recordings found, and how it is
// printed.
//
// A comparison fills in a Set: one File for each recording, in it one Call for
// each recorded call that was compared, the same ones too, and in that its
// Findings.
//
//	set := &findings.Set{Program: "wiretape", Files: files}
//	err := findings.Write(os.Stdout, "text", set, findings.Options{})
//	…
//	os.Exit(set.Status())
//
// The format "json" is one document on one line. Its fields keep their names
// and their meaning; others may be added. Those marked with ? can be absent.
//
//	program, version?, started?   who compared, when
//	status                        0 same, 1 different, 2 not run to the end
//	files[]
//	  path, against?              the recording, and what it was compared with
//	  calls, different            calls compared, and how many of them differ
//	  seconds                     how long it took
//	  problem?                    why it was not run to its end
//	  stderr?                     the last that the server wrote there before
//	  findings[]
//	    seq?, line?               the recorded event, and where it stands in the file
//	    method?, name?            of the call; neither for what belongs to no call
//	    rule, severity, breaking  severity is error, warning or note
//	    about?                    the tool, prompt or resource of a list
//	    pointer?                  a JSON pointer into the recorded message; what was
//	                              added to a list is where it stands in the live one
//	    message                   a sentence
//	    recorded?, live?          the values, as they stand in the messages
//	    recorded_raw?, live_raw?  the same as a string, if one is no JSON in UTF-8
//	                              or is nested deeper than 1,000 levels
//	summary
//	  files, calls, different_files, different_calls, stopped_files
//	  findings, notes, breaking   notes count among the findings
//
// Whatever bytes the values are, what is written holds no control characters,
// and is valid in its format.
package findings

import "time"

// Set is one comparison.
type Set struct {
	Program string // "wiretape"
	Version string // of the program, or ""
	Started time.Time
	Files   []File // in the order they are printed in
}

// File is what was found in one recording.
type File struct {
	Path     string // of the recording, as the user gave it
	Against  string // what it was compared with, such as a command line; "" if that needs no saying
	Plain    bool   // a file of lines: event n stands in line n+1
	Duration time.Duration
	Calls    []Call    // that were compared, whatever came of it, as recorded
	Findings []Finding // what belongs to no call
	Problem  string    // why it was not run to its end, a sentence; "" if it was
	Stderr   string    // then: the last that the server wrote to its standard error, lines
}

// Call is what was found in one recorded call.
type Call struct {
	Seq      int64  // of the request in the recording; 0 if it is not in there
	Method   string // "tools/call"
	Name     string // of what was called, such as the tool; "" for a method that has no names
	Duration time.Duration
	Findings []Finding // none: it is the same
}

// Finding is one difference.
type Finding struct {
	Rule     string   // one of the ids in Rules
	Severity Severity // "" for the rule's own, which is Error if it is Breaking
	Breaking bool     // callers of the server break
	About    string   // the tool, prompt or resource of a list; "" if it is about all of the message
	Seq      int64    // of the recorded event, if it is not the call's request; else 0
	Pointer  string   // a JSON pointer into the recorded message, of what was added to a list into the live one; "" is the whole
	Recorded []byte   // the values there, usually raw JSON; nil if there is none
	Live     []byte
	Message  string // a sentence without the values; "" for the rule's own
}

// Same reports whether the call is the same but for notes.
func (c *Call) Same() bool { return same(c.Findings) }

// Same reports whether the file was run to its end and is the same, but for notes.
func (f *File) Same() bool { return f.Problem == "" && !f.different() }

// different reports whether there is more in a file than notes.
func (f *File) different() bool {
	return f.differentCalls() > 0 || !same(f.Findings)
}

// IsNote reports whether a finding is worth telling, and no difference.
func (f *Finding) IsNote() bool { return f.severity() == Note }

func same(list []Finding) bool {
	for i := range list {
		if !list[i].IsNote() {
			return false
		}
	}
	return true
}

// Status is the exit status: 0 if everything is the same but for notes, 1 if
// something is not, 2 if a file was not run to its end, or if there is none.
func (s *Set) Status() int {
	status := 0
	if len(s.Files) == 0 {
		status = 2
	}
	for i := range s.Files {
		switch f := &s.Files[i]; {
		case f.Problem != "":
			status = 2
		case f.different():
			status = max(status, 1)
		}
	}
	return status
}

// line is where event seq stands in the file, 0 if it cannot be said.
func (f *File) line(seq int64) int64 {
	if !f.Plain || seq <= 0 {
		return 0
	}
	return seq + 1
}

// groups gives all findings of a file, call by call. What belongs to no call
// comes last, as a call that has neither a method nor a Seq.
func (f *File) groups() []Call {
	var groups []Call
	for _, c := range f.Calls {
		if len(c.Findings) > 0 {
			groups = append(groups, c)
		}
	}
	if len(f.Findings) > 0 {
		groups = append(groups, Call{Findings: f.Findings})
	}
	return groups
}

// title is what a call is called.
func (c *Call) title() string {
	switch {
	case c.Method == "":
		return "outside of calls"
	case c.Name == "":
		return c.Method
	}
	return c.Method + " " + c.Name
}

// seq is the recorded event that a finding in call c is about.
func (f *Finding) seq(c *Call) int64 {
	if f.Seq != 0 {
		return f.Seq
	}
	return c.Seq
}

func (f *Finding) severity() Severity {
	switch {
	case f.Severity != "":
		return f.Severity
	case f.Breaking:
		return Error
	}
	return ruleOf(f.Rule).Severity
}

func (f *Finding) message() string {
	if f.Message != "" {
		return f.Message
	}
	return ruleOf(f.Rule).Text
}

func (f *File) differentCalls() int {
	different := 0
	for i := range f.Calls {
		if !f.Calls[i].Same() {
			different++
		}
	}
	return different
}
