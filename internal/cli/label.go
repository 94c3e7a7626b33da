package cli

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// runners are programs that run another, which is the server. What they are
// told to do with it, and flags, stand between the two.
var (
	runners = []string{"npx", "bunx", "pnpx", "uvx", "pipx", "node", "bun", "deno", "pnpm", "yarn", "npm", "uv", "python", "python3", "go", "docker", "podman", "env", "sh", "bash"}
	doings  = []string{"run", "exec", "dlx", "x", "tool"}
	plain   = []string{"index", "main", "server", "dist", "build", "src", "bin", "lib", "cli", "stdio", "__main__"}
)

// labelOf guesses what a user would call the server that a command starts:
// "server-everything" for "npx -y @modelcontextprotocol/server-everything".
func labelOf(command []string) string {
	if len(command) == 0 {
		return ""
	}
	for i, word := range command {
		word = strings.ReplaceAll(word, `\`, "/")
		switch {
		case strings.HasPrefix(word, "-"), slices.Contains(doings, word):
		case slices.Contains(runners, strings.TrimSuffix(path.Base(word), ".exe")) && i+1 < len(command):
		default:
			return named(word)
		}
	}
	return named(command[0])
}

// named takes the name out of a path or a package: not its version, nor its
// ending, nor a folder that every server has.
func named(word string) string {
	if at := strings.LastIndex(word, "@"); at > 0 && !strings.Contains(word[at:], "/") {
		word = word[:at]
	}
	first := ""
	for word = strings.TrimRight(word, "/"); word != "" && word != "." && word != "/"; word = path.Dir(word) {
		name := path.Base(word)
		for _, ending := range []string{".exe", ".js", ".mjs", ".cjs", ".ts", ".py", ".sh", ".go", ".jar"} {
			name = strings.TrimSuffix(name, ending)
		}
		if !slices.Contains(plain, name) && !strings.HasPrefix(name, ".") {
			return strings.TrimPrefix(name, "@")
		}
		first = cmp.Or(first, name)
	}
	return first
}
