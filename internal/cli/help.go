package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v2"
)

// appHelp is what "wiretape --help" says.
const appHelp = `wiretape stands between an MCP host and an MCP server and records what they say.

In the host's configuration, put it before the server's own command line:

  npx -y @modelcontextprotocol/server-everything
  wiretape -- npx -y @modelcontextprotocol/server-everything

Usage:
  wiretape [run] [options] -- COMMAND [ARG…]
  wiretape COMMAND [options] [ARG…]

Commands:
{{range .VisibleCommands}}  {{printf "%-12s" .Name}}{{.Usage}}
{{end}}
"wiretape COMMAND --help" tells more of each; "wiretape demo" shows it all at work.
`

// commandHelp is what "wiretape COMMAND --help" says, before its options.
const commandHelp = `{{.HelpName}}: {{.Usage}}

Usage:
  {{.HelpName}} [options]{{with .ArgsUsage}} {{.}}{{end}}
{{with .Description}}
{{.}}
{{end}}
Options:
`

// optionsHelp is a template for flags, each on a line of its own: with the
// variables that set them, most are too long for less.
func optionsHelp(flags []cli.Flag) string {
	const margin, width = "      ", 80
	var help strings.Builder
	for _, flag := range flags {
		names, usage, _ := strings.Cut(cli.FlagStringer(flag), "\t")
		usage = text.WrapSoft(strings.TrimSpace(usage), width-len(margin))
		fmt.Fprintf(&help, "  %s\n", names)
		for line := range strings.Lines(usage) {
			fmt.Fprintf(&help, "%s%s\n", margin, strings.TrimRight(line, " \n"))
		}
	}
	return "{{" + strconv.Quote(help.String()) + "}}"
}

// prepareHelp gives all commands their help: only if it was asked for, as it
// takes longer than a start should.
func prepareHelp(app *cli.App) {
	for _, command := range app.Commands {
		command.CustomHelpTemplate = commandHelp + optionsHelp(append(slices.Clone(command.Flags), cli.HelpFlag))
	}
}
