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

// comparisonFlags are those of all that compares answers.
func comparisonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "format", Usage: "print findings as `text|json|junit|sarif|github`", Value: "text"},
		&cli.StringSliceFlag{Name: "ignore", Usage: "what does not count in an answer, a JSON `POINTER` from its root in which * is any one member (/result/content/0/text); for diff also in what is asked (/params/arguments/date); repeatable"},
		&cli.StringSliceFlag{Name: "match", Usage: "what need only be of a kind, `POINTER=KIND`; KIND is uuid, time (of ISO 8601), number, any or regex:PATTERN, which has to match all of a text; POINTER ends at the first = that a KIND follows; repeatable"},
		&cli.StringSliceFlag{Name: "handle", Usage: "a string or number that the server mints in answers and gets back, a JSON `POINTER` (/result/structuredContent/basket_id); it is known wherever it is a whole value, not within a longer text; repeatable"},
		&cli.StringFlag{Name: "rules", Usage: "read rules from `FILE`, which looks as described above; without it from x.rules.json beside x.jsonl, if that is there"},
		&cli.BoolFlag{Name: "error-messages", Usage: "compare the messages of errors too", DisableDefaultText: true},
		&cli.Float64Flag{Name: "slower", Usage: "tell what takes `FACTOR` times as long as was recorded, such as 1.5", DefaultText: "it is not told"},
	}
}

// comparison is how answers are compared.
type comparison struct {
	ignore, handles compare.Pointers
	expect          []verify.Expectation
}

func newComparison(ctx *cli.Context) (c comparison, err error) {
	if format := ctx.String("format"); !slices.Contains(findings.Formats, format) {
		return c, fmt.Errorf("--format is one of %s, not %q", strings.Join(findings.Formats, ", "), format)
	}
	if ctx.IsSet("slower") && !(ctx.Float64("slower") >= 1) {
		return c, errors.New("--slower is how many times as long something takes: 1 or more")
	}
	for _, text := range ctx.StringSlice("match") {
		e, err := verify.ParseExpectation(text)
		if err != nil {
			return c, fmt.Errorf("--match: %w", err)
		}
		c.expect = append(c.expect, e)
	}
	if c.ignore, err = compare.ParsePointers(ctx.StringSlice("ignore")...); err != nil {
		return c, fmt.Errorf("--ignore: %w", err)
	}
	if c.handles, err = compare.ParsePointers(ctx.StringSlice("handle")...); err != nil {
		return c, fmt.Errorf("--handle: %w", err)
	}
	return c, nil
}

// rulesHelp is how a file of rules looks.
const rulesHelp = `A file of rules says what is different for some calls:

   {"rules": [
     {"method": "tools/call", "name": "now",
      "ignore": ["/params/arguments/zone", "/result/_meta"],
      "expect": ["/result/content/0/text=time"]},
     {"name": "roll", "match": "method", "exhausted": "cycle"}
   ]}

Of several rules the first one counts that fits a call, by "method" and by "name" (of a
tool or a prompt, or a resource's URI). "ignore" adds to --ignore, and "expect" to the
--match of verify and diff. "match" and "exhausted" stand in for those of replay.`

// rulesFor reads the rules that the user names, or else those beside a recording.
func rulesFor(file, path string) ([]replay.Rule, error) {
	if file != "" {
		return replay.ReadRules(file)
	}
	return vcr.RulesBeside(path)
}

// printFindings prints what was found. If it cannot, the status is 2: 1 says that
// something differs.
func printFindings(ctx *cli.Context, c console, started time.Time, files []findings.File) error {
	version, _ := buildVersion()
	set := &findings.Set{Program: "wiretape", Version: version, Started: started, Files: files}
	out := newScreen(c.out)
	err := findings.Write(out, ctx.String("format"), set, findings.Options{Color: out.colour, Width: out.width})
	if err == nil {
		err = out.flush()
	}
	if err != nil {
		return exitError{2, err}
	}
	return nil
}
