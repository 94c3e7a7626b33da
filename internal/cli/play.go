package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"wiretape/internal/compare"
	"wiretape/internal/vcr"
	"wiretape/record"
	"wiretape/replay"
)

// playFlags are those of all that plays a recording.
func playFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "match", Usage: "calls are the same by `strict|params|method`: all params but the progress token; params without what is volatile (_meta, who the host is); method and name only", Value: "params", EnvVars: []string{"WIRETAPE_MATCH"}},
		&cli.StringSliceFlag{Name: "ignore", Usage: "what does not count in a request, a JSON `POINTER` from its root in which * is any one member (/params/arguments/time); repeatable, in the variable one a line", EnvVars: []string{"WIRETAPE_IGNORE"}},
		&cli.StringFlag{Name: "rules", Usage: "read from `FILE` what is different for some calls, as \"wiretape replay --help\" describes it; without it from x.rules.json beside x.jsonl, if that is there", EnvVars: []string{"WIRETAPE_RULES"}},
		&cli.StringFlag{Name: "exhausted", Usage: "when all recorded answers to a call were given, `error|last|cycle`: an error, the last one again, or all again; without it an error for calls of tools, the last one for others", EnvVars: []string{"WIRETAPE_EXHAUSTED"}},
		&cli.StringFlag{Name: "on-request-mismatch", Usage: "when the host answers what the server asks other than it was recorded, `warn|fail`", Value: "warn", EnvVars: []string{"WIRETAPE_ON_REQUEST_MISMATCH"}},
		&cli.Float64Flag{Name: "speed", Usage: "answer `N` times as fast as it was recorded; 0 is at once", EnvVars: []string{"WIRETAPE_SPEED"}},
		&cli.BoolFlag{Name: "torn", Usage: "play a recording that ends too early as far as it goes", DisableDefaultText: true, EnvVars: []string{"WIRETAPE_TORN"}},
		&cli.StringFlag{Name: "unused", Usage: "when recorded calls were not asked for, `ignore|warn|fail` at the end", Value: "ignore", EnvVars: []string{"WIRETAPE_UNUSED"}},
		&cli.StringFlag{Name: "report", Usage: "write to `FILE` at the end what was asked, missed and not used, as a line of JSON for each connection", EnvVars: []string{"WIRETAPE_REPORT"}},
	}
}

// playing is how recordings are played, and what is told of it at the end.
type playing struct {
	console
	options replay.Options
	unused  string
	report  string
	cloak   *cloak // nil if nothing is redacted
}

func newPlaying(ctx *cli.Context, c console) (*playing, error) {
	err := errors.Join(
		oneOf(ctx, "match", "strict", "params", "method"),
		oneOf(ctx, "exhausted", "error", "last", "cycle"),
		oneOf(ctx, "on-request-mismatch", "warn", "fail"),
		oneOf(ctx, "unused", "ignore", "warn", "fail"),
	)
	speed, ignore := ctx.Float64("speed"), values(ctx, "ignore")
	if err == nil && (speed < 0 || math.IsNaN(speed) || math.IsInf(speed, 0)) {
		err = fmt.Errorf("--speed is 0 or more, not %v", speed)
	}
	if err == nil {
		err = checkIgnored(ignore)
	}
	if err == nil {
		err = canReport(ctx.String("report"))
	}
	if err != nil {
		return nil, usageError{err, ctx.Command.Name}
	}
	p := &playing{console: c, unused: ctx.String("unused"), report: ctx.String("report"), options: replay.Options{
		Match:         replay.Match(ctx.String("match")),
		Exhausted:     replay.Exhausted(ctx.String("exhausted")),
		Ignore:        ignore,
		StrictAnswers: ctx.String("on-request-mismatch") == "fail",
		Speed:         speed,
		Torn:          ctx.Bool("torn"),
		Warn:          c.say,
	}}
	if file := ctx.String("rules"); file != "" {
		p.options.Rules, err = replay.ReadRules(file)
	}
	return p, err
}

