package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/jedib0t/go-pretty/v6/text"

	"wiretape/internal/wire"
	"wiretape/record"
)

// conversation presents a recording to a person: one line a message.
type conversation struct {
	*screen
	full bool
	open map[asked]question // requests that were not answered yet
}

// asked tells an open request from others: host, server and wiretape itself
// count their ids each for themselves.
type asked struct {
	by record.Party
	id string
}

// question is what an answer is shown with.
type question struct {
	to           record.Party
	what, method string
	at           time.Duration
}

// row is one line of a conversation.
type row struct {
	at      time.Duration
	arrow   string
	what    string // the tool, else the method
	style   style  // of what
	answer  bool
	failed  bool   // it is an answer that says so
	latency string // of an answer
	gist    string
}

func (c *conversation) begin(h record.Header) {
	c.open = make(map[asked]question)
	fmt.Fprintln(c, c.title(h))
}

// end names the requests that nobody answered. What wiretape was asked, it
// answers when the recording may be closed: to disconnect is such a request.
func (c *conversation) end() {
	whats := make(map[string]int)
	for _, q := range c.open {
		if q.to != record.Proxy {
			whats[q.what]++
		}
	}
	if len(whats) == 0 {
		return
	}
	var names []string
	for _, what := range slices.Sorted(maps.Keys(whats)) {
		name := what
		if n := whats[what]; n > 1 {
			name = fmt.Sprintf("%s (%d)", what, n)
		}
		names = append(names, name)
	}
	fmt.Fprintln(c, c.paint(yellow, "never answered: "+cut(strings.Join(names, ", "), c.width-len("never answered: "))))
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
	body, _ := wire.Cut(e.Line)
	switch {
	case e.Line == nil:
		r.what, r.style, r.gist = e.Name, bold, happened(e)
	case e.Stderr:
		r.what, r.style, r.gist = "stderr", yellow, string(body)
	case m.Kind == wire.Request:
		c.ask(&r, e, m)
	case m.Kind == wire.Response:
		c.answer(&r, e, m)
	case m.Kind == wire.Notification:
		r.what, r.gist = strings.TrimPrefix(m.Method, "notifications/"), asks(m.Method, m.Params)
	case m.Kind == wire.Batch:
		r.what, r.gist = "batch", raw(body)
	default:
		r.what, r.style, r.gist = "junk", yellow, string(body[:min(len(body), longEnough)])
		if len(body) == 0 {
			r.gist = "(a blank line)"
		}
	}
	return r
}

func (c *conversation) ask(r *row, e record.Event, m wire.Message) {
	r.what, r.style, r.gist = m.Method, bold, asks(m.Method, m.Params)
	if tool, ok := wire.Text(wire.Get(m.Params, "name")); ok && m.Method == "tools/call" {
		r.what = tool
	}
	c.open[asked{e.From, string(m.ID)}] = question{e.To, r.what, m.Method, e.At}
}

func (c *conversation) answer(r *row, e record.Event, m wire.Message) {
	key := asked{e.To, string(m.ID)}
	q, known := c.open[key]
	delete(c.open, key)
	r.answer = true
	r.gist, r.failed = answers(q.method, m)
	r.what, r.latency = q.what, latency(e.At-q.at)
	if !known {
		r.what, r.latency = "answer to "+raw(m.ID), ""
	}
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
		mark, style = c.paint(red, "✗"), red
	case r.answer:
		mark = c.paint(green, "✓")
	}
	// Time, arrow, mark and latency, with the spaces between all six.
	const others = 8 + 3 + 1 + 6 + 8
	gist := ""
	if r.gist != "" {
		gist = "  " + cut(r.gist, c.width-others-what)
	}
	line := c.paint(faint, fmt.Sprintf("%8.3f", r.at.Seconds())) + "  " + c.paint(arrowStyle(r.arrow), r.arrow) + "  " +
		c.paint(style, column(r.what, what)) + " " + mark + " " + c.paint(faint, text.AlignRight.Apply(r.latency, 6)) + gist
	fmt.Fprintln(c, strings.TrimRight(line, " "))
}

func arrowStyle(arrow string) style {
	switch {
	case strings.Contains(arrow, "●"):
		return violet
	case strings.Contains(arrow, "→"):
		return cyan
	case strings.Contains(arrow, "←"):
		return blue
	case strings.Contains(arrow, "■"):
		return ""
	}
	return yellow
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
		fmt.Fprintln(c, margin+c.paint(faint, escape(strings.TrimSuffix(line, "\n"))))
	}
}
