package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"wiretape/internal/redact"
	"wiretape/internal/vcr"
	"wiretape/record"
)

// redactHelp is how secrets are told.
const redactHelp = `A RULE of --redact tells what is secret. A placeholder takes its place:

   key:NAME        the value of every member NAME; case does not matter, and *, ? and
                   [a-z] are as in file names
   path:POINTER    what stands there in a message (/params/arguments/pin), where * is any
                   one member, or what a JSONPath finds ($.result..pin)
   value:REGEXP    what matches in any text; of a match, its first group if it has one
   env:NAME        the value of this variable, wherever it stands
   preset:common   what is usually secret: tokens, passwords, keys, cookies`

// redactFlag is that of all that writes recordings, and can be set by the variable if
// it has one.
func redactFlag(variable ...string) cli.Flag {
	usage := "take secrets out of what is written, by a `RULE` as described above; repeatable"
	if len(variable) > 0 {
		usage += ", in the variable one a line"
	}
	return &cli.StringSliceFlag{Name: "redact", Usage: usage, EnvVars: variable}
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

// environment makes known what a server may tell of its own.
func (c *cloak) environment(variables []string) {
	if c != nil {
		c.r.Environment(variables)
	}
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

// writer takes the secrets out of JSON, of which each value is written at once.
func (c *cloak) writer(to io.Writer) io.Writer {
	if c == nil {
		return to
	}
	return cloaked{c, to}
}

type cloaked struct {
	cloak *cloak
	to    io.Writer
}

func (c cloaked) Write(value []byte) (int, error) {
	if _, err := c.to.Write(c.cloak.text(value)); err != nil {
		return 0, err
	}
	return len(value), nil
}

// reserve keeps the placeholders of what is played from being given to others:
// what is played may be recorded again, or added to.
func (c *cloak) reserve(played *vcr.Endpoint) error {
	if c == nil || played == nil {
		return nil
	}
	for _, p := range played.Recordings {
		r, err := record.Open(p.Path())
		if err != nil {
			return err
		}
		c.r.Reserve(r.Header().Append(nil))
		for e := range r.All() {
			c.r.Reserve(e.Line) // what is damaged is told by who plays it
		}
		if err := r.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cloak) text(text []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.r.Text(text)
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
	c.r.Reserve(whole.Header.Append(nil))
	for _, e := range whole.Events {
		c.r.Reserve(e.Line)
	}
	for _, e := range whole.Events {
		c.r.Learn(e)
	}
	whole.Header = c.r.Header(whole.Header)
	for i := range whole.Events {
		e := c.r.Event(whole.Events[i])
		if whole.Events[i] = e; e.End != nil {
			whole.End = e.End
		}
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
