package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/filter"
	"wiretape/internal/printable"
	"wiretape/record"
)

func showCommand(c console) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show a recording, or some of it, as a conversation",
		ArgsUsage: "FILE [WORD…]",
		Description: fileUsage + `

Each line is one message: the time since the start in seconds, who spoke to whom, the
tool or else the method, how long the answer took, and what was said.

  ──→   host to server       ←──   server to host
  ─→●   host to wiretape     ←─●   wiretape to host
  ●─→   wiretape to server   ●←─   server to wiretape
  ╌╌→   a notification       ✓ ✗   an answer that is a success, a failure

Lines of stderr, lines that are no message (junk), and how it all ended, are named.

With words, only what all of them fit is shown.
` + wordsUsage,
		Flags: []cli.Flag{
			jsonFlag("the recording's own lines"),
			&cli.BoolFlag{Name: "full", Usage: "show all of each message, indented", DisableDefaultText: true},
			recordDirFlag(),
		},
		BashComplete: completeRecordings(c),
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() == 0 {
				return usageError{errors.New("show needs a FILE: a path, a label, the beginning of an id, or latest"), "show"}
			}
			if ctx.Bool("json") && ctx.Bool("full") {
				return usageError{errors.New("--json and --full exclude each other"), "show"}
			}
			words, err := filter.Parse(ctx.Args().Tail())
			if err != nil {
				return usageError{err, "show"}
			}
			path, err := find(ctx, ctx.Args().First())
			if err != nil {
				return err
			}
			if ctx.NArg() == 1 {
				return show(newScreen(c.out), path, pick(ctx))
			}
			choice, err := choose(path, words, ctx.Args().Tail())
			if err != nil {
				return err
			}
			return show(newScreen(c.out), path, only(choice, pick(ctx)))
		},
	}
}

// wordsUsage is how messages of a recording can be chosen.
const wordsUsage = `A WORD is one of

  tool:NAME       calls of a tool             method:METHOD   requests and notifications
  from:PARTY      host, target (the server) or proxy (wiretape), as the one who asked
  is:KIND         error, unanswered, request, response, notification, batch, junk, stderr
  id:7  id:'"7"'  the message's id            TEXT            somewhere in the line

or one of these with a dash before it, for what it does not fit: show latest -tool:echo.
A TEXT with such a dash stands behind "--": show latest -- -hello. TEXT that has a colon,
or a dash of its own, is put in quotes: '"file:///tmp"', '"-32602"'.
In NAME and METHOD, * stands for anything. A request, its response, and the
notifications of its progress, cancellation or subscription go together: a word that fits
any of them fits all.`

// choose gives what a filter of these words chooses. To choose nothing is an
// error, as it is for grep.
func choose(path string, f *filter.Filter, words []string) (*filter.Choice, error) {
	choice, err := f.Choose(path)
	switch {
	case choice == nil:
		return nil, err
	case choice.Len() == 0:
		return nil, errors.Join(fmt.Errorf("nothing in %s fits %s", path, strings.Join(words, " ")), err)
	}
	return choice, nil // what is damaged is said when the rest was shown
}

// presenter shows a recording, event by event.
type presenter interface {
	begin(record.Header)
	show(record.Event)
	end()
}

func pick(ctx *cli.Context) func(*screen) presenter {
	return func(s *screen) presenter {
		if ctx.Bool("json") {
			return &asJSON{screen: s}
		}
		return &conversation{screen: s, full: ctx.Bool("full")}
	}
}

// partly presents what was chosen.
type partly struct {
	presenter
	choice *filter.Choice
}

func only(choice *filter.Choice, pick func(*screen) presenter) func(*screen) presenter {
	return func(s *screen) presenter { return partly{pick(s), choice} }
}

func (p partly) show(e record.Event) {
	if p.choice.Has(e.Seq) {
		p.presenter.show(e)
	}
}

// show reads a recording from start to end and never holds more of it than one
// event.
func show(s *screen, path string, pick func(*screen) presenter) (err error) {
	r, err := record.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.flush(), r.Close()) }()
	p := pick(s)
	p.begin(r.Header())
	for {
		event, err := r.Next()
		if errors.Is(err, io.EOF) {
			p.end()
			return nil
		}
		if err != nil {
			p.end()
			return fmt.Errorf("%s: %w", path, err)
		}
		p.show(event)
	}
}

// asJSON presents the lines as they stand in the recording.
type asJSON struct {
	*screen
	line []byte
}

func (p *asJSON) begin(h record.Header) { p.print(h.Append(p.line[:0])) }
func (p *asJSON) show(e record.Event)   { p.print(e.Append(p.line[:0])) }
func (p *asJSON) end()                  {}

func (p *asJSON) print(line []byte) {
	p.line = append(line, '\n')
	// An error stays in the screen and comes out of flush.
	_, _ = p.Write(p.line)
}

// title is the line above a recording.
func (s *screen) title(h record.Header) string {
	from := printable.Cut(h.Started.Local().Format(time.DateTime), s.width)
	return s.paint(printable.Bold, printable.Cut(label(h), s.width/3)) + s.paint(printable.Faint, "  "+from+"  ") +
		printable.Cut(commandLine(h.Target), s.width-s.width/3-len(from)-4)
}
