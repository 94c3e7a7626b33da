package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"wiretape/internal/imports"
	"wiretape/record"
)

const importHelp = `Makes recordings of those that other tools made: mcpsnoop, mcp-cassette (of npm and of
PyPI), mcp-recorder, mcporter and mcp-rec. What a FILE is, is told by what it holds.

The path of each new recording is printed on stdout, one for each connection in a FILE;
what a FILE does not have, as its tool did not keep it, is said on stderr. If a FILE
cannot be imported nothing is written.`

func importCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "import",
		Usage:       "make recordings of other tools' recordings",
		ArgsUsage:   "FILE…",
		Description: importHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the recording to `OUT`, a name that ends in .jsonl or .jsonl.zst and is not taken"},
			recordDirFlag(),
		},
		Action: func(ctx *cli.Context) error {
			out := ctx.String("output")
			switch {
			case ctx.NArg() == 0:
				return usageError{errors.New("import needs a FILE: another tool's recording"), "import"}
			case out != "" && ctx.NArg() > 1:
				return usageError{errors.New("--output is for one FILE"), "import"}
			case out != "" && !isRecordingName(out):
				return usageError{fmt.Errorf("--output ends in .jsonl or .jsonl.zst, not as %s", out), "import"}
			}
			return runImport(ctx, c)
		},
	}
}

// runImport imports all files, or none.
func runImport(ctx *cli.Context, c console) error {
	w := importing{output: ctx.String("output")}
	var err error
	if w.dir, err = recordDir(ctx); err != nil {
		return err
	}
	for _, path := range ctx.Args().Slice() {
		if err := w.file(path); err != nil {
			return errors.Join(err, w.undo())
		}
	}
	s := newScreen(c.out)
	for _, path := range w.written {
		fmt.Fprintln(s, path)
	}
	if err := s.flush(); err != nil {
		return err
	}
	for _, lack := range w.lacks {
		c.say(lack)
	}
	return nil
}

// importing is what has been imported so far.
type importing struct {
	dir     string   // where recordings go that have no name yet
	output  string   // the name of the only one; empty if it has none
	written []string // paths
	lacks   []string // sentences
}

// file imports a file.
func (w *importing) file(path string) (err error) {
	f, err := imports.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if n := len(f.Connections); w.output != "" && n > 1 {
		return fmt.Errorf("%s has %d connections, each of which becomes a recording: leave --output out", path, n)
	}
	for _, connection := range f.Connections {
		if err := w.connection(path, connection); err != nil {
			return err
		}
		for _, lack := range connection.Lacks {
			if lack = path + ", of " + f.Tool + ": " + lack; !slices.Contains(w.lacks, lack) {
				w.lacks = append(w.lacks, lack)
			}
		}
	}
	return nil
}

// connection writes the recording of a connection in the file at path.
func (w *importing) connection(path string, c *imports.Connection) error {
	h := &c.Header
	h.Program, _ = buildVersion()
	if h.Label == "" {
		h.Label = labelOf(h.Target.Command)
	}
	if h.Label == "" {
		h.Label, _, _ = strings.Cut(filepath.Base(path), ".")
	}
	name := w.output
	if name == "" {
		name = filepath.Join(w.dir, record.FileName(*h))
	}
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there already, and stays as it is", name), err)
	}
	if _, err := record.Rewrite(name, *h, c.Events(), imports.Reason); err != nil {
		return fmt.Errorf("importing %s: %w", path, err)
	}
	w.written = append(w.written, name)
	return nil
}

// undo takes away what was written.
func (w *importing) undo() error {
	var all error
	for _, path := range w.written {
		if err := os.Remove(path); err != nil {
			all = errors.Join(all, fmt.Errorf("a recording stays: %w", err))
		}
	}
	return all
}
