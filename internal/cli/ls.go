package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v2"

	"wiretape/internal/printable"
	"wiretape/record"
)

func lsCommand(c console) *cli.Command {
	return &cli.Command{
		Name:  "ls",
		Usage: "list the recordings, newest first",
		Description: `A recording that has no end is marked "unfinished": it is being written, or
what wrote it was killed. What it holds is not known without reading all of it.`,
		Flags: []cli.Flag{jsonFlag("one JSON object a line"), recordDirFlag()},
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() > 0 {
				return usageError{fmt.Errorf("ls takes no argument %q; for another folder, use --record-dir", ctx.Args().First()), "ls"}
			}
			return ls(ctx, c)
		},
	}
}

func jsonFlag(what string) cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "for programs: " + what, DisableDefaultText: true}
}

func ls(ctx *cli.Context, c console) error {
	dir, err := recordDir(ctx)
	if err != nil {
		return err
	}
	f, err := openFolder(dir)
	if err != nil {
		return err
	}
	s := newScreen(c.out)
	switch {
	case ctx.Bool("json"):
		err = lsJSON(s, f.recordings)
	case len(f.recordings) > 0:
		lsTable(s, f.recordings)
	case len(f.unreadable) == 0:
		c.say("no recordings yet in " + dir + "; make one with: wiretape demo")
	}
	if err := errors.Join(err, s.flush()); err != nil {
		return err
	}
	for _, problem := range f.unreadable {
		c.say("left out " + problem.Error())
	}
	return nil
}

func lsTable(s *screen, recordings []record.Info) {
	t := newTable(s)
	t.AppendHeader(heads(s, "ID", "LABEL", "STARTED", "TIME", "CALLS", "ERRORS", "SIZE", "TARGET"))
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: max(12, s.width/6), WidthMaxEnforcer: snip},
		{Number: 4, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 5, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 6, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 7, Align: text.AlignRight, AlignHeader: text.AlignRight},
	})
	for _, r := range recordings {
		duration, calls, errs := s.paint(printable.Yellow, "unfinished"), "", ""
		if r.End != nil {
			duration = elapsed(r.Duration)
			calls = fmt.Sprint(r.End.Statistics.ToolsCalled)
			errs = failures(s, r.End.Statistics.Errors)
		}
		t.AppendRow(table.Row{s.paint(printable.Cyan, printable.Escape(shortID(r))), s.paint(printable.Bold, printable.Escape(label(r.Header))), started(s, r.Header.Started),
			duration, calls, errs, size(r.Size), printable.Cut(commandLine(r.Header.Target), s.width)})
	}
	fmt.Fprintln(s, t.Render())
}

// failures paints a number of errors that is not 0.
func failures(s *screen, n int64) string {
	if n > 0 {
		return s.paint(printable.Red, fmt.Sprint(n))
	}
	return "0"
}

// started writes when a recording began: on a terminal as short as can be.
func started(s *screen, at time.Time) string {
	at = at.Local()
	now := time.Now()
	switch {
	case !s.tty:
		return at.Format(time.DateTime)
	case at.Format(time.DateOnly) == now.Format(time.DateOnly):
		return at.Format(time.TimeOnly)
	case at.Year() == now.Year():
		return at.Format("Jan _2 15:04")
	}
	return at.Format(time.DateOnly)
}

// newTable is a table without lines, whose rows end where the screen does.
func newTable(s *screen) table.Writer {
	t := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Box.UnfinishedRow = "…"
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	if s.tty {
		t.SetAllowedRowLength(s.width)
	}
	return t
}

func heads(s *screen, names ...string) table.Row {
	var row table.Row
	for _, name := range names {
		row = append(row, s.paint(printable.Faint, name))
	}
	return row
}

// snip cuts a cell, which may be painted.
func snip(cell string, width int) string { return text.Snip(cell, width, "…") }

// listed is a line of "ls --json".
type listed struct {
	Path       string             `json:"path"`
	ID         string             `json:"id"`
	Session    string             `json:"session"`
	Connection int                `json:"connection"`
	Label      string             `json:"label"`
	Started    time.Time          `json:"started"`
	Size       int64              `json:"size_bytes"`
	Target     record.Endpoint    `json:"target"`
	Complete   bool               `json:"complete"`
	Duration   float64            `json:"duration_seconds,omitempty"` // this and what follows only if complete
	Reason     string             `json:"end_reason,omitempty"`
	Statistics *record.Statistics `json:"statistics,omitempty"`
}

func lsJSON(s *screen, recordings []record.Info) error {
	for _, r := range recordings {
		line := listed{Path: r.Path, ID: r.Header.ID, Session: r.Header.Session, Connection: r.Header.Connection,
			Label: r.Header.Label, Started: r.Header.Started, Size: r.Size, Target: r.Header.Target}
		if r.End != nil {
			line.Complete, line.Duration = true, r.Duration.Seconds()
			line.Reason, line.Statistics = r.End.Reason, &r.End.Statistics
		}
		if err := printJSON(s, line); err != nil {
			return err
		}
	}
	return nil
}

// printJSON prints v as one line, in which <, > and & stand as they are.
func printJSON(s *screen, v any) error {
	var line strings.Builder
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := s.WriteString(line.String())
	return err
}