// checkIgnored says what is wrong with the pointers of --ignore. The name of the
// method always counts.
func checkIgnored(pointers []string) error {
	for _, text := range pointers {
		p, err := compare.ParsePointer(text)
		if err != nil {
			return fmt.Errorf("--ignore: %w", err)
		}
		if (compare.Pointers{p}).Under("params") == nil {
			return fmt.Errorf("--ignore %s leads to nothing that is compared, which is all in /params", text)
		}
	}
	return nil
}

// oneOf says that a flag has none of the values that it may have. A variable
// that is empty stands for none.
func oneOf(ctx *cli.Context, flag string, may ...string) error {
	value := ctx.String(flag)
	if value == "" || slices.Contains(may, value) {
		return nil
	}
	last := len(may) - 1
	return fmt.Errorf("--%s is %s or %s, not %q", flag, strings.Join(may[:last], ", "), may[last], value)
}

// values are those of a flag that can be repeated, which a variable has one a
// line.
func values(ctx *cli.Context, flag string) []string {
	var all []string
	for _, lines := range ctx.StringSlice(flag) {
		for v := range strings.Lines(lines) {
			all = append(all, strings.TrimSuffix(v, "\n"))
		}
	}
	return all
}

// given names the first of the flags that the user has set, "" for none.
func given(ctx *cli.Context, flags ...cli.Flag) string {
	for _, f := range flags {
		name := f.Names()[0]
		if ctx.IsSet(name) && !slices.Contains([]string{"", "[]", "false"}, ctx.String(name)) {
			return "--" + name
		}
	}
	return ""
}

// open makes the recordings ready to be played, the connections of one session.
func (p *playing) open(paths ...string) (*vcr.Endpoint, error) {
	e := &vcr.Endpoint{}
	for _, path := range paths {
		rec, err := vcr.Open(path, p.options)
		if err != nil {
			return nil, errors.Join(hinted(err), e.Close())
		}
		e.Recordings = append(e.Recordings, rec)
	}
	return e, nil
}

// cutOff reports whether a recording was cut off behind its first event, so that
// --torn can take it as far as it goes.
func cutOff(err error) bool {
	damage := (*record.DamageError)(nil)
	return errors.As(err, &damage) && damage.Torn && damage.Seq > 0
}

// hinted tells of --torn who could make use of it.
func hinted(err error) error {
	if cutOff(err) {
		return fmt.Errorf("%w; --torn plays it as far as it goes", err)
	}
	return err
}

// told tells what came of all connections, as far as it was asked for. The
// error says that recorded calls must not be left over, or what could not be
// told.
func (p *playing) told(e *vcr.Endpoint) error {
	err := p.writeReport(e)
	if e == nil || p.unused == "ignore" || p.unused == "" {
		return err
	}
	unused := e.Unused()
	if unused != nil && p.unused == "warn" {
		p.say(unused.Error())
		return err
	}
	return errors.Join(unused, err)
}

// nothing tells that nothing was played, because of err.
func (p *playing) nothing(err error) error { return errors.Join(err, p.writeReport(nil)) }

// canReport says why the report could not be written to file.
func canReport(file string) error {
	if file == "" {
		return nil
	}
	if file == "-" {
		return errors.New("--report wants a file: stdout belongs to the protocol")
	}
	dir := filepath.Dir(file)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("--report %s: %s is no folder", file, dir)
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--report %s is not a regular file", file)
	}
	return nil
}

// writeReport writes the report, whole or not at all. Where nothing was played
// it is empty, so that no older one is taken for it.
func (p *playing) writeReport(e *vcr.Endpoint) error {
	if p.report == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(p.report), ".wiretape-*")
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	// Does nothing if all goes well: then it has another name.
	defer os.Remove(f.Name())
	if e != nil {
		out := json.NewEncoder(p.cloak.writer(f))
		out.SetEscapeHTML(false)
		for _, r := range e.Reports() {
			err = errors.Join(err, out.Encode(r))
		}
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), p.report)
	}
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
