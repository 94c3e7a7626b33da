// Wiretape stands between an MCP host and an MCP server, passes every byte and
// records every message.
package main

import (
	"os"

	"wiretape/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
