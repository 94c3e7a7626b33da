package cli

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/urfave/cli/v2"

	"wiretape/internal/retention"
	"wiretape/record"
)

// keepFlag is that of a line that prunes the folder it records to.
func keepFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "keep", Usage: "delete recordings from the folder that are beyond `LIMIT`, an age (30d), a size of all (2GB) or both (30d,2GB), as \"wiretape prune\" does, but none of this session; repeatable", EnvVars: []string{"WIRETAPE_KEEP"}}
}

// limitsToKeep gives those of --keep, of which an empty variable has none.
func limitsToKeep(ctx *cli.Context) (retention.Limits, error) {
	texts := values(ctx, "keep")
	if strings.Join(texts, "") == "" {
		return retention.Limits{}, nil
	}
	limits, err := retention.ParseLimits(texts...)
	if err != nil {
		return limits, fmt.Errorf("--keep: %w", err)
	}
	other := given(ctx, &cli.StringFlag{Name: "output"}, &cli.StringFlag{Name: "mode"}, &cli.BoolFlag{Name: "no-record"})
	if other != "" {
		return limits, fmt.Errorf("--keep is for the folder of the recordings, and with %s nothing is recorded there", other)
	}
	return limits, nil
}

// keeper keeps the folder that a line records to within limits, beside the
// line: it says nothing unless something is wrong, and then once.
type keeper struct {
	console
	dir     string
	limits  retention.Limits
	session atomic.Value // string; none of its recordings is deleted

	pruning sync.Mutex // held by who prunes
	warned  bool       // guarded by pruning
}

// newKeeper gives nil if there are no limits to keep to.
func newKeeper(ctx *cli.Context, c console) (*keeper, error) {
	limits, err := limitsToKeep(ctx)
	if err != nil {
		return nil, usageError{err, "run"}
	}
	if limits == (retention.Limits{}) {
		return nil, nil
	}
	dir, err := recordDir(ctx)
	return &keeper{console: c, dir: dir, limits: limits}, err
}

// beside prunes whenever a recording was opened.
func (k *keeper) beside(open func(int) (*record.Writer, error)) func(int) (*record.Writer, error) {
	if k == nil || open == nil {
		return open
	}
	return func(n int) (*record.Writer, error) {
		w, err := open(n)
		if err == nil {
			k.session.Store(w.Header().Session)
			go k.prune() // ends when all is deleted, or with the process
		}
		return w, err
	}
}

// keepGrace is what pruning at the end may take of the time in which a line has
// to be gone. What is left then is left to the next line.
const keepGrace = 100 * time.Millisecond

// end prunes once more: the session's recordings have grown since they were
// opened.
func (k *keeper) end() {
	if k == nil {
		return
	}
	done := make(chan struct{})
	go func() { // ends when all is deleted, or with the process
		defer close(done)
		k.prune()
	}()
	select {
	case <-done:
	case <-time.After(keepGrace):
	}
}

// prune does it once.
func (k *keeper) prune() {
	k.pruning.Lock()
	defer k.pruning.Unlock()
	f, err := openFolder(k.dir)
	sweep := retention.Sweep{Limits: k.limits, Spare: func(r record.Info) bool { return r.Header.Session == k.session.Load() }}
	if err = errors.Join(err, failed(sweep.Run(f.recordings).Failed)); err != nil && !k.warned {
		k.warned = true
		k.say("the limits of --keep are not kept: " + err.Error())
	}
}
