// Package cli is the command line of wiretape: the only package that prints, or
// knows what an exit status is.
package cli

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"
)

// console is what a command reads and prints to. out.go has the rules.
type console struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// Main runs wiretape with args, the program's name not among them, and gives
// the exit status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := console{stdin, stdout, stderr}
	app := newApp(c)
	line, err := route(app, args)
	if err == nil {
		app.Writer = c.err
		if asksForHelp(line) {
			app.Writer = c.out
			prepareHelp(app)
		}
		err = app.Run(append([]string{app.Name}, line...))
	}
	return c.report(err)
}

func newApp(c console) *cli.App {
	app := &cli.App{
		Name: "wiretape",
		// A comma in a value of --env belongs to the value.
		DisableSliceFlagSeparator: true,
		Usage:                     "stands between an MCP host and an MCP server and records what they say",
		HideHelpCommand:           true,
		HideVersion:               true,
		EnableBashCompletion:      true,
		CustomAppHelpTemplate:     appHelp,
		ErrWriter:                 c.err,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageFailed,
		Commands: []*cli.Command{
			runCommand(c),
			replayCommand(c),
			verifyCommand(c),
			callCommand(c),
			fixtureCommand(c),
			diffCommand(c),
			lsCommand(c),
			showCommand(c),
			statsCommand(c),
			importCommand(c),
			pruneCommand(c),
			demoCommand(c),
			demoServerCommand(c),
			completionCommand(c),
			versionCommand(c),
		},
	}
	for _, command := range app.Commands {
		// A word after the flags is an argument, never a command: "help" may be
		// the server to run, or a label.
		command.HideHelpCommand = true
		command.OnUsageError = usageFailed
	}
	return app
}

// usageFailed keeps urfave/cli from printing its own words, and the whole help,
// in place of one sentence.
func usageFailed(ctx *cli.Context, err error, _ bool) error {
	return usageError{err: err, command: ctx.Command.Name}
}

// exitError ends wiretape with a status. Without err it ends it silently.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// usageError says that the command line is wrong: status 2, and where to read
// how it is right.
type usageError struct {
	err     error
	command string // whose help says more; empty for wiretape's own
}

func (e usageError) Error() string {
	if e.command == "" || e.command == "wiretape" {
		return e.err.Error() + " (see wiretape --help)"
	}
	return e.err.Error() + " (see wiretape " + e.command + " --help)"
}

func (e usageError) Unwrap() error { return e.err }

// report prints what went wrong and gives the exit status for it.
func (c console) report(err error) int {
	if err == nil {
		return 0
	}
	code := 1
	if exit := (exitError{}); errors.As(err, &exit) {
		code = exit.code
	} else if errors.As(err, &usageError{}) {
		code = 2
	}
	if err.Error() != "" {
		c.say(err.Error())
	}
	return code
}
