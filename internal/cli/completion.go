package cli

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"wiretape/internal/printable"
)

// The scripts ask wiretape itself what fits, but never behind "--": there
// stands the command of a server, which asking would start.
//
//go:embed completion
var completionScripts embed.FS

func completionCommand(c console) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the completion script of a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: `bash: source <(wiretape completion bash)
zsh:  source <(wiretape completion zsh)
fish: wiretape completion fish | source`,
		BashComplete: func(*cli.Context) { fmt.Fprint(c.out, "bash\nzsh\nfish\n") },
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() != 1 {
				return usageError{errors.New("completion needs the name of a shell: bash, zsh or fish"), "completion"}
			}
			script, err := completionScripts.ReadFile("completion/wiretape." + ctx.Args().First())
			if err != nil {
				return usageError{fmt.Errorf("there is no completion for %q, only for bash, zsh and fish", ctx.Args().First()), "completion"}
			}
			_, err = c.out.Write(script)
			return err
		},
	}
}

// completeRecordings offers what a FILE can be, besides a path, which the shell
// itself completes.
func completeRecordings(c console) cli.BashCompleteFunc {
	return func(ctx *cli.Context) {
		// As urfave/cli does: where a flag is half typed, ctx has no arguments.
		if n := len(os.Args); n > 2 && strings.HasPrefix(os.Args[n-2], "-") {
			cli.DefaultCompleteWithFlags(ctx.Command)(ctx)
			return
		}
		dir, err := recordDir(ctx)
		if err != nil {
			return
		}
		f, err := openFolder(dir)
		if err != nil || len(f.recordings) == 0 {
			return
		}
		fmt.Fprintln(c.out, "latest")
		seen := make(map[string]bool)
		for _, r := range f.recordings {
			for _, word := range []string{r.Header.Label, shortID(r)} {
				if word != "" && !seen[word] && word == printable.Escape(word) {
					seen[word] = true
					fmt.Fprintln(c.out, word)
				}
			}
		}
	}
}
