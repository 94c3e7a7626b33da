package cli

import (
	"fmt"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"wiretape/internal/redact"
	"wiretape/record"
)

// redactFlag is that of all that writes recordings.
func redactFlag(env ...string) cli.Flag {
	return &cli.StringSliceFlag{Name: "redact", Usage: "take secrets out of what is recorded, by `RULE`: key:NAME, path:POINTER, value:REGEXP, env:NAME or preset:common; repeatable, in the variable one a line", EnvVars: env}
}

// cloak takes secrets out of the recordings of one session, of which several may
// be written at a time. A nil cloak leaves everything.
type cloak struct {
	mu sync.Mutex
	r  *redact.Redactor
}

func newCloak(ctx *cli.Context) (*cloak, error) {
	words := values(ctx, "redact")
	if len(words) == 0 {
		return nil, nil
	}
	r, err := redact.Parse(words)
	if err != nil {
		return nil, usageError{fmt.Errorf("--redact: %w", err), ctx.Command.Name}
	}
	return &cloak{r: r}, nil
}

func (c *cloak) header(h record.Header) record.Header {
	if c == nil {
		return h
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.Header(h)
}

func (c *cloak) event(e record.Event) record.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.Event(e)
}

// options have a writer's lines go through the cloak.
func (c *cloak) options(o record.Options) record.Options {
	if c != nil {
		o.Change = c.event
	}
	return o
}

// recording takes the secrets out of a whole recording. It looks at all of it
// first, so that none is left before the place where a rule finds it.
func (c *cloak) recording(whole *record.Recording) {
	if c == nil {
		return
	}
	for _, e := range whole.Events {
		c.r.Reserve(e)
	}
	for _, e := range whole.Events {
		c.r.Learn(e)
	}
	whole.Header = c.r.Header(whole.Header)
	for i := range whole.Events {
		whole.Events[i] = c.r.Event(whole.Events[i])
	}
}

// tell says what was replaced, and from which variables it can be put back.
func (c *cloak) tell(to console) {
	if c == nil {
		return
	}
	var parts []string
	for _, p := range c.r.Placeholders() {
		parts = append(parts, p.Text+" ("+p.Variable+")")
	}
	if len(parts) == 0 {
		to.say("no secrets were found")
		return
	}
	to.say("redacted: " + strings.Join(parts, ", "))
}
