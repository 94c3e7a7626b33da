package cli

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/urfave/cli/v2"
)

const replayHelp = `Stands in for the server that FILE was recorded of, on standard input and output:
any host can start it in that server's place. What a call was answered it is answered
again; a call that was not recorded gets an error that names the nearest one, which is
also said on stderr, and the exit status is 1. Otherwise it is that of the recorded
server, if that ended by itself, or 0. The placeholder of a secret that was redacted
stands for what the host says in its place, always for the same.

` + fileUsage + ` With --control several
FILEs can be given, the connections of one session: the first one is played first, and
wiretape_connect plays the next one.

` + rulesHelp + `

` + faultHelp

func replayCommand(c console) *cli.Command {
	return &cli.Command{
		Name:        "replay",
		Usage:       "play a recording to a host, in place of its server",
		ArgsUsage:   "FILE",
		Description: replayHelp,
		Flags: slices.Concat(playFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "control", Usage: "offer the control tools", DisableDefaultText: true},
			prefixFlag(),
		}, faultFlags(), []cli.Flag{recordDirFlag()}),
		BashComplete: completeRecordings(c),
		Action:       func(ctx *cli.Context) error { return runReplay(ctx, c) },
	}
}

func runReplay(ctx *cli.Context, c console) error {
	playing, err := newPlaying(ctx, c)
	if err != nil {
		return err
	}
	s := &stage{playing: playing}
	p, err := newProxy(ctx, c)
	if err == nil {
		err = s.find(ctx)
	}
	if err != nil {
		return s.nothing(err)
	}
	until, stop := untilSignal()
	defer stop()
	if p.NoControl = !ctx.Bool("control"); p.NoControl && len(p.Faults) == 0 {
		host := &ear{ctx: until, out: c.out}
		status, err := s.played.Serve(until, c.in, host)
		if host.gone {
			err = nil
		}
		return s.end(status, err)
	}
	p.Endpoint = s.played
	status, err := p.Run(until)
	return s.end(status, err)
}

// find opens the recordings that are to be played.
func (s *stage) find(ctx *cli.Context) error {
	paths, err := toPlay(ctx)
	if err == nil {
		s.played, err = s.open(paths...)
	}
	return err
}

// toPlay gives the paths of the recordings that are to be played.
func toPlay(ctx *cli.Context) ([]string, error) {
	names := ctx.Args().Slice()
	switch {
	case len(names) == 0:
		return nil, usageError{errors.New("replay needs a FILE: a path, a label, the beginning of an id, or latest"), "replay"}
	case len(names) > 1 && !ctx.Bool("control"):
		return nil, usageError{errors.New("replay plays one FILE; several are the connections of a session, which it takes --control to connect"), "replay"}
	}
	return findAll(ctx, names)
}

func findAll(ctx *cli.Context, names []string) ([]string, error) {
	paths := make([]string, len(names))
	for i, name := range names {
		path, err := find(ctx, name)
		if err != nil {
			return nil, err
		}
		paths[i] = path
	}
	return paths, nil
}

// ear is a host that is not waited for any more when ctx ends. Writes come one
// at a time.
type ear struct {
	ctx  context.Context
	out  io.Writer
	gone bool // it listens no more
}

func (e *ear) Write(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	written := make(chan result, 1)
	// Ends when the host has read it, or with the process.
	go func() {
		n, err := e.out.Write(p)
		written <- result{n, err}
	}()
	select {
	case w := <-written:
		e.gone = w.err != nil
		return w.n, w.err
	case <-e.ctx.Done():
		e.gone = true
		return 0, e.ctx.Err()
	}
}
