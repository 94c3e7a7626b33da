package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/compare"
	"wiretape/internal/printable"
	"wiretape/internal/verify"
	"wiretape/internal/wire"
)

const callHelp = `Starts COMMAND, opens a session as the host in FILE did, sends the request of event SEQ
again ("wiretape show --json FILE" has the numbers), and shows the recorded answer
beside the new one. Without SEQ it is the last tool that was called, without FILE that
of the latest recording. --set changes what the request says.

` + fileUsage

func callCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "call",
		Usage:       "send one recorded call again, changed or not",
		ArgsUsage:   "[FILE[#SEQ]] -- COMMAND [ARG…]",
		Description: callHelp,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringSliceFlag{Name: "set", Usage: "set what is at a JSON pointer in the request, `POINTER=VALUE` (/params/arguments/a=2, /params/arguments/list/0=5, or /- to add to a list); VALUE is JSON, or else a text; POINTER ends at the first =, so of a member that has one in its name set the whole object; repeatable"},
			&cli.DurationFlag{Name: "timeout", Usage: "how long the server may take for an answer, `TIME`", Value: 30 * time.Second},
		}, serverFlags(), []cli.Flag{recordDirFlag()}),
		BashComplete: completeRecordings(c),
		Action:       func(ctx *cli.Context) error { return runCall(ctx, c) },
	}
}

func runCall(ctx *cli.Context, c console) error {
	args := ctx.Args().Slice()
	at := slices.Index(args, "--")
	if at < 0 || at > 1 || at == len(args)-1 {
		return usageError{errors.New("call needs a call and a server, as in wiretape call latest#8 -- npx -y some-server"), "call"}
	}
	q, err := newQuestion(ctx, strings.Join(args[:at], ""))
	if err != nil {
		return err
	}
	live, err := server(ctx)
	if err != nil {
		return err
	}
	live.Args = args[at+1:]
	q.Server = live
	until, stop := untilSignal()
	defer stop()
	answer, err := q.Ask(until)
	if err != nil {
		return err
	}
	out := newScreen(c.out)
	printAnswer(out, answer)
	return out.flush()
}

// printAnswer shows the two answers beside each other.
func printAnswer(out *screen, a *verify.Answer) {
	recorded := strings.TrimSpace(string(a.Recorded))
	if recorded == "" {
		recorded = "no answer"
	}
	same := "the same"
	different := compare.Differences(a.Recorded, a.Live, compare.Ignore{Drop: noAnswer}, mostDifferences)
	if len(different) > 0 {
		same = "another answer"
	}
	fmt.Fprintf(out, "%s  %s\n", out.paint(printable.Faint, "sent    "), printable.Escape(strings.TrimSpace(string(a.Request))))
	fmt.Fprintf(out, "%s  %s\n", out.paint(printable.Faint, "recorded"), printable.Escape(recorded))
	fmt.Fprintf(out, "%s  %s\n", out.paint(printable.Faint, "live    "), printable.Escape(strings.TrimSpace(string(a.Live))))
	fmt.Fprintf(out, "%s  %s, after %.2f ms\n", out.paint(printable.Faint, "        "), same, float64(a.Took.Microseconds())/1000)
	for _, d := range different {
		fmt.Fprintf(out, "          %s\n", printable.Escape(d.Pointer))
		printSide(out, "- ", d.A, printable.Red)
		printSide(out, "+ ", d.B, printable.Green)
	}
}

// mostDifferences are shown at most.
const mostDifferences = 10

// noAnswer is what stands in a response besides the answer.
var noAnswer = compare.Pointers{compare.PointerTo("jsonrpc"), compare.PointerTo("id")}

// printSide shows what one of two answers has, if it has it.
func printSide(out *screen, sign string, value []byte, how printable.Style) {
	if value != nil {
		const margin = 12
		out.WriteString(strings.Repeat(" ", margin-len(sign)) + out.paint(how, sign+printable.Cut(string(value), out.width-margin)) + "\n")
	}
}

func newQuestion(ctx *cli.Context, name string) (*verify.Question, error) {
	q := &verify.Question{Timeout: ctx.Duration("timeout")}
	file, number, numbered := cutLast(name, "#")
	if numbered {
		var err error
		if q.Seq, err = strconv.ParseInt(number, 10, 64); err != nil || q.Seq < 1 {
			return nil, usageError{fmt.Errorf("%q is no FILE#SEQ, as latest#8 is", name), "call"}
		}
	}
	for _, text := range ctx.StringSlice("set") {
		pointer, value, ok := strings.Cut(text, "=")
		p, err := compare.ParsePointer(pointer)
		if !ok || err != nil || pointer == "" {
			return nil, usageError{fmt.Errorf("--set wants POINTER=VALUE, as /params/arguments/a=2, not %q", text), "call"}
		}
		raw := []byte(value)
		if !wire.Valid(raw) {
			raw = wire.Quote(value)
		}
		q.Set = append(q.Set, verify.Change{Pointer: p, Value: raw})
	}
	var err error
	q.Path, err = find(ctx, cmp.Or(file, "latest"))
	return q, err
}

// cutLast cuts a text at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
