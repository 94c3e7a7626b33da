package findings

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"wiretape/internal/printable"
)

// page is a report for people.
type page struct {
	*bufio.Writer
	colour bool
	width  int
}

func (p page) paint(how printable.Style, what string) string {
	if !p.colour {
		return what
	}
	return printable.Paint(how, what)
}

// severityStyle is the colour of a severity.
var severityStyle = map[Severity]printable.Style{Error: printable.Red, Warning: printable.Yellow, Note: printable.Cyan}

func (p page) set(s *Set) {
	for i := range s.Files {
		p.file(&s.Files[i])
	}
	colour := printable.Green
	switch s.Status() {
	case 1:
		colour = printable.Red
	case 2:
		colour = printable.Yellow
	}
	p.WriteString(p.paint(colour, s.tally().String()) + "\n")
}

// file prints a line, and below it, if there is anything, what was found.
func (p page) file(f *File) {
	state, colour := "same", printable.Green
	switch {
	case f.Problem != "":
		state, colour = "stopped", printable.Yellow
	case !f.Same():
		state, colour = "different", printable.Red
	}
	details := count(len(f.Calls), "call")
	if different := f.differentCalls(); different > 0 {
		details += ", " + number(different) + " different"
	}
	if f.Duration > 0 {
		details += ", " + seconds(f.Duration)
	}
	fmt.Fprintf(p, "%s  %s  %s\n", p.paint(colour, fmt.Sprintf("%-9s", state)), p.paint(printable.Bold, printable.Escape(f.Path)), p.paint(printable.Faint, details))
	groups := f.groups()
	if len(groups) == 0 && f.Problem == "" {
		return
	}
	p.legend(f)
	for i := range groups {
		p.call(f, &groups[i])
	}
	if f.Problem != "" {
		fmt.Fprintf(p, "\n  %s %s\n", p.paint(printable.Yellow, "not run to the end:"), printable.Escape(sentence(f.Problem)))
		p.stderr(f.Stderr)
	}
	p.WriteString("\n")
}

func (p page) stderr(text string) {
	if text == "" {
		return
	}
	p.WriteString("  " + p.paint(printable.Faint, "its last words on stderr:") + "\n")
	for line := range strings.Lines(escapeLines(text)) {
		p.WriteString("      " + line)
	}
}

// escapeLines escapes a text line by line, and ends the last one.
func escapeLines(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(printable.Escape(strings.TrimRight(line, "\r\n")) + "\n")
	}
	return out.String()
}

// legend says which side is which.
func (p page) legend(f *File) {
	other := "live"
	if f.Against != "" {
		other = f.Against
	}
	p.WriteString(p.paint(printable.Faint, printable.Cut("           - recorded, + "+other, p.width)) + "\n")
}

func (p page) call(f *File, c *Call) {
	where := f.where(c.Seq)
	title := printable.Cut(c.title(), p.width-len(where)-2)
	fmt.Fprintf(p, "\n  %s%s\n", p.paint(printable.Bold, title), p.paint(printable.Faint, where))
	for i := range c.Findings {
		found := &c.Findings[i]
		if i == 0 || !found.alike(&c.Findings[i-1]) {
			p.head(found, f.where(found.Seq))
		}
		p.finding(found)
	}
}

// where says where an event stands, if it is known.
func (f *File) where(seq int64) string {
	switch line := f.line(seq); {
	case line > 0:
		return fmt.Sprintf(", line %d", line)
	case seq > 0:
		return fmt.Sprintf(", event %d", seq)
	}
	return ""
}

func (p page) finding(f *Finding) {
	if f.Pointer != "" {
		fmt.Fprintf(p, "      %s\n", p.paint(printable.Cyan, printable.Cut(f.Pointer, p.width-6)))
	}
	for _, r := range f.rows(p.width - 8) {
		p.row(r)
	}
}

// alike reports whether f needs no head of its own below g: it says the same of
// another place.
func (f *Finding) alike(g *Finding) bool {
	return f.Pointer != "" && f.Rule == g.Rule && f.Seq == g.Seq && f.About == g.About && f.Message == g.Message &&
		f.Breaking == g.Breaking && f.severity() == g.severity()
}

func (p page) head(f *Finding, where string) {
	severity := f.severity()
	head := p.paint(severityStyle[severity], string(severity)+"["+printable.Escape(f.Rule)+"]")
	if f.About != "" {
		head += " " + p.paint(printable.Bold, printable.Cut(f.About, p.width/2))
	}
	breaks := ""
	if f.Breaking {
		breaks = " " + p.paint(printable.Red, "Callers break.")
	}
	fmt.Fprintf(p, "    %s%s: %s%s\n", head, p.paint(printable.Faint, where), printable.Escape(sentence(f.message())), breaks)
}

func (p page) row(r row) {
	switch r.sign {
	case recorded:
		p.side(r, printable.Red)
	case live:
		p.side(r, printable.Green)
	case both:
		p.WriteString(strings.TrimRight("        "+r.text, " ") + "\n")
	case remark:
		p.WriteString("        " + p.paint(printable.Faint, r.text) + "\n")
	}
}

// side prints what one side says. Where the other says much the same, what is
// not the same is marked.
func (p page) side(r row, colour printable.Style) {
	from, to := apart(r.text, r.twin)
	shared := len(r.text) - (to - from)
	if !p.colour || 3*shared < max(len(r.text), len(r.twin)) {
		p.WriteString("      " + p.paint(colour, string(r.sign)+" "+r.text) + "\n")
		return
	}
	before, middle, after := string(r.sign)+" "+r.text[:from], r.text[from:to], r.text[to:]
	p.WriteString("      " + p.paint(colour, before) + p.paint(printable.Reversed+";"+colour, middle) + p.paint(colour, after) + "\n")
}

// apart is the part of a that b does not have: what is between the beginning
// and the end that they share, in whole words.
func apart(a, b string) (from, to int) {
	from = commonPrefix(a, b)
	if isWord(a, from) || isWord(b, from) {
		for isWord(a, from-1) {
			from--
		}
	}
	shared := 0
	for shared < min(len(a), len(b))-from && a[len(a)-1-shared] == b[len(b)-1-shared] {
		shared++
	}
	for shared > 0 && continues(a, len(a)-shared) {
		shared--
	}
	if isWord(a, len(a)-shared-1) || isWord(b, len(b)-shared-1) {
		for isWord(a, len(a)-shared) {
			shared--
		}
	}
	return from, len(a) - shared
}

// isWord reports whether a letter or a digit stands at n.
func isWord(text string, n int) bool {
	if n < 0 || n >= len(text) {
		return false
	}
	c := text[n]
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

// seconds writes how long something took.
func seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }
