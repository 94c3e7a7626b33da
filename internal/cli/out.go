package cli

// The rules of output.
//
//   - stdout belongs to the command's result, and under "run" to the protocol.
//     Help goes there only if it was asked for.
//   - A command that fails leaves stdout empty, says one sentence that begins
//     with "wiretape: " on stderr, and ends with status 2 if the command line
//     is wrong, else 1. A damaged recording is the exception: what can be read
//     of it is shown before.
//   - What a recording holds was said by strangers. It reaches a terminal only
//     through escape, cut or pretty: nothing in it can move the cursor, change
//     colours, or reverse the text.
//   - Colour is used on a terminal only, and not if NO_COLOR is set.
//   - Output fits the terminal's width. Away from a terminal lines are cut
//     where it helps reading, never where it hurts a program: that is what
//     --json is for.

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// say prints one sentence for the user. Errors that were joined stand on lines
// of their own.
func (c console) say(sentence string) {
	sentence = strings.ReplaceAll(strings.TrimSpace(sentence), "\n", "; ")
	fmt.Fprintf(c.err, "wiretape: %s\n", escape(sentence))
}

// screen is a console's stdout, with what it is able to show. It is buffered:
// flush ends it.
type screen struct {
	*bufio.Writer
	width  int // of the terminal; fileWidth if it is none
	tty    bool
	colour bool
}

// fileWidth is how wide lines are that are not printed on a terminal.
const fileWidth = 120

func newScreen(out io.Writer) *screen {
	s := &screen{Writer: bufio.NewWriterSize(out, 64<<10), width: fileWidth}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return s
	}
	s.tty = true
	s.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	// Narrower than this nothing fits, and some terminals say 0.
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width >= 40 {
		s.width = width
	}
	return s
}

// flush sends what was printed on its way. An error in printing is given here.
func (s *screen) flush() error {
	if err := s.Flush(); err != nil {
		return fmt.Errorf("writing to stdout: %w", err)
	}
	return nil
}

// style is how text is painted.
type style string

const (
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	blue   style = "34"
	violet style = "35"
	cyan   style = "36"
)

func (s *screen) paint(how style, what string) string {
	if !s.colour || how == "" || what == "" {
		return what
	}
	return "\x1b[" + string(how) + "m" + what + "\x1b[0m"
}

// escape writes what no terminal should see as Go would write it: control
// characters, text direction, bytes that are not UTF-8.
func escape(what string) string { return cut(what, 0) }

// cut escapes text, and ends it with "…" where it would be wider than width
// columns. A width of 0 is none.
func cut(what string, width int) string {
	if isPlain(what) && (width == 0 || len(what) <= width) {
		return what
	}
	var b strings.Builder
	used, fits := 0, 0 // columns used; bytes that leave room for "…"
	for len(what) > 0 {
		r, size := utf8.DecodeRuneInString(what)
		piece := what[:size]
		columns := text.RuneWidth(r)
		if r == utf8.RuneError && size == 1 || !strconv.IsGraphic(r) {
			piece = escaped(piece, r)
			columns = len(piece)
		}
		if width > 0 && used+columns > width {
			return b.String()[:fits] + "…"
		}
		b.WriteString(piece)
		used += columns
		if used < width {
			fits = b.Len()
		}
		what = what[size:]
	}
	return b.String()
}

// isPlain reports whether every byte is one column and harmless.
func isPlain(what string) bool {
	for i := range len(what) {
		if what[i] < ' ' || what[i] > '~' {
			return false
		}
	}
	return true
}

func escaped(piece string, r rune) string {
	if r == utf8.RuneError {
		return fmt.Sprintf(`\x%02x`, piece[0])
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}

// column cuts text to a width and fills it up.
func column(what string, width int) string {
	what = cut(what, width)
	return what + strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(what)))
}
