package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"wiretape/internal/filter"
	"wiretape/internal/fixture"
	"wiretape/record"
)

const fixtureHelp = `Writes what a test needs of FILE: without stderr, pings, control tools, folder and
environment, with times and the ids of requests numbered anew, so that the same session
makes the same file whenever it is recorded. It replays as FILE does. What was changed
is said on stderr.

` + fileUsage + `

` + wordsUsage + `

What opens the session is always kept: the handshake, and the roots that the server
asks for at once. A call goes with all that belongs to it: its answer, what the server
asked the host for its sake, and the calls that go on with a cursor, a task or a state
that it was given. What fits any of these fits all, and with a dash hides all.

` + redactHelp

func fixtureCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "fixture",
		Usage:       "make a recording that is worth keeping with tests",
		ArgsUsage:   "FILE [WORD…]",
		Description: fixtureHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`, compressed if it ends in .zst; a recording that is there is replaced"},
			redactFlag(),
			&cli.Int64Flag{Name: "from", Usage: "keep what begins with event `N` or later", DefaultText: "the first"},
			&cli.Int64Flag{Name: "to", Usage: "keep what begins with event `N` or earlier", DefaultText: "the last"},
			&cli.BoolFlag{Name: "keep-ids", Usage: "keep the ids of requests and the progress tokens", DisableDefaultText: true},
			&cli.BoolFlag{Name: "keep-times", Usage: "keep the times", DisableDefaultText: true},
			&cli.BoolFlag{Name: "torn", Usage: "take a recording that was cut off as far as it goes", DisableDefaultText: true},
			recordDirFlag(),
		},
		BashComplete: completeRecordings(c),
		Action:       func(ctx *cli.Context) error { return runFixture(ctx, c) },
	}
}

func runFixture(ctx *cli.Context, c console) error {
	if err := checkFixture(ctx); err != nil {
		return usageError{err, "fixture"}
	}
	words, err := filter.Parse(ctx.Args().Tail())
	if err != nil {
		return usageError{err, "fixture"}
	}
	hidden, err := newCloak(ctx)
	if err != nil {
		return err
	}
	path, err := find(ctx, ctx.Args().First())
	if err != nil {
		return err
	}
	out := ctx.String("output")
	if err := replaceable(out); err != nil {
		return err
	}
	options := fixture.Options{IDs: ctx.Bool("keep-ids"), Times: ctx.Bool("keep-times")}
	from, to := ctx.Int64("from"), ctx.Int64("to")
	if trims := slices.Concat(ctx.Args().Tail(), bounds(from, to)); len(trims) > 0 {
		chosen, err := choose(path, words.Whole(from, to), trims)
		if err != nil {
			return err
		}
		options.Keep = chosen.Has
	}
	changes, err := makeFixture(ctx, path, options, hidden)
	if err != nil {
		return err
	}
	c.say(changes.String())
	hidden.tell(c)
	fmt.Fprintln(c.out, out)
	return nil
}

// checkFixture says what the command line lacks.
func checkFixture(ctx *cli.Context) error {
	out, from, to := ctx.String("output"), ctx.Int64("from"), ctx.Int64("to")
	switch {
	case ctx.NArg() == 0:
		return errors.New("fixture needs a FILE: a path, a label, the beginning of an id, or latest")
	case out == "":
		return errors.New("fixture needs a place: --output FILE, as in -o testdata/x.jsonl")
	case !isRecordingName(out):
		return fmt.Errorf("--output ends in .jsonl or .jsonl.zst, not as %s", out)
	case from < 0 || to < 0 || to > 0 && from > to:
		return errors.New("--from and --to are numbers of events, from 1, and --from is no later than --to")
	}
	return nil
}

// bounds gives --from and --to as the user may have written them.
func bounds(from, to int64) (words []string) {
	if from > 0 {
		words = append(words, fmt.Sprint("--from ", from))
	}
	if to > 0 {
		words = append(words, fmt.Sprint("--to ", to))
	}
	return words
}

// replaceable says why a file may not be written: what is there is no
// recording, or one that somebody may be writing.
func replaceable(path string) error {
	if there, err := os.Stat(path); err == nil && !there.Mode().IsRegular() {
		// To open a pipe would wait for whoever writes to it.
		return fmt.Errorf("%s is not a regular file; it is not overwritten", path)
	}
	info, err := record.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%w; it is not overwritten", err)
	case info.End == nil:
		return fmt.Errorf("%s has no end and may be being written; it is not overwritten", path)
	}
	return nil
}

func makeFixture(ctx *cli.Context, path string, o fixture.Options, hidden *cloak) (fixture.Changes, error) {
	whole, err := record.Load(path)
	reason := ""
	switch torn := cutOff(err); {
	case torn && !ctx.Bool("torn"):
		return fixture.Changes{}, fmt.Errorf("%w; --torn takes it as far as it goes", err)
	case torn:
		reason = "torn"
	case err != nil:
		return fixture.Changes{}, err
	default:
		reason = whole.End.Reason
	}
	hidden.recording(whole)
	header, events, changes := fixture.Make(whole, o)
	_, err = record.Rewrite(ctx.String("output"), header, record.Sequence(events), reason)
	return changes, err
}
