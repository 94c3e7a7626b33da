package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"

	"wiretape/internal/printable"
)

// route turns what the user typed into what urfave/cli wants: a command first,
// then its flags, then its arguments.
//
// "run" may be left out, but only before a flag or "--": were it so before any
// word, "wiretape shwo latest" would start a server called shwo.
func route(app *cli.App, args []string) ([]string, error) {
	if len(args) == 0 {
		// Asked for nothing, which is no way to be started: as an error, on stderr.
		cli.HelpPrinter(app.ErrWriter, appHelp, app)
		return nil, exitError{code: 2}
	}
	first, rest := args[0], args[1:]
	switch {
	case first == completionFlag:
		return args, nil
	case len(rest) > 0 && (first == "help" || isHelp(first)):
		return route(app, []string{rest[0], "--help"})
	case first == "help" || isHelp(first):
		return []string{"--help"}, nil
	case first == "--version" || first == "-v":
		return append([]string{"version"}, rest...), nil
	case strings.HasPrefix(first, "-"):
		return append([]string{"run"}, args...), nil
	case first == "run":
		return args, nil
	}
	command := app.Command(first)
	if command == nil {
		return nil, unknownCommand(app, args)
	}
	if slices.ContainsFunc(rest, isHelp) {
		// Of the command, whatever else is there: urfave/cli would look for a
		// topic that is called as the first argument.
		return []string{first, "--help"}, nil
	}
	return append([]string{first}, flagsFirst(command, rest)...), nil
}

// completionFlag is what the shells' completion appends; urfave/cli knows it.
const completionFlag = "--generate-bash-completion"

func isHelp(arg string) bool { return arg == "--help" || arg == "-h" || arg == "-help" }

func unknownCommand(app *cli.App, args []string) error {
	best, nearest := "", 0.85
	for _, command := range app.VisibleCommands() {
		if near := smetrics.JaroWinkler(args[0], command.Name, 0.7, 4); near > nearest {
			best, nearest = command.Name, near
		}
	}
	if best != "" {
		return usageError{err: fmt.Errorf("%q is no command of wiretape, did you mean %q?", args[0], best)}
	}
	return usageError{err: fmt.Errorf("%q is no command of wiretape; to record a server, put -- before its command line: wiretape -- %s",
		args[0], printable.Cut(strings.Join(args, " "), 60))}
}

// flagsFirst moves flags before the arguments, so that "show latest --full"
// works as well as "show --full latest". What stands behind "--" stays there,
// and there go words with a dash.
func flagsFirst(command *cli.Command, args []string) []string {
	var flags, words, dashed []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--" && asksServer(command):
			// Where the recordings end and the server's command line begins must
			// still be seen.
			return slices.Concat(flags, []string{"--"}, words, []string{"--"}, args)
		case arg == "--":
			return slices.Concat(flags, []string{"--"}, words, dashed, args)
		case isDashed(arg):
			dashed = append(dashed, arg)
		case arg == completionFlag:
			words = append(words, arg) // it must stay the last
		case !strings.HasPrefix(arg, "-") || arg == "-":
			words = append(words, arg)
		case takesValue(command, arg) && len(args) > 0:
			flags = append(flags, arg, args[0])
			args = args[1:]
		default:
			flags = append(flags, arg)
		}
	}
	if dashed != nil {
		flags = append(flags, "--")
	}
	return slices.Concat(flags, words, dashed)
}

// isDashed reports whether arg is a word of a filter with a dash, such as
// -tool:echo, and no flag.
func isDashed(arg string) bool {
	key, _, ok := strings.Cut(arg, ":")
	return ok && slices.Contains([]string{"-tool", "-method", "-from", "-is", "-id"}, key)
}

// asksServer reports whether a command takes both recordings and a server.
func asksServer(command *cli.Command) bool { return command.Name == "verify" || command.Name == "call" }

// takesValue reports whether arg is a flag whose value is the next argument.
func takesValue(command *cli.Command, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	for _, flag := range command.Flags {
		if _, isBool := flag.(*cli.BoolFlag); !isBool && slices.Contains(flag.Names(), name) {
			return true
		}
	}
	return false
}

// asksForHelp reports whether the user wants help, or a shell what could be
// typed next: then it goes to stdout. Nothing else is printed by urfave/cli.
func asksForHelp(args []string) bool {
	own := args
	if i := slices.Index(args, "--"); i >= 0 {
		own = args[:i]
	}
	return slices.ContainsFunc(own, isHelp) || args[len(args)-1] == completionFlag
}
