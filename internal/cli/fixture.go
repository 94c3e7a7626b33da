package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/urfave/cli/v2"

	"wiretape/internal/filter"
	"wiretape/internal/fixture"
	"wiretape/record"
)

const fixtureHelp = `Writes of FILE what a test needs: without stderr, control tools, folder and
environment, with ids, times and the recording's own ids numbered anew, so that the same
session makes the same file whenever it is recorded. It replays as FILE does. What was
left out is said on stderr.

` + fileUsage + `

` + wordsUsage + `
What opens the session is always kept, and an answer goes with its request.`

func fixtureCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "fixture",
		Usage:       "make a recording that is worth keeping with tests",
		ArgsUsage:   "FILE [WORD…]",
		Description: fixtureHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`, compressed if it ends in .zst; a recording that is there is replaced"},
			redactFlag(),
			&cli.Int64Flag{Name: "from", Usage: "keep what begins with event `N` or later"},
			&cli.Int64Flag{Name: "to", Usage: "keep what begins with event `N` or earlier"},
			&cli.BoolFlag{Name: "keep-ids", Usage: "keep the ids of requests and the progress tokens", DisableDefaultText: true},
			&cli.BoolFlag{Name: "keep-times", Usage: "keep the times", DisableDefaultText: true},
			recordDirFlag(),
		},
		BashComplete: completeRecordings(c),
		Action:       func(ctx *cli.Context) error { return runFixture(ctx, c) },
	}
}

func runFixture(ctx *cli.Context, c console) error {
	out := ctx.String("output")
	switch {
	case ctx.NArg() == 0:
		return usageError{errors.New("fixture needs a FILE: a path, a label, the beginning of an id, or latest"), "fixture"}
	case out == "":
		return usageError{errors.New("fixture needs a place: --output FILE, as in -o testdata/x.jsonl"), "fixture"}
	}
	path, err := find(ctx, ctx.Args().First())
	if err != nil {
		return err
	}
	options := fixture.Options{From: ctx.Int64("from"), To: ctx.Int64("to"), IDs: ctx.Bool("keep-ids"), Times: ctx.Bool("keep-times")}
	if words := ctx.Args().Tail(); len(words) > 0 {
		f, err := filter.Parse(words)
		if err != nil {
			return usageError{err, "fixture"}
		}
		chosen, err := f.Choose(path)
		if err != nil {
			return err
		}
		options.Keep = chosen.Has
	}
	if err := replaceable(out); err != nil {
		return err
	}
	hidden, err := newCloak(ctx)
	if err != nil {
		return err
	}
	changes, err := makeFixture(path, out, options, hidden)
	if err != nil {
		return err
	}
	c.say(changes.String())
	hidden.tell(c)
	fmt.Fprintln(c.out, out)
	return nil
}

// replaceable says why a file may not be written: what is there is no recording.
func replaceable(path string) error {
	r, err := record.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w; it is not overwritten", err)
	}
	return r.Close()
}

func makeFixture(path, out string, o fixture.Options, hidden *cloak) (fixture.Changes, error) {
	whole, err := record.Load(path)
	if err != nil {
		return fixture.Changes{}, err
	}
	hidden.recording(whole)
	header, events, changes := fixture.Make(whole, o)
	_, err = record.Rewrite(out, header, record.Sequence(events), whole.End.Reason)
	return changes, err
}
