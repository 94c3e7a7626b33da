package findings

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
)

// tally counts what is in a set. Its fields are part of the JSON format.
type tally struct {
	Files          int `json:"files"`
	Calls          int `json:"calls"`
	DifferentFiles int `json:"different_files"`
	DifferentCalls int `json:"different_calls"`
	Stopped        int `json:"stopped_files"`
	Findings       int `json:"findings"`
	Notes          int `json:"notes"`
	Breaking       int `json:"breaking"`
}

func (s *Set) tally() tally {
	var t tally
	for i := range s.Files {
		t.file(&s.Files[i])
	}
	return t
}

func (t *tally) file(f *File) {
	t.Files++
	t.Calls += len(f.Calls)
	if f.Problem != "" {
		t.Stopped++
	}
	if f.different() {
		t.DifferentFiles++
	}
	t.list(f.Findings)
	for i := range f.Calls {
		if !f.Calls[i].Same() {
			t.DifferentCalls++
		}
		t.list(f.Calls[i].Findings)
	}
}

func (t *tally) list(list []Finding) {
	t.Findings += len(list)
	for i := range list {
		if list[i].severity() == Note {
			t.Notes++
		}
		if list[i].Breaking {
			t.Breaking++
		}
	}
}

// String is the last line of a report.
func (t tally) String() string {
	var parts []string
	switch {
	case t.DifferentCalls > 0:
		parts = append(parts, number(t.DifferentCalls)+" different in "+count(t.DifferentFiles, "file"))
	case t.DifferentFiles > 0:
		parts = append(parts, count(t.DifferentFiles, "file")+" different")
	case t.Stopped == 0 && t.Files > 0:
		parts = append(parts, "all the same")
	}
	if t.Stopped > 0 {
		parts = append(parts, count(t.Stopped, "file")+" could not be run to the end")
	}
	if t.Breaking > 0 {
		parts = append(parts, "callers break in "+count(t.Breaking, "place"))
	}
	if t.Notes > 0 {
		parts = append(parts, count(t.Notes, "note"))
	}
	if len(parts) == 0 {
		return "no files were compared"
	}
	return count(t.Files, "file") + ", " + count(t.Calls, "call") + " compared: " + strings.Join(parts, ", ")
}

func number(n int) string { return humanize.Comma(int64(n)) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return number(n) + " " + what + "s"
}

// sentence ends text with a full stop, and begins it with a capital letter.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size > 0 && first != utf8.RuneError {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
