package cli

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func versionCommand(c console) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "say which wiretape this is",
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() > 0 {
				return usageError{errors.New("version takes no arguments"), "version"}
			}
			_, err := io.WriteString(c.out, versionLine()+"\n")
			return err
		},
	}
}

// versionLine tells the version, the commit that it was built from, and by what.
func versionLine() string {
	version, commit := buildVersion()
	if commit != "" {
		commit = ", commit " + commit
	}
	return fmt.Sprintf("wiretape %s (%s, %s/%s%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, commit)
}

// buildVersion gives the module's version, "(devel)" for a build from a working
// tree, and the commit if the build knows it.
func buildVersion() (version, commit string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)", ""
	}
	version = info.Main.Version
	if version == "" {
		version = "(devel)"
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			commit = setting.Value[:min(12, len(setting.Value))] + commit
		case setting.Key == "vcs.modified" && setting.Value == "true":
			commit += " with changes"
		}
	}
	return version, commit
}
