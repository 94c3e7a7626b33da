package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v2"

	"wiretape/internal/printable"
	"wiretape/internal/retention"
)

const pruneHelp = `Deletes the recordings whose connection started longer ago than --older-than, then
the oldest ones until all together take at most --keep-bytes. "wiretape run --keep"
has a line do that by itself.

What is being written is never deleted. A recording that has no end was cut off, or
is being written: it is deleted once nothing was added to it for a day, and the system
says that no program has it open for writing. Linux and Windows can say so for files
on disks of their own. On other systems, and in network folders, what has no end
stays, unless you know better: --torn.

Files that cannot be read as recordings, and links, stay as well.`

func pruneCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "prune",
		Usage:       "delete old recordings",
		Description: pruneHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "older-than", Usage: "delete what started longer ago than `AGE`: 30d, 12h, 2w, 90m"},
			&cli.StringFlag{Name: "keep-bytes", Usage: "delete the oldest until all take at most `SIZE`: 2GB, 500MB, 1GiB"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would be deleted", DisableDefaultText: true},
			&cli.BoolFlag{Name: "torn", Usage: "delete what has no end also where it cannot be known whether it is being written; only while no wiretape runs", DisableDefaultText: true},
			recordDirFlag(),
		},
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() > 0 {
				return usageError{fmt.Errorf("prune takes no argument %q; for another folder, use --record-dir", ctx.Args().First()), "prune"}
			}
			return prune(ctx, c)
		},
	}
}

func prune(ctx *cli.Context, c console) error {
	limits, err := pruneLimits(ctx)
	if err != nil {
		return usageError{err, "prune"}
	}
	dir, err := recordDir(ctx)
	if err != nil {
		return err
	}
	f, err := openFolder(dir)
	if err != nil {
		return err
	}
	sweep := retention.Sweep{Limits: limits, DryRun: ctx.Bool("dry-run"), Torn: ctx.Bool("torn")}
	p := pruned{Result: sweep.Run(f.recordings), dry: sweep.DryRun, words: map[retention.Reason]string{
		retention.TooOld:  "older than " + ctx.String("older-than"),
		retention.TooMuch: "over " + ctx.String("keep-bytes"),
	}}
	s := newScreen(c.out)
	p.print(s)
	if err := errors.Join(s.flush(), failed(p.Failed)); err != nil {
		return err
	}
	p.remark(c)
	for _, problem := range f.unreadable {
		// Another wiretape may prune the same folder.
		if !errors.Is(problem, fs.ErrNotExist) {
			c.say("left alone " + problem.Error())
		}
	}
	return nil
}

// pruneLimits are those of the command line: at least one.
func pruneLimits(ctx *cli.Context) (l retention.Limits, err error) {
	age, bytes := ctx.IsSet("older-than"), ctx.IsSet("keep-bytes")
	if !age && !bytes {
		return l, errors.New("prune needs a limit: --older-than 30d, --keep-bytes 2GB, or both")
	}
	if age {
		if l.Age, err = retention.ParseAge(ctx.String("older-than")); err != nil {
			return l, fmt.Errorf("--older-than: %w", err)
		}
	}
	if bytes {
		if l.Bytes, err = retention.ParseBytes(ctx.String("keep-bytes")); err != nil {
			return l, fmt.Errorf("--keep-bytes: %w", err)
		}
	}
	return l, nil
}

// failed says as one what could not be deleted. What has been deleted by then
// is told all the same, as it is gone: stdout need not be empty.
func failed(errs []error) error {
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return fmt.Errorf("%d recordings could not be deleted: %w, and so on", len(errs), errs[0])
}

// pruned is what came of pruning, as it is told.
type pruned struct {
	retention.Result
	dry   bool
	words map[retention.Reason]string
}

// print lists what was deleted, if anything was.
func (p pruned) print(s *screen) {
	if len(p.Deleted) == 0 {
		return
	}
	t := newTable(s)
	t.AppendHeader(heads(s, "ID", "LABEL", "STARTED", "SIZE", "WHY"))
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, WidthMax: max(12, s.width/4), WidthMaxEnforcer: snip},
		{Number: 4, Align: text.AlignRight, AlignHeader: text.AlignRight},
	})
	var bytes int64
	for _, d := range p.Deleted {
		t.AppendRow(table.Row{s.paint(printable.Cyan, printable.Escape(shortID(d.Info))), s.paint(printable.Bold, printable.Escape(label(d.Header))),
			started(s, d.Header.Started), size(d.Size), printable.Escape(p.words[d.Why])})
		bytes += d.Size
	}
	fmt.Fprintln(s, t.Render())
	did := "deleted"
	if p.dry {
		did = "would delete"
	}
	fmt.Fprintf(s, "\n%s %s; %s left\n", did, amount(len(p.Deleted), bytes), amount(p.Left, p.Bytes))
}

// remark says what the list of what was deleted does not.
func (p pruned) remark(c console) {
	var bytes int64
	for _, r := range p.InUse {
		bytes += r.Size
	}
	switch {
	case len(p.InUse) > 0:
		c.say("left alone " + amount(len(p.InUse), bytes) + ", beyond the limits but written to, or maybe so (see wiretape prune --help)")
	case len(p.Deleted) == 0:
		c.say("nothing to delete: " + amount(p.Left, p.Bytes) + ", within the limits")
	}
}

// amount writes how many recordings there are, and what they take.
func amount(n int, bytes int64) string {
	return count(int64(n), "recording", "recordings") + ", " + size(bytes)
}
