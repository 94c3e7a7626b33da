package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/vcr"
	"wiretape/internal/verify"
	"wiretape/replay"
)

const diffHelp = `Matches each call of the recording A with the first one of B that asks the same, and
compares the answers as "wiretape verify" does. A call that only one of them has is
told too, and so is what only one server asked of the host.

` + fileUsage + `
A and B are named so.

What differs from session to session does not count: ids, progress tokens, who the
host and the server are, how long an answer may be kept, times of tasks, how often a
task was asked for, messages of errors. Cursors, task ids and requestState count by
the answer they came with, however they are spelled.

--slower 2 tells, as a note, of each tool or method that takes twice as long or more,
by the median of its answers, and at least 5 ms longer. Notes are no differences.

The exit status is 0 if all is the same, 1 if something differs, and 2 if the
recordings could not be compared to their ends.`

func diffCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "diff",
		Usage:       "compare the answers in two recordings",
		ArgsUsage:   "A B",
		Description: diffHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "print findings as `text|json|junit|sarif|github`", Value: "text"},
			&cli.StringSliceFlag{Name: "ignore", Usage: "what does not count in an answer, a JSON `POINTER` from its root in which * is any one member (/result/content/0/text), or in what is asked (/params/arguments/date); repeatable"},
			&cli.StringSliceFlag{Name: "match", Usage: "what need only be of a kind, `POINTER=KIND`; KIND is uuid, time, number, any or regex:PATTERN; repeatable"},
			&cli.StringSliceFlag{Name: "handle", Usage: "what the server mints in answers and gets back, a JSON `POINTER` (/result/structuredContent/basket_id); repeatable"},
			&cli.StringFlag{Name: "rules", Usage: "read from `FILE` what is different for some calls; without it from x.rules.json beside A, if that is x.jsonl"},
			&cli.BoolFlag{Name: "error-messages", Usage: "compare the messages of errors too", DisableDefaultText: true},
			&cli.Float64Flag{Name: "slower", Usage: "tell what takes `FACTOR` times as long in B, such as 1.5", DefaultText: "it is not told"},
			recordDirFlag(),
		},
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
	version, _ := buildVersion()
	set := &findings.Set{Program: "wiretape", Version: version, Started: time.Now()}
	set.Files = []findings.File{d.Run(until)}
	out := newScreen(c.out)
	if err := findings.Write(out, ctx.String("format"), set, findings.Options{Color: out.colour, Width: out.width}); err != nil {
		return exitError{2, err}
	}
	if err := out.flush(); err != nil {
		return exitError{2, err}
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
	switch {
	case ctx.NArg() != 2:
		return wrong(errors.New("diff needs two recordings: each a path, a label, the beginning of an id, or latest"))
	case !slices.Contains(findings.Formats, ctx.String("format")):
		return wrong(fmt.Errorf("--format is one of %s, not %q", strings.Join(findings.Formats, ", "), ctx.String("format")))
	case ctx.IsSet("slower") && !(ctx.Float64("slower") >= 1):
		return wrong(errors.New("--slower is how many times as long something takes: 1 or more"))
	}
	d = verify.Diff{Messages: ctx.Bool("error-messages"), Slower: ctx.Float64("slower")}
	for _, text := range ctx.StringSlice("match") {
		e, err := verify.ParseExpectation(text)
		if err != nil {
			return wrong(fmt.Errorf("--match: %w", err))
		}
		d.Expect = append(d.Expect, e)
	}
	for flag, to := range map[string]*compare.Pointers{"ignore": &d.Ignore, "handle": &d.Handles} {
		if *to, err = compare.ParsePointers(ctx.StringSlice(flag)...); err != nil {
			return wrong(fmt.Errorf("--%s: %w", flag, err))
		}
	}
	for i, to := range []*string{&d.A, &d.B} {
		if *to, err = find(ctx, ctx.Args().Get(i)); err != nil {
			return verify.Diff{}, exitError{2, err}
		}
	}
	if d.Rules, err = rulesFor(ctx, d.A); err != nil {
		return verify.Diff{}, exitError{2, err}
	}
	return d, nil
}

// rulesFor reads the rules that the user names, or else those beside a recording.
func rulesFor(ctx *cli.Context, path string) ([]replay.Rule, error) {
	if file := ctx.String("rules"); file != "" {
		return replay.ReadRules(file)
	}
	return vcr.RulesBeside(path)
}
