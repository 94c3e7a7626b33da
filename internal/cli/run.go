package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/proxy"
	"wiretape/record"
)

const runHelp = `Starts COMMAND, joins it with standard input and output, and records what passes.
"run" may be left out. Put it in front of a server's command in the configuration
of an MCP host:

   "command": "wiretape", "args": ["--", "npx", "-y", "some-server"]

Each flag can also be set by the environment variable that is named with it; the
server does not get to see these variables. The exit status is the server's.`

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
	return []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "record to `FILE`, plain if it does not end in .zst; a name that is taken gets a number (x-2.jsonl.zst)", EnvVars: []string{"WIRETAPE_OUTPUT"}},
		recordDirFlag(),
		&cli.BoolFlag{Name: "no-record", Usage: "record nothing", DisableDefaultText: true, EnvVars: []string{"WIRETAPE_NO_RECORD"}},
		&cli.StringFlag{Name: "label", Usage: "what to call the server; its recordings begin with that `NAME`", EnvVars: []string{"WIRETAPE_LABEL"}},
		&cli.BoolFlag{Name: "no-control", Usage: "offer no tools, and pass everything without reading it", DisableDefaultText: true, EnvVars: []string{"WIRETAPE_NO_CONTROL"}},
		&cli.StringFlag{Name: "control-prefix", Usage: "the `PREFIX` of the control tools' names; \"\" for bare names", Value: "wiretape_", EnvVars: []string{"WIRETAPE_CONTROL_PREFIX"}},
		&cli.StringFlag{Name: "on-exit", Usage: "when the server ends by itself, `stay|exit`: stay keeps the session, until the server is connected again", Value: "stay", EnvVars: []string{"WIRETAPE_ON_EXIT"}},
		&cli.StringFlag{Name: "cwd", Usage: "start the server in `DIR`", EnvVars: []string{"WIRETAPE_CWD"}},
		&cli.StringSliceFlag{Name: "env", Usage: "set a variable of the server's environment, `NAME=VALUE`; repeatable, in the variable one a line", EnvVars: []string{"WIRETAPE_ENV"}},
	}
}

// Exit statuses of a shell whose command cannot be started.
const (
	cannotRun = 126
	notFound  = 127
)

func run(ctx *cli.Context, c console) error {
	if ctx.Args().Len() == 0 {
		return usageError{err: errors.New("there is no server to start: put its command line behind --, as in wiretape -- npx -y some-server"), command: "run"}
	}
	p, err := newProxy(ctx, c)
	if err != nil {
		return err
	}
	// A Go program dies of SIGPIPE on stdout, unless it asks to be told of it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	until, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	status, err := p.Run(until)
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return exitError{notFound, fmt.Errorf("%s was not found: %w; check the command line, and PATH if it has no slash", ctx.Args().First(), err)}
	case err != nil:
		return exitError{cannotRun, fmt.Errorf("%s could not be started: %w", ctx.Args().First(), err)}
	case status != 0:
		return exitError{code: status}
	}
	return nil
}

func newProxy(ctx *cli.Context, c console) (*proxy.Proxy, error) {
	onExit, ok := map[string]proxy.OnExit{"": proxy.Stay, "stay": proxy.Stay, "exit": proxy.Leave}[ctx.String("on-exit")]
	if !ok {
		return nil, usageError{err: fmt.Errorf("--on-exit is stay or exit, not %q", ctx.String("on-exit")), command: "run"}
	}
	prefix := ctx.String("control-prefix")
	if strings.ContainsFunc(prefix, notInName) || len(prefix) > maxPrefix {
		return nil, usageError{err: fmt.Errorf("--control-prefix has at most %d of A-Z a-z 0-9 _ - and ., not %q", maxPrefix, prefix), command: "run"}
	}
	env, err := environment(ctx)
	if err != nil {
		return nil, err
	}
	if dir := ctx.String("cwd"); dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, usageError{err: fmt.Errorf("--cwd %s is no folder", dir), command: "run"}
		}
	}
	target := &proxy.Command{Args: ctx.Args().Slice(), Dir: ctx.String("cwd"), Env: env}
	version, _ := buildVersion()
	return &proxy.Proxy{
		Endpoint:  target,
		In:        c.in,
		Out:       c.out,
		Stderr:    c.err,
		Record:    recorder(ctx, c, target.Describe()),
		Warn:      c.say,
		NoControl: ctx.Bool("no-control"),
		Prefix:    prefix,
		Version:   version,
		OnExit:    onExit,
	}, nil
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
	for _, values := range ctx.StringSlice("env") {
		for v := range strings.Lines(values) {
			v = strings.TrimSuffix(v, "\n")
			if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
				return nil, usageError{err: fmt.Errorf("--env wants NAME=VALUE, not %q", v), command: "run"}
			}
			env = append(env, v)
		}
	}
	return env, nil
}

// recorder gives what opens the recording of each connection, nil if nothing
// is to be recorded.
func recorder(ctx *cli.Context, c console, target record.Endpoint) func(int) (*record.Writer, error) {
	if ctx.Bool("no-record") {
		return nil
	}
	session := record.NewID()
	label := ctx.String("label")
	if label == "" {
		label = labelOf(target.Command)
	}
	version, _ := buildVersion()
	options := record.Options{OnError: func(err error) {
		// Ends when somebody reads stderr: the recorder must not wait for that.
		go c.say("the recording has ended early: " + err.Error() + "; the traffic goes on")
	}}
	return func(n int) (*record.Writer, error) {
		h := record.Header{
			ID: record.NewID(), Session: session, Connection: n, Label: label,
			Started: time.Now(), Target: target, Program: version,
		}
		if file := ctx.String("output"); file != "" {
			return record.CreateNext(file, h, options)
		}
		dir, err := recordDir(ctx)
		if err != nil {
			return nil, err
		}
		return record.Create(filepath.Join(dir, record.FileName(h)), h, options)
	}
}
