package findings

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"wiretape/internal/printable"
)

// The format "github" is the workflow commands of GitHub Actions, one a line,
// and the summary as a last line of its own. GitHub shows ten errors and ten
// warnings of a step; so the findings stand in the order of the recordings, and
// all of them in the log.

// mostBrief is how wide a value may be in a message.
const mostBrief = 160

func writeGitHub(w *bufio.Writer, s *Set) {
	for i := range s.Files {
		file := &s.Files[i]
		for _, c := range file.groups() {
			for k := range c.Findings {
				annotate(w, file, &c, &c.Findings[k])
			}
		}
		if file.Problem != "" {
			fmt.Fprintf(w, "::error file=%s,title=%s::%s\n", property(filepath.ToSlash(file.Path)),
				property("not run to the end"), data(printable.Escape(sentence(file.Problem))))
		}
	}
	fmt.Fprintf(w, "%s\n", s.tally())
}

func annotate(w *bufio.Writer, file *File, c *Call, f *Finding) {
	command := string(f.severity())
	if f.severity() == Note {
		command = "notice"
	}
	at := "file=" + property(filepath.ToSlash(file.Path))
	if line := file.line(f.seq(c)); line > 0 {
		at += fmt.Sprintf(",line=%d", line)
	}
	title := f.Rule + ": " + c.title()
	fmt.Fprintf(w, "::%s %s,title=%s::%s\n", command, at, property(printable.Cut(title, mostBrief)), data(f.brief()))
}

// brief tells a finding in a few lines, escaped.
func (f *Finding) brief() string {
	text := printable.Escape(sentence(f.message()))
	if f.About != "" {
		text = printable.Cut(f.About, mostBrief) + ": " + text
	}
	if f.Breaking {
		text += " Callers break."
	}
	if f.Pointer != "" {
		text += "\nat " + printable.Cut(f.Pointer, mostBrief)
	}
	for _, r := range f.sides() {
		text += fmt.Sprintf("\n%c %s", r.sign, r.text)
	}
	return text
}

// sides shows the values on a line each.
func (f *Finding) sides() []row {
	switch {
	case f.Recorded != nil && f.Live != nil:
		return inline(f.Recorded, f.Live, mostBrief)
	case f.Recorded != nil:
		return []row{{sign: recorded, text: printable.Cut(spell(f.Recorded), mostBrief)}}
	case f.Live != nil:
		return []row{{sign: live, text: printable.Cut(spell(f.Live), mostBrief)}}
	}
	return nil
}

// data escapes what stands after the "::" of a workflow command.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// property escapes the value of a property of a workflow command.
func property(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(printable.Escape(text))
}
