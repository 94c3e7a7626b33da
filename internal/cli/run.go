package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"wiretape/proxy"
)

const runHelp = `Starts COMMAND, joins it with standard input and output, and records what passes.
"run" may be left out. Put it in front of a server's command in the configuration
of an MCP host:

   "command": "wiretape", "args": ["--", "npx", "-y", "some-server"]

Each flag can also be set by the environment variable that is named with it; the
server does not get to see these variables. The exit status is the server's.

` + redactHelp + `

With --replay FILE recordings stand in for the server, as they do in "wiretape replay",
but with the control tools, and the session is recorded. There is no COMMAND then.

With --mode, FILE of --output is the one recording, and nothing else is recorded:

   none   FILE is played, and COMMAND is never started
   once   FILE is played; it is recorded if it is not there
   new    FILE is played; what it lacks COMMAND is asked for, and is added to FILE
   all    FILE is recorded anew; the old one stays until the new one is complete

Further connections of a session are in FILE-2 and so on; a name that another file
has is left to it.

` + faultHelp

func runCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "run",
		Usage:       "start a server and record what it and its host say (the default)",
		ArgsUsage:   "-- COMMAND [ARG…]",
		Description: runHelp,
		Flags:       runFlags(),
		Action:      func(ctx *cli.Context) error { return run(ctx, c) },
	}
}

func runFlags() []cli.Flag {
	return slices.Concat(lineFlags(), serverFlags(), stageFlags(), playFlags(), faultFlags())
}

// lineFlags are those for the line and its recordings.
func lineFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "record to `FILE`, plain if it does not end in .zst; a name that is taken gets a number (x-2.jsonl.zst)", EnvVars: []string{"WIRETAPE_OUTPUT"}},
		recordDirFlag(),
		keepFlag(),
		&cli.BoolFlag{Name: "no-record", Usage: "record nothing", DisableDefaultText: true, EnvVars: []string{"WIRETAPE_NO_RECORD"}},
		redactFlag("WIRETAPE_REDACT"),
		&cli.StringFlag{Name: "label", Usage: "what to call the server; its recordings begin with that `NAME`", EnvVars: []string{"WIRETAPE_LABEL"}},
		&cli.BoolFlag{Name: "no-control", Usage: "offer no tools, and pass everything without reading it", DisableDefaultText: true, EnvVars: []string{"WIRETAPE_NO_CONTROL"}},
		prefixFlag(),
		&cli.StringFlag{Name: "on-exit", Usage: "when the server ends by itself, `stay|exit`: stay keeps the session, until the server is connected again", Value: "stay", EnvVars: []string{"WIRETAPE_ON_EXIT"}},
	}
}

// serverFlags are those for how a server is started.
func serverFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cwd", Usage: "start the server in `DIR`", EnvVars: []string{"WIRETAPE_CWD"}},
		&cli.StringSliceFlag{Name: "env", Usage: "set a variable of the server's environment, `NAME=VALUE`; repeatable, in the variable one a line", EnvVars: []string{"WIRETAPE_ENV"}},
	}
}

func prefixFlag() cli.Flag {
	return &cli.StringFlag{Name: "control-prefix", Usage: "the `PREFIX` of the control tools' names; \"\" for bare names", Value: "wiretape_", EnvVars: []string{"WIRETAPE_CONTROL_PREFIX"}}
}

// Exit statuses of a shell whose command cannot be started.
const (
	cannotRun = 126
	notFound  = 127
)

func run(ctx *cli.Context, c console) error {
	p, err := newProxy(ctx, c)
	if err != nil {
		return err
	}
	s, err := newStage(ctx, c)
	if err != nil {
		return err
	}
	p.Endpoint, p.Record = s.target, s.record
	until, stop := untilSignal()
	defer stop()
	status, err := p.Run(until)
	s.keep.end()
	if err != nil && s.played == nil {
		err = s.nothing(err)
	}
	switch {
	case s.played != nil:
		return s.end(status, err)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return exitError{notFound, fmt.Errorf("%s was not found: %w; check the command line, and PATH if it has no slash", ctx.Args().First(), err)}
	case err != nil:
		return exitError{cannotRun, fmt.Errorf("%s could not be started: %w", ctx.Args().First(), err)}
	}
	return s.end(status, nil)
}

// untilSignal gives what ends when wiretape is told to.
func untilSignal() (context.Context, context.CancelFunc) {
	// A Go program dies of SIGPIPE on stdout, unless it asks to be told of it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
}

// newProxy gives a line without its target.
func newProxy(ctx *cli.Context, c console) (*proxy.Proxy, error) {
	onExit, ok := map[string]proxy.OnExit{"": proxy.Stay, "stay": proxy.Stay, "exit": proxy.Leave}[ctx.String("on-exit")]
	if !ok {
		return nil, usageError{fmt.Errorf("--on-exit is stay or exit, not %q", ctx.String("on-exit")), ctx.Command.Name}
	}
	prefix := ctx.String("control-prefix")
	if strings.ContainsFunc(prefix, notInName) || len(prefix) > maxPrefix {
		return nil, usageError{fmt.Errorf("--control-prefix has at most %d of A-Z a-z 0-9 _ - and ., not %q", maxPrefix, prefix), ctx.Command.Name}
	}
	faults, err := faults(ctx)
	if err != nil {
		return nil, err
	}
	version, _ := buildVersion()
	return &proxy.Proxy{
		In:        c.in,
		Out:       c.out,
		Stderr:    c.err,
		Warn:      c.say,
		NoControl: ctx.Bool("no-control"),
		Prefix:    prefix,
		Version:   version,
		OnExit:    onExit,
		Faults:    faults,
		Seed:      ctx.Uint64("seed"),
	}, nil
}

// server is what the command line says of the server.
func server(ctx *cli.Context) (*proxy.Command, error) {
	env, err := environment(ctx)
	if err != nil {
		return nil, err
	}
	if dir := ctx.String("cwd"); dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, usageError{fmt.Errorf("--cwd %s is no folder", dir), ctx.Command.Name}
		}
	}
	return &proxy.Command{Args: ctx.Args().Slice(), Dir: ctx.String("cwd"), Env: env}, nil
}

// maxPrefix leaves room for what hosts put before a tool's name, in the 64
// characters that model APIs allow.
const maxPrefix = 32

// MCP 2025-11-25, tools: names have letters, digits, underscore, hyphen and dot.
func notInName(r rune) bool {
	return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.", r)
}

// environment gives the server's: ours, without what was meant for wiretape,
// and with what --env adds.
func environment(ctx *cli.Context) ([]string, error) {
	var ours []string
	for _, f := range ctx.Command.Flags {
		ours = append(ours, f.(cli.DocGenerationFlag).GetEnvVars()...)
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(ours, name)
	})
	for _, v := range values(ctx, "env") {
		if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
			return nil, usageError{fmt.Errorf("--env wants NAME=VALUE, not %q", v), "run"}
		}
		env = append(env, v)
	}
	return env, nil
}
