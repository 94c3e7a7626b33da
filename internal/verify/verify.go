// Package verify questions a live server with a recording: it says what the
// recorded host said, waits where that host waited, and compares every answer
// with the recorded one.
//
// What the host minted is sent as it was recorded: ids, progress tokens, ids of
// subscriptions. What the server minted (cursors, task ids, requestState, the keys
// of inputRequests, ids of elicitations, and handles that the user names) is
// learned from what it says and put in the place of what was recorded.
package verify

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/proxy"
	"wiretape/replay"
)

// Check says what is asked of a server, and how its answers are compared. Path
// and Server have to be set.
type Check struct {
	Path   string
	Server proxy.Endpoint

	// Timeout is how long the server may take for each answer, and for each
	// request of its own that was recorded; 0 stands for 30 s. While no call is open,
	// a request of its own is waited for no longer than 5 s after the last message.
	Timeout time.Duration

	Ignore  compare.Pointers // what does not count in an answer, from its root: /result/content/0/text
	Expect  []Expectation    // what need only be of a kind
	Handles compare.Pointers // in answers: strings and numbers that the server mints and the host gives back

	Rules []replay.Rule // what else is to be ignored or expected of some calls; the first one that fits counts

	Messages bool // compare the messages of errors too

	// Slower is told as a note: a tool, or a method that has no names, whose
	// median takes this many times as long as was recorded, and at least 5 ms
	// longer. 0 tells nothing.
	Slower float64

	Said func(n, of int) // is told how many of the lines to be said were, if it is set

	Update bool // write answers that differ into the recording
}

const defaultTimeout = 30 * time.Second

// Run plays the host of the recording to a server of its own, and tells what it
// found. Problem is set if it could not go on to the end.
func (c *Check) Run(ctx context.Context) Outcome {
	started := time.Now()
	o := Outcome{File: findings.File{Path: c.Path, Plain: !strings.HasSuffix(c.Path, ".zst")}}
	if err := c.run(ctx, &o); err != nil {
		o.Problem = strings.TrimPrefix(err.Error(), c.Path+": ")
	}
	o.conceal()
	o.Duration = time.Since(started)
	return o
}

func (c *Check) run(ctx context.Context, o *Outcome) error {
	s, err := readScript(c.Path)
	if err != nil {
		return err
	}
	rules, err := c.compile()
	if err != nil {
		return err
	}
	if len(s.steps) == 0 {
		return errors.New("nothing was said to the server in this recording")
	}
	if c.Update && s.redacted {
		return errors.New("secrets were taken out of this recording, and its new answers would have them: record it anew")
	}
	o.secrets = s.secrets(os.LookupEnv)
	if err := s.fill(os.LookupEnv); err != nil {
		return err
	}
	p := newPlay(c, rules, s)
	stop, err := p.live.connect(ctx, c.Server)
	if err != nil {
		return err
	}
	err = p.play(ctx)
	exit := stop()
	p.leftover(err == nil)
	if err == nil {
		p.exited(exit)
	}
	o.Calls, o.Findings = p.judge()
	if err != nil {
		o.Stderr = p.live.words.String()
		return err
	}
	return c.settle(o, p)
}

func (c *Check) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return defaultTimeout
}
