package imports

import (
	"fmt"
	"slices"

	"wiretape/record"
)

// lack is something that a file may not have, and that is counted.
type lack int

const (
	gap lack = iota
	cut
	hidden
	hiding
	batched
	noBody
	mangled
	escaped
	foreign
	later
	crowd
	streamed
	unasked
	renamed
	early
	orphan
	undated
	reckoned
	torn
	lackCount
)

// tally counts what a file does not have.
type tally [lackCount]int

// wordings has what is said of one, and of several. Where how many there are
// does not matter they are the same.
var wordings = [lackCount][2]string{
	gap:      {"1 line is missing: the numbers of the lines have a gap", "%d lines are missing: the numbers of the lines have gaps"},
	cut:      {"1 message was cut short by the tool, and is junk here", "%d messages were cut short by the tool, and are junk here"},
	hidden:   {"1 message is not what was said: the tool has redacted it", "%d messages are not what was said: the tool has redacted them"},
	hiding:   {"the tool has redacted what it took for secrets: messages may not be what was said"},
	batched:  {"1 message was said in a batch, and stands on a line of its own", "%d messages were said in batches, and stand on lines of their own"},
	noBody:   {"1 answer of HTTP has no message in it, and is left out", "%d answers of HTTP have no message in them, and are left out"},
	mangled:  {"1 line has U+FFFD in it, which may stand for bytes that were no UTF-8", "%d lines have U+FFFD in them, which may stand for bytes that were no UTF-8"},
	escaped:  {"1 message has <, > or & as an escape, which older versions of the tool have put there", "%d messages have <, > or & as escapes, which older versions of the tool have put there"},
	foreign:  {"1 entry of a kind that is not known is left out", "%d entries of kinds that are not known are left out"},
	later:    {"1 message was added to the file after the session, and stands at the end", "%d messages were added to the file after the session, and stand at the end"},
	crowd:    {"several connections of HTTP were recorded as one: if they are of several clients, these may use the same ids"},
	streamed: {"1 request has no answer: the tool keeps only what a stream said first, which was something else", "%d requests have no answer: the tool keeps only what a stream said first, which was something else"},
	unasked:  {"1 request is missing: the tool keeps no batches", "%d requests are missing: the tool keeps no batches"},
	renamed:  {"1 answer got the id of its request, as it has another one or none", "%d answers got the ids of their requests, as they have other ones or none"},
	early:    {"1 answer stood before its request, and was put behind it", "%d answers stood before their requests, and were put behind them"},
	orphan:   {"1 answer has no request in the file", "%d answers have no requests in the file"},
	undated:  {"when the connection began is not known: the time of the file stands for it"},
	reckoned: {"when the connection began is reckoned from when the file was written"},
	torn:     {"the last line is torn, and is left out"},
}

// sentences says what was counted.
func (t *tally) sentences() []string {
	var all []string
	for what, n := range t {
		words := wordings[what]
		switch {
		case n == 0:
		case n == 1 || words[1] == "":
			all = append(all, words[0])
		default:
			all = append(all, fmt.Sprintf(words[1], n))
		}
	}
	return all
}

// What is said of all files of a tool, as far as it makes sense.
const (
	noSpace  = "blank lines, line ends and white space in messages are not kept"
	rewrote  = "messages were decoded and written anew: escapes, the spelling of numbers and members that stood twice may not be what was said"
	noDigits = "whole numbers beyond 2^53, in ids too, would have lost digits"
	millis   = "times are whole milliseconds"
	noJunk   = "lines that are no message are not kept"
	noStderr = "what the server wrote to stderr is not kept"
	noExit   = "how the server ended is not kept"
)

// unreached says what is not known of how the server was reached. Over HTTP
// there is no stderr and no end of a process that anyone could have kept.
func unreached(e record.Endpoint, never []string) []string {
	all := slices.Clone(never)
	if e.Transport == "http" {
		all = slices.DeleteFunc(all, func(s string) bool { return s == noStderr || s == noExit })
		all = append(all, "status codes and headers of HTTP are left out")
	}
	switch {
	case e.Transport == "":
		all = append(all, "how the server was reached is not known")
	case e.Transport == "http" && e.URL == "":
		all = append(all, "the URL of the server is not known")
	case e.Transport != "http" && len(e.Command) == 0:
		all = append(all, "the command of the server is not known")
	}
	return all
}
