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
//     through package printable or pretty: nothing in it can move the cursor, change
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
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"wiretape/internal/printable"
)

// say prints one sentence for the user. Errors that were joined stand on lines
// of their own.
func (c console) say(sentence string) {
	sentence = strings.ReplaceAll(strings.TrimSpace(sentence), "\n", "; ")
	fmt.Fprintf(c.err, "wiretape: %s\n", printable.Escape(sentence))
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

func (s *screen) paint(how printable.Style, what string) string {
	if !s.colour {
		return what
	}
	return printable.Paint(how, what)
}

// column cuts text to a width and fills it up.
func column(what string, width int) string {
	what = printable.Cut(what, width)
	return what + strings.Repeat(" ", max(0, width-text.StringWidthWithoutEscSequences(what)))
}
