package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v2"

	"wiretape/internal/printable"
	"wiretape/record"
)

func statsCommand(c console) *cli.Command {
	return &cli.Command{
		Name:      "stats",
		Usage:     "show what was called how often, and how long it took",
		ArgsUsage: "FILE…",
		Description: fileUsage + `

Times are from request to answer, in milliseconds. An error is an answer that is a
JSON-RPC error, or a tool's result that says isError.`,
		Flags:        []cli.Flag{jsonFlag("one JSON object a line for each FILE"), recordDirFlag()},
		BashComplete: completeRecordings(c),
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() == 0 {
				return usageError{errors.New("stats needs a FILE: a path, a label, the beginning of an id, or latest"), "stats"}
			}
			return stats(ctx, newScreen(c.out))
		},
	}
}

// stats prints nothing unless it can read all files, damaged ones included.
func stats(ctx *cli.Context, s *screen) error {
	var all []counted
	var damage error
	for _, name := range ctx.Args().Slice() {
		path, err := find(ctx, name)
		if err != nil {
			return err
		}
		one, err := tally(path)
		if damaged := (*record.DamageError)(nil); errors.As(err, &damaged) {
			damage = errors.Join(damage, err)
		} else if err != nil {
			return err
		}
		all = append(all, one)
	}
	var err error
	for i, one := range all {
		if ctx.Bool("json") {
			err = errors.Join(err, printJSON(s, one))
			continue
		}
		if i > 0 {
			fmt.Fprintln(s)
		}
		s.statistics(one)
	}
	return errors.Join(err, damage, s.flush())
}

// counted is what is counted of one recording, and a line of "stats --json".
type counted struct {
	Path       string            `json:"path"`
	ID         string            `json:"id"`
	Label      string            `json:"label"`
	Started    time.Time         `json:"started"`
	Target     record.Endpoint   `json:"target"`
	Complete   bool              `json:"complete"`
	Duration   float64           `json:"duration_seconds"`
	Statistics record.Statistics `json:"statistics"`

	header record.Header
}

// tally takes the statistics from the end of a recording, or counts if it has
// no end.
func tally(path string) (counted, error) {
	info, err := record.Stat(path)
	if err != nil {
		return counted{}, err
	}
	h := info.Header
	one := counted{Path: path, ID: h.ID, Label: h.Label, Started: h.Started, Target: h.Target, header: h}
	if info.End != nil {
		one.Complete, one.Duration, one.Statistics = true, info.Duration.Seconds(), info.End.Statistics
		return one, nil
	}
	r, err := record.Open(path)
	if err != nil {
		return counted{}, err
	}
	statistics, last, err := record.Count(r)
	one.Statistics, one.Duration = statistics, last.Seconds()
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return one, errors.Join(err, r.Close())
}

func (s *screen) statistics(one counted) {
	fmt.Fprintln(s, s.title(one.header))
	s.summary(one)
	s.tallies("METHOD", one.Statistics.Methods)
	s.tallies("TOOL", one.Statistics.Tools)
	s.tallies("ASKED BY THE SERVER", one.Statistics.ServerRequests)
}

// summary prints the totals, in three lines.
func (s *screen) summary(one counted) {
	sum := one.Statistics
	took := elapsed(time.Duration(one.Duration * float64(time.Second)))
	if !one.Complete {
		took += s.paint(printable.Yellow, " (unfinished)")
	}
	fmt.Fprintf(s, "%s, %s, %s\n", took, count(sum.ToolsCalled, "tool call", "tool calls"),
		s.alarm(sum.Errors, count(sum.Errors, "error", "errors")))
	fmt.Fprintf(s, "%s %s, %s   %s %s, %s\n",
		s.paint(printable.Cyan, "──→"), count(sum.Messages.HostToTarget, "message", "messages"), size(sum.Bytes.HostToTarget),
		s.paint(printable.Blue, "←──"), count(sum.Messages.TargetToHost, "message", "messages"), size(sum.Bytes.TargetToHost))
	fmt.Fprintf(s, "%s, %s of junk, %s of stderr\n", s.alarm(sum.Unanswered, count(sum.Unanswered, "request", "requests")+" without an answer"),
		s.alarm(sum.JunkLines, count(sum.JunkLines, "line", "lines")), count(sum.StderrLines, "line", "lines"))
}

// alarm paints text about a number that had better be 0.
func (s *screen) alarm(n int64, what string) string {
	if n == 0 {
		return what
	}
	return s.paint(printable.Red, what)
}

func (s *screen) tallies(head string, tallies map[string]record.Tally) {
	if len(tallies) == 0 {
		return
	}
	t := newTable(s)
	t.AppendHeader(heads(s, head, "CALLS", "ERRORS", "P50 ms", "P95 ms", "P99 ms", "MAX ms"))
	columns := []table.ColumnConfig{{Number: 1, WidthMin: 24, WidthMax: max(24, s.width-52), WidthMaxEnforcer: snip}}
	for n := 2; n <= 7; n++ {
		columns = append(columns, table.ColumnConfig{Number: n, WidthMin: 6, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	names := slices.SortedFunc(maps.Keys(tallies), func(a, b string) int {
		return cmp.Or(cmp.Compare(tallies[b].Calls, tallies[a].Calls), cmp.Compare(a, b))
	})
	ms := func(n float64) string { return fmt.Sprintf("%.2f", n) }
	for _, name := range names {
		n := tallies[name]
		t.AppendRow(table.Row{s.paint(printable.Bold, printable.Escape(name)), n.Calls, failures(s, n.Errors), ms(n.P50), ms(n.P95), ms(n.P99), ms(n.Max)})
	}
	fmt.Fprintf(s, "\n%s\n", t.Render())
}
