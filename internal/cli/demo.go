package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/urfave/cli/v2"

	"wiretape/internal/demo"
	"wiretape/internal/printable"
)

// demoLimit is far more than the demo takes. It only keeps a broken one from
// hanging.
const demoLimit = 30 * time.Second

func demoCommand(c console) *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "play a short session through wiretape and show what it recorded",
		Description: `A small host and a small server that are part of wiretape talk to each other, with
a real wiretape between them, as a process of its own. Nothing else is needed.`,
		Flags: []cli.Flag{recordDirFlag()},
		Action: func(ctx *cli.Context) error {
			if ctx.NArg() > 0 {
				return usageError{errors.New("demo takes no arguments"), "demo"}
			}
			return runDemo(ctx, c)
		},
	}
}

func demoServerCommand(c console) *cli.Command {
	return &cli.Command{
		Name:   "demo-server",
		Usage:  "be the server of the demo, on stdin and stdout",
		Hidden: true,
		Action: func(*cli.Context) error { return demo.Serve(c.in, c.out) },
	}
}

func runDemo(ctx *cli.Context, c console) error {
	dir, err := recordDir(ctx)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx.Context, demoLimit)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the demo cannot find the program to start: %w", err)
	}
	base := filepath.Join(dir, fmt.Sprintf("demo-%s-%d", time.Now().UTC().Format("20060102T150405Z"), os.Getpid()))
	wiretape := exec.CommandContext(limit, self, "run", "-o", base+".jsonl.zst", "--label", "demo", "--", self, "demo-server")
	wiretape.Env = withoutFlags(os.Environ())

	s := newScreen(c.out)
	complaints, err := play(wiretape, s)
	if err != nil {
		return fmt.Errorf("the demo failed: %w%s", err, complaints)
	}
	fmt.Fprintf(s, "\n%s\n", s.paint(printable.Bold, "What wiretape recorded: one file for each time that the server was connected."))
	for _, path := range []string{base + ".jsonl.zst", base + "-2.jsonl.zst"} {
		if err := s.exhibit(path); err != nil {
			return fmt.Errorf("the demo left no good recording: %w%s", err, complaints)
		}
	}
	where := ""
	if ctx.IsSet(recordDirName) {
		where = " --" + recordDirName + " " + dir
	}
	fmt.Fprintf(s, "\nSee them again:   wiretape ls%[1]s   wiretape show latest%[1]s   wiretape stats demo%[1]s\n", where)
	fmt.Fprintln(s, "Record your own:  put \"wiretape --\" before a server's command line")
	return s.flush()
}

// withoutFlags leaves out the variables that set flags of "run": the demo runs
// as it was written, whatever the user has set for real servers.
func withoutFlags(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "WIRETAPE_") && !strings.HasPrefix(v, "WIRETAPE_HOME=")
	})
}

// play has the host play with the server behind wiretape, and comments on it.
// It gives what wiretape complained of on stderr.
func play(wiretape *exec.Cmd, s *screen) (complaints string, err error) {
	stdin, err := wiretape.StdinPipe()
	if err != nil {
		return "", err
	}
	stdout, err := wiretape.StdoutPipe()
	if err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	wiretape.Stderr = &stderr
	if err := wiretape.Start(); err != nil {
		return "", err
	}
	host := demo.Host{In: stdout, Out: stdin, Tell: s.remark}
	err = errors.Join(host.Play(), wiretape.Wait())
	if first, _, ok := strings.Cut(stderr.String(), "\n"); ok {
		complaints = " (wiretape said: " + strings.TrimPrefix(first, "wiretape: ") + ")"
	}
	return complaints, err
}

// remark prints a line of the commentary at once.
func (s *screen) remark(r demo.Remark) {
	const margin = "    "
	lines := strings.Split(text.WrapSoft(printable.Escape(r.Text), s.width-len(margin)), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	said := strings.Join(lines, "\n"+margin)
	switch r.Kind {
	case demo.Scene:
		said = "\n" + s.paint(printable.Bold, printable.Escape(r.Text))
	case demo.Sent:
		said = "  " + s.paint(printable.Cyan, "→") + " " + said
	case demo.Came:
		said = "  " + s.paint(printable.Blue, "←") + " " + said
	case demo.Refused:
		said = "  " + s.paint(printable.Red, "✗ "+said)
	case demo.Aside:
		said = "  " + s.paint(printable.Faint, "· "+said)
	}
	fmt.Fprintln(s, said)
	// An error stays in the screen and comes out at its end.
	_ = s.Flush()
}

// exhibit shows a recording, its statistics and where it is.
func (s *screen) exhibit(path string) error {
	fmt.Fprintln(s)
	one, err := tally(path)
	if err != nil {
		return err
	}
	if err := show(s, path, func(s *screen) presenter { return &conversation{screen: s} }); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Fprintln(s)
	s.summary(one)
	s.tallies("TOOL", one.Statistics.Tools)
	fmt.Fprintf(s, "\n%s %s\n", s.paint(printable.Green, path), s.paint(printable.Faint, "("+size(info.Size())+")"))
	return nil
}
