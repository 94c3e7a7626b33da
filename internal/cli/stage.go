package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/vcr"
	"wiretape/proxy"
	"wiretape/record"
)

// stageFlags are those of "run" that say what the host gets to hear.
func stageFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "replay", Usage: "play the recording `FILE` in place of a server; repeatable, for the connections of a session, in the variable one a line", EnvVars: []string{"WIRETAPE_REPLAY"}},
		&cli.StringFlag{Name: "mode", Usage: "make or play the recording that --output names, `none|once|new|all`", EnvVars: []string{"WIRETAPE_MODE"}},
	}
}

// stage is what a host gets to hear: a server, recordings in its place, or both.
type stage struct {
	*playing
	target proxy.Endpoint
	record func(n int) (*record.Writer, error) // nil records nothing
	played *vcr.Endpoint                       // nil if nothing is played
	tape   *vcr.Tape                           // nil without --mode
	keep   *keeper                             // nil without --keep
}

// newStage sets the stage for "run".
func newStage(ctx *cli.Context, c console) (*stage, error) {
	if err := cmp.Or(checkStage(ctx), checkOutput(ctx)); err != nil {
		return nil, usageError{err, "run"}
	}
	playing, err := newPlaying(ctx, c)
	if err != nil {
		return nil, err
	}
	s := &stage{playing: playing}
	if err := s.set(ctx); err != nil {
		return nil, s.nothing(err)
	}
	return s, nil
}

// set makes ready what the host gets to hear.
func (s *stage) set(ctx *cli.Context) (err error) {
	if s.keep, err = newKeeper(ctx, s.console); err != nil {
		return err
	}
	if s.cloak, err = newCloak(ctx); err != nil {
		return err
	}
	live, err := server(ctx)
	if err != nil {
		return err
	}
	s.cloak.environment(live.Env)
	switch {
	case len(values(ctx, "replay")) > 0:
		err = s.replay(ctx)
	case ctx.String("mode") != "":
		err = s.cassette(ctx, live)
	default:
		s.target, s.record = live, s.recorder(ctx, "", live)
	}
	if err == nil {
		err = s.cloak.reserve(s.played)
	}
	s.record = s.keep.beside(s.record)
	return err
}

// checkStage says which flags do not go together.
func checkStage(ctx *cli.Context) error {
	mode, replays := ctx.String("mode"), len(values(ctx, "replay")) > 0
	switch plays := given(ctx, playFlags()...); {
	case replays && mode != "":
		return errors.New("--replay and --mode exclude each other")
	case replays:
		return checkReplay(ctx)
	case mode == "" && plays != "":
		return fmt.Errorf("%s is for recordings that are played, with --replay or --mode", plays)
	case !ctx.Args().Present() && mode != string(vcr.None):
		return errors.New("there is no server to start: put its command line behind --, as in wiretape -- npx -y some-server")
	case mode == "":
		return nil
	}
	return checkMode(ctx, mode)
}

func checkReplay(ctx *cli.Context) error {
	if ctx.Args().Present() {
		return fmt.Errorf("--replay plays a recording in place of a server: leave out %q, or else --replay", ctx.Args().First())
	}
	if flag := given(ctx, serverFlags()...); flag != "" {
		return fmt.Errorf("%s is for a server, and --replay starts none", flag)
	}
	return nil
}

func checkMode(ctx *cli.Context, mode string) error {
	if _, err := vcr.ParseMode(mode); err != nil {
		return fmt.Errorf("--mode: %w", err)
	}
	if ctx.String("output") == "" {
		return errors.New("--mode needs the recording: --output FILE")
	}
	if ctx.Bool("no-record") {
		return errors.New("--mode and --no-record exclude each other")
	}
	return nil
}

// checkOutput says why there can be no recording at --output. A name that is taken
// by a file gets a number.
func checkOutput(ctx *cli.Context) error {
	file := ctx.String("output")
	info, err := os.Stat(file)
	switch {
	case ctx.Bool("no-record"):
		return nil
	case file == "-":
		return errors.New("--output wants a file: stdout belongs to the protocol")
	case err != nil, info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return fmt.Errorf("--output %s is a folder: name a file in it, or give --record-dir", file)
	}
	return fmt.Errorf("--output %s is a pipe or a device, and no file; to record nothing there is --no-record", file)
}

// replay has recordings played, which is recorded in turn.
func (s *stage) replay(ctx *cli.Context) error {
	paths, err := findAll(ctx, values(ctx, "replay"))
	if err != nil {
		return err
	}
	if s.played, err = s.open(paths...); err != nil {
		return err
	}
	label := s.played.Recordings[0].Header().Label
	if label == "" {
		label, _, _ = strings.Cut(filepath.Base(paths[0]), ".jsonl")
	}
	s.target, s.record = s.played, s.recorder(ctx, label, s.played)
	return nil
}

// cassette has one recording made or played, as --mode wants it.
func (s *stage) cassette(ctx *cli.Context, live *proxy.Command) (err error) {
	version, _ := buildVersion()
	s.tape = &vcr.Tape{
		Path:    ctx.String("output"),
		Mode:    vcr.Mode(ctx.String("mode")),
		Live:    live,
		Options: s.options,
		Label:   ctx.String("label"),
		Program: version,
		Record:  s.cloak.options(record.Options{OnError: s.endedEarly}),
		Head:    s.head,
	}
	if s.target, s.record, err = s.tape.Open(); err != nil {
		return hinted(err)
	}
	s.played = s.tape.Played()
	return nil
}

// end tells what came of it all, once the line has ended with a status. A
// replay in which something went wrong ends with status 1.
func (s *stage) end(status int, err error) error {
	told := s.told(s.played)
	err = errors.Join(err, s.close(), told)
	switch {
	case err != nil && (s.played != nil || status == 0):
		return exitError{1, err}
	case err != nil || status != 0:
		return exitError{status, err}
	}
	return nil
}

// close finishes what is played or made, and says what went wrong with it.
func (s *stage) close() error {
	switch {
	case s.tape != nil:
		return s.tape.Close()
	case s.played != nil:
		return errors.Join(s.played.Err(), s.played.Close())
	}
	return nil
}

// head takes the secrets out of a header. A label that it lacks is guessed from what
// is left.
func (s *stage) head(h record.Header) record.Header {
	h = s.cloak.header(h)
	if h.Label == "" {
		h.Label = labelOf(h.Target.Command)
	}
	return h
}

// recorder gives what opens the recording of each connection, nil if nothing
// is to be recorded. An empty label is guessed.
func (s *stage) recorder(ctx *cli.Context, label string, target proxy.Endpoint) func(int) (*record.Writer, error) {
	if ctx.Bool("no-record") {
		return nil
	}
	session := record.NewID()
	version, _ := buildVersion()
	options := s.cloak.options(record.Options{OnError: s.endedEarly})
	return func(n int) (*record.Writer, error) {
		h := s.head(record.Header{
			ID: record.NewID(), Session: session, Connection: n, Label: cmp.Or(ctx.String("label"), label),
			Started: time.Now(), Target: target.Describe(), Program: version,
		})
		if file := ctx.String("output"); file != "" {
			return record.CreateNext(file, h, options)
		}
		dir, err := recordDir(ctx)
		if err != nil {
			return nil, err
		}
		return record.Create(filepath.Join(dir, record.FileName(h)), h, options)
	}
}

// endedEarly tells that a recording cannot be written any more.
func (c console) endedEarly(err error) {
	// Ends when somebody reads stderr: the recorder must not wait for that.
	go c.say("the recording has ended early: " + err.Error() + "; the traffic goes on")
}
