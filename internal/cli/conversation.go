package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/jedib0t/go-pretty/v6/text"

	"wiretape/internal/printable"
	"wiretape/internal/wire"
	"wiretape/record"
)

// conversation presents a recording to a person: one line a message.
type conversation struct {
	*screen
	full    bool
	pairing record.Pairing
	open    map[string]int // how many calls of each tool or method were not answered yet
}

// row is one line of a conversation.
type row struct {
	at      time.Duration
	arrow   string
	what    string          // the tool, else the method
	style   printable.Style // of what
	answer  bool
	failed  bool   // it is an answer that says so
	latency string // of an answer
	gist    string
}

func (c *conversation) begin(h record.Header) {
	c.open = make(map[string]int)
	fmt.Fprintln(c, c.title(h))
}

// end names the requests that nobody answered.
func (c *conversation) end() {
	if len(c.open) == 0 {
		return
	}
	var names []string
	for _, what := range slices.Sorted(maps.Keys(c.open)) {
		name := what
		if n := c.open[what]; n > 1 {
			name = fmt.Sprintf("%s (%d)", what, n)
		}
		names = append(names, name)
	}
	fmt.Fprintln(c, c.paint(printable.Yellow, "never answered: "+printable.Cut(strings.Join(names, ", "), c.width-len("never answered: "))))
}

func (c *conversation) show(e record.Event) {
	m := wire.Parse(e.Line)
	c.print(c.row(e, m))
	if c.full && e.Line != nil {
		c.payload(e, m)
	}
}

func (c *conversation) row(e record.Event, m wire.Message) row {
	r := row{at: e.At, arrow: arrow(e, m.Kind)}
	call := c.call(&e)
	body, _ := wire.Cut(e.Line)
	switch {
	case e.Line == nil:
		r.what, r.style, r.gist = e.Name, printable.Bold, happened(e)
	case e.Stderr:
		r.what, r.style, r.gist = "stderr", printable.Yellow, string(body)
	case m.Kind == wire.Request:
		r.what, r.style, r.gist = called(call), printable.Bold, asks(m.Method, m.Params)
	case m.Kind == wire.Response:
		r.answer = true
		r.gist, r.failed = answers(call.Method, m)
		r.what, r.latency = called(call), latency(call.Latency)
		if call.Request == 0 {
			r.what, r.latency = "answer to "+raw(m.ID), ""
		}
	case m.Kind == wire.Notification:
		r.what, r.gist = strings.TrimPrefix(m.Method, "notifications/"), asks(m.Method, m.Params)
	case m.Kind == wire.Batch:
		r.what, r.gist = "batch", raw(body)
	default:
		r.what, r.style, r.gist = "junk", printable.Yellow, string(body[:min(len(body), longEnough)])
		if len(body) == 0 {
			r.gist = "(a blank line)"
		}
	}
	return r
}

// call gives the call that an event asks or answers, and counts the open ones.
// What wiretape was asked, it answers when the recording may be closed: to
// disconnect is such a request.
func (c *conversation) call(e *record.Event) (last record.Call) {
	asked, answered := c.pairing.See(e)
	for _, last = range asked {
		if last.To != record.Proxy {
			c.open[called(last)]++
		}
	}
	for _, last = range answered {
		if last.Request == 0 || last.To == record.Proxy {
			continue
		}
		if c.open[called(last)]--; c.open[called(last)] == 0 {
			delete(c.open, called(last))
		}
	}
	return last
}

// called is what a call is named by: the tool, else the method.
func called(call record.Call) string {
	if call.Tool != "" {
		return call.Tool
	}
	return call.Method
}

// happened is the gist of an event.
func happened(e record.Event) string {
	switch {
	case e.Exit != nil && e.Exit.Signal != "":
		return "the server was killed by " + e.Exit.Signal
	case e.Exit != nil:
		return fmt.Sprintf("the server ended with status %d", e.Exit.Code)
	case e.End != nil:
		sum := e.End.Statistics
		return e.End.Reason + ": " + count(sum.Messages.HostToTarget+sum.Messages.TargetToHost, "message", "messages") +
			", " + count(sum.Errors, "error", "errors")
	}
	return string(e.Extra)
}

// way is who spoke, and to whom.
type way struct{ from, to record.Party }

// arrow draws who spoke to whom, the host on the left, the server on the right
// and wiretape a dot.
func arrow(e record.Event, kind wire.Kind) string {
	if e.Line == nil {
		return " ■ "
	}
	if e.Stderr {
		return "  ╎"
	}
	drawn := " ? "
	switch (way{e.From, e.To}) {
	case way{record.Host, record.Target}:
		drawn = "──→"
	case way{record.Target, record.Host}:
		drawn = "←──"
	case way{record.Host, record.Proxy}:
		drawn = "─→●"
	case way{record.Proxy, record.Host}:
		drawn = "←─●"
	case way{record.Proxy, record.Target}:
		drawn = "●─→"
	case way{record.Target, record.Proxy}:
		drawn = "●←─"
	}
	if kind == wire.Notification {
		return strings.ReplaceAll(drawn, "─", "╌")
	}
	return drawn
}

// print prints a row in columns: time, arrow, what, answer, gist.
func (c *conversation) print(r row) {
	what := min(max(20, c.width/5), 32)
	mark, style := " ", r.style
	switch {
	case r.failed:
		mark, style = c.paint(printable.Red, "✗"), printable.Red
	case r.answer:
		mark = c.paint(printable.Green, "✓")
	}
	// Time, arrow, mark and latency, with the spaces between all six.
	const others = 8 + 3 + 1 + 6 + 8
	gist := ""
	if r.gist != "" {
		gist = "  " + printable.Cut(r.gist, c.width-others-what)
	}
	line := c.paint(printable.Faint, fmt.Sprintf("%8.3f", r.at.Seconds())) + "  " + c.paint(arrowStyle(r.arrow), r.arrow) + "  " +
		c.paint(style, column(r.what, what)) + " " + mark + " " + c.paint(printable.Faint, text.AlignRight.Apply(r.latency, 6)) + gist
	fmt.Fprintln(c, strings.TrimRight(line, " "))
}

func arrowStyle(arrow string) printable.Style {
	switch {
	case strings.Contains(arrow, "●"):
		return printable.Violet
	case strings.Contains(arrow, "→"):
		return printable.Cyan
	case strings.Contains(arrow, "←"):
		return printable.Blue
	case strings.Contains(arrow, "■"):
		return ""
	}
	return printable.Yellow
}

// payload prints all of a line below its row. JSON is indented; in it, too,
// nothing may reach the terminal that does more than show.
func (c *conversation) payload(e record.Event, m wire.Message) {
	body, _ := wire.Cut(e.Line)
	if m.Kind != wire.Junk {
		value := jsontext.Value(slices.Clone(body))
		// It was parsed before, so that it cannot fail.
		if value.Indent(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.WithIndent("  ")) == nil {
			body = value
		}
	}
	const margin = "            "
	for line := range strings.Lines(string(body)) {
		fmt.Fprintln(c, margin+c.paint(printable.Faint, printable.Escape(strings.TrimSuffix(line, "\n"))))
	}
}
