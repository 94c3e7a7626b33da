package cli

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/findings"
	"wiretape/internal/verify"
)

const diffHelp = `Matches each call of the recording A with the first one of B that asks the same, and
compares the answers as "wiretape verify" does. A call that only one of them has is
told too, and so is what only one server asked of the host. Of notifications, only
progress is looked at: it has to rise.

` + fileUsage + `
A and B are named like that.

What differs from session to session does not count: ids, progress tokens, who the
host and the server are, how long an answer may be kept, times of tasks, how often a
task was asked for, messages of errors. Cursors, task ids, requestState, elicitationId
and the keys of inputRequests count by what they came with, however they are spelled.

--slower 2 tells, as a note, of each tool or method that takes twice as long or more,
by the median of its answers, and at least 5 ms longer. Notes are no differences.

` + rulesHelp + `

The exit status is 0 if all is the same, 1 if something differs, and 2 if the
recordings could not be compared to their ends.`

func diffCommand(c console) *cli.Command {
	return &cli.Command{
		Name:         "diff",
		Usage:        "compare the answers in two recordings",
		ArgsUsage:    "A B",
		Description:  diffHelp,
		Flags:        append(comparisonFlags(), recordDirFlag()),
		BashComplete: completeRecordings(c),
		Action:       func(ctx *cli.Context) error { return runDiff(ctx, c) },
	}
}

func runDiff(ctx *cli.Context, c console) error {
	d, err := newDiff(ctx)
	if err != nil {
		return err
	}
	until, stop := untilSignal()
	defer stop()
	started := time.Now()
	set := findings.Set{Files: []findings.File{d.Run(until)}}
	if err := printFindings(ctx, c, started, set.Files); err != nil {
		return err
	}
	if status := set.Status(); status != 0 {
		return exitError{code: status}
	}
	return nil
}

// newDiff reads the command line. Whatever is wrong, the status is 2: 1 says that
// something differs.
func newDiff(ctx *cli.Context) (d verify.Diff, err error) {
	wrong := func(err error) (verify.Diff, error) { return verify.Diff{}, usageError{err, "diff"} }
	if ctx.NArg() != 2 {
		return wrong(errors.New("diff needs two recordings: each a path, a label, the beginning of an id, or latest"))
	}
	how, err := newComparison(ctx)
	if err != nil {
		return wrong(err)
	}
	d = verify.Diff{Messages: ctx.Bool("error-messages"), Slower: ctx.Float64("slower"), Ignore: how.ignore, Expect: how.expect, Handles: how.handles}
	for i, to := range []*string{&d.A, &d.B} {
		if *to, err = find(ctx, ctx.Args().Get(i)); err != nil {
			return verify.Diff{}, exitError{2, err}
		}
	}
	if d.Rules, err = rulesFor(ctx.String("rules"), d.A); err != nil {
		return verify.Diff{}, exitError{2, err}
	}
	return d, nil
}
