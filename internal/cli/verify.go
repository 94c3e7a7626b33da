package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/findings"
	"wiretape/internal/verify"
	"wiretape/replay"
)

const verifyHelp = `Starts COMMAND, says to it what the host said in FILE, waits where that host waited,
and compares every answer with the recorded one. Each FILE gets a server of its own.

` + fileUsage + `
A folder, or a pattern such as 'fixtures/*.jsonl', stands for all recordings there.

Answers are compared by meaning. What differs from session to session does not count:
who the server is, how long an answer may be kept, times of tasks, messages of errors.
Cursors, task ids, requestState, elicitationId and the keys of inputRequests are
learned from the server and given back to it.

Secrets that were taken out of FILE are put back from the environment: where it has
[redacted:token:2], the server is told the value of WIRETAPE_SECRET_TOKEN_2.

--slower 2 tells, as a note, of each tool or method that takes twice as long as was
recorded or longer, by the median of its answers, and at least 5 ms longer.

` + rulesHelp + `

The exit status is 0 if all is the same but for notes, 1 if something differs, and 2
if a recording could not be played to its end.`

func verifyCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Usage:       "ask a server again what a recording asked, and compare the answers",
		ArgsUsage:   "FILE… -- COMMAND [ARG…]",
		Description: verifyHelp,
		Flags: slices.Concat(comparisonFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "update", Usage: "write the answers that differ into FILE, in place of the recorded ones", DisableDefaultText: true},
			&cli.DurationFlag{Name: "timeout", Usage: "how long the server may take for an answer, `TIME`", Value: 30 * time.Second},
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "verify `N` recordings at a time", Value: runtime.GOMAXPROCS(0)},
		}, serverFlags(), []cli.Flag{recordDirFlag()}),
		BashComplete: completeRecordings(c),
		Action:       func(ctx *cli.Context) error { return runVerify(ctx, c) },
	}
}

func runVerify(ctx *cli.Context, c console) error {
	check, paths, err := newCheck(ctx)
	if err != nil {
		return exitError{2, err} // 1 means that something differs
	}
	until, stop := untilSignal()
	defer stop()
	started := time.Now()
	var files []findings.File
	status := 0
	shown := newMeter(c, len(paths))
	outcomes := make([]verify.Outcome, len(paths))
	inParallel(len(paths), ctx.Int("jobs"), func(i int) {
		defer shown.end(i)
		one := check
		one.Path, one.Said = paths[i], func(n, of int) { shown.at(i, n, of) }
		outcomes[i] = verifyOne(until, one)
	})
	shown.stop()
	for _, o := range outcomes {
		files = append(files, o.File)
		if o.Left > 0 {
			status = max(status, 1)
		}
		if o.Problem != "" {
			status = 2
		}
		if o.Updated > 0 {
			c.say(fmt.Sprintf("%s: %s updated", o.Path, count(int64(o.Updated), "answer", "answers")))
		}
	}
	if err := printFindings(ctx, c, started, files); err != nil {
		return err
	}
	if status != 0 {
		return exitError{code: status}
	}
	return nil
}

// newCheck reads the command line.
func newCheck(ctx *cli.Context) (check verify.Check, paths []string, err error) {
	wrong := func(err error) (verify.Check, []string, error) {
		return verify.Check{}, nil, usageError{err, "verify"}
	}
	args := ctx.Args().Slice()
	at := slices.Index(args, "--")
	switch {
	case at < 0 || at == len(args)-1:
		return wrong(errors.New("there is no server to ask: put its command line behind --, as in wiretape verify FILE -- npx -y some-server"))
	case at == 0:
		return wrong(errors.New("verify needs a FILE: a path, a folder, a label, the beginning of an id, or latest"))
	case ctx.Duration("timeout") <= 0 || ctx.Int("jobs") < 1:
		return wrong(errors.New("--timeout and --jobs are more than 0"))
	}
	how, err := newComparison(ctx)
	if err != nil {
		return wrong(err)
	}
	check = verify.Check{
		Timeout: ctx.Duration("timeout"), Messages: ctx.Bool("error-messages"), Update: ctx.Bool("update"), Slower: ctx.Float64("slower"),
		Ignore: how.ignore, Expect: how.expect, Handles: how.handles,
	}
	if file := ctx.String("rules"); file != "" {
		if check.Rules, err = replay.ReadRules(file); err != nil {
			return verify.Check{}, nil, err
		}
	}
	live, err := server(ctx)
	if err != nil {
		return verify.Check{}, nil, err
	}
	live.Args = args[at+1:]
	check.Server = live
	paths, err = toVerify(ctx, args[:at])
	return check, paths, err
}

// toVerify gives the recordings that names stand for, in their order.
func toVerify(ctx *cli.Context, names []string) (paths []string, err error) {
	for _, name := range names {
		found, err := calledBy(ctx, name)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("there are no recordings in %s", name)
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// calledBy gives the recordings that a name stands for. It is a pattern only if there
// is no file and no folder of that name.
func calledBy(ctx *cli.Context, name string) (paths []string, err error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		entries, err := recordingsIn(name)
		for _, e := range entries {
			paths = append(paths, filepath.Join(name, e.Name()))
		}
		return paths, err
	case err != nil && strings.ContainsAny(name, "*?["):
		paths, _ = filepath.Glob(name) // what is no pattern after all fits nothing
		return slices.DeleteFunc(paths, func(path string) bool { return !isRecordingName(path) }), nil
	}
	path, err := find(ctx, name)
	return []string{path}, err
}

// verifyOne verifies a recording by its own rules, unless there are others.
func verifyOne(ctx context.Context, check verify.Check) verify.Outcome {
	if check.Rules == nil {
		rules, err := rulesFor("", check.Path)
		if err != nil {
			return verify.Outcome{File: findings.File{Path: check.Path, Problem: err.Error()}}
		}
		check.Rules = rules
	}
	return check.Run(ctx)
}
