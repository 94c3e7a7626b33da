package replaytest

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/mark3labs/mcp-go/client"

	"wiretape/proxy"
	"wiretape/record"
)

// Record gives an initialized client of the server that command starts, or of
// its recording at path, with the zero Options.
func Record(t testing.TB, path, command string, args ...string) *client.Client {
	t.Helper()
	return Options{}.Record(t, path, command, args...)
}

// Record gives an initialized client of the server that command starts, or of
// its recording at path: that is for the Mode to say. By default the first run
// of a test makes the recording, and all runs after it are played from it, as by
// [Options.Client].
//
// A client of the server talks to a process, which is gone when the test has
// ended. What was said is kept at path, compressed if that ends in ".zst", once
// the test has passed; of a test that fails or is skipped nothing is kept, and
// what was at path stays as it was. Tests that run at the same time should not
// record to the same path: the one that ends last has its way.
func (o Options) Record(t testing.TB, path, command string, args ...string) *client.Client {
	t.Helper()
	mode, err := o.Mode.chosen(*flagged, os.Getenv(modeVariable))
	if err != nil {
		t.Fatalf("replaytest: %v", err)
	}
	_, err = os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		t.Fatalf("replaytest: %v", err)
	case missing && mode == None:
		t.Fatalf("replaytest: there is no recording %s, and none is made in the mode none; run this test with -%s=once where %s can be started, and keep the file",
			path, modeFlag, command)
	case !missing && (mode == None || mode == Once):
		return o.play(&verdict{t: t, path: path, options: o, advice: advice})
	}
	s := &session{t: t, options: o, path: path, adds: !missing && mode == New}
	return s.begin(server{&proxy.Command{Args: append([]string{command}, args...), Dir: o.Dir, Env: o.Env}})
}

const advice = "to ask the server for what is missing, run this test with -" + modeFlag + "=new; to record all anew, with -" + modeFlag + "=all"

// server is a command of which a recording tells nothing that belongs to the
// machine: the tests of a package are run in its folder on all of them.
type server struct{ *proxy.Command }

// Describe implements proxy.Endpoint.
func (s server) Describe() record.Endpoint {
	d := s.Command.Describe()
	d.Cwd = s.Dir
	if s.Env == nil {
		d.Env = nil
	}
	return d
}
