package replaytest

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Mode says when [Record] talks to the server, and when to its recording. The
// empty one stands for what -record says on the command line of go test, as in
// go test -record=all, then for what WIRETAPE_MODE says in the environment, then
// for Once.
//
// Only tests that import this package know the flag: for all packages at once
// there is the variable. A test that has a flag -record of its own keeps it.
type Mode string

const (
	None Mode = "none" // only the recording answers: the mode for CI
	Once Mode = "once" // without a recording one is made, with one it answers
	New  Mode = "new"  // the recording answers, or else the server: its answers are added
	All  Mode = "all"  // the recording is made anew
)

// modes are all of them.
var modes = []Mode{None, Once, New, All}

// modeVariable is the environment variable with the mode.
const modeVariable = "WIRETAPE_MODE"

// modeFlag is the flag with the mode.
const modeFlag = "record"

// flagged is what the flag says. It has to be known before main, which is
// where tests parse their flags.
var flagged = register(flag.CommandLine, os.Args[1:])

// register defines -record, if the command line has it with one of our modes.
// Otherwise it leaves the name to the test, which may have a flag of its own
// such as -record=true: a flag that is defined twice is a panic.
func register(flags *flag.FlagSet, args []string) *string {
	given, ours := false, false
	for _, arg := range args {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-"), "=")
		if strings.HasPrefix(arg, "-") && name == modeFlag {
			given, ours = true, ours || slices.Contains(modes, Mode(value))
		}
	}
	switch {
	case flags.Lookup(modeFlag) != nil:
	case ours:
		return flags.String(modeFlag, "", "what replaytest.Record does: none, once, new or all")
	case given:
		explain(flags)
	}
	return new(string)
}

// explain has the user told what -record may be, if the test turns out to have no
// such flag of its own either.
func explain(flags *flag.FlagSet) {
	usage := flags.Usage
	flags.Usage = func() {
		if flags.Lookup(modeFlag) == nil {
			fmt.Fprintf(flags.Output(), "replaytest: what Record does is told by -%[1]s=none, -%[1]s=once, -%[1]s=new or -%[1]s=all\n", modeFlag)
		} else if usage != nil {
			usage()
		}
	}
}

// chosen gives the mode that counts.
func (m Mode) chosen(flagged, variable string) (Mode, error) {
	for _, choice := range []struct {
		mode Mode
		from string
	}{
		{m, "Options.Mode"}, {Mode(flagged), "-" + modeFlag}, {Mode(variable), modeVariable},
	} {
		switch {
		case choice.mode == "":
		case slices.Contains(modes, choice.mode):
			return choice.mode, nil
		default:
			return "", fmt.Errorf("%s is none, once, new or all, not %q", choice.from, choice.mode)
		}
	}
	return Once, nil
}
