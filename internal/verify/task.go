package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// A host asks how a task is going as often as it likes, so what counts is how
// the task ended.

// isOver reports whether an answer to tasks/get says that the task is over.
//
// MCP 2025-11-25, tasks: completed, failed and cancelled are terminal.
func isOver(result []byte) bool {
	status, _ := wire.Text(wire.Get(result, "status"))
	return slices.Contains([]string{"completed", "failed", "cancelled"}, status)
}

// underway is what does not count in an answer about a task that is not over.
var underway = must("/status")

// taskIgnore is what does not count besides in an answer to a call. A task that was
// not over may be by now; that it failed counts where its end was not recorded.
func taskIgnore(c *call, live []byte) compare.Pointers {
	if c.method != "tasks/get" {
		return nil
	}
	switch status, _ := wire.Text(wire.Get(live, "status")); {
	case isOver(c.answer.Result):
		return nil
	case c.said.endless && isOver(live) && status != "completed":
		return nil
	}
	return underway
}

// ends takes note of a task that the server says is over.
func (r *reading) ends(method string, said []byte) {
	if strings.Contains(method, "tasks") && isOver(said) {
		r.over[string(wire.Get(said, "taskId"))] = true
	}
}

// endless finds the answers about tasks that are never said to be over.
func (r *reading) endless() {
	for _, c := range r.calls {
		if c.method == "tasks/get" && c.answer != nil {
			c.said.endless = !r.over[string(wire.Get(c.answer.Result, "taskId"))]
		}
	}
}

// pollEvery is how long is waited before a task is asked for again.
const pollEvery = 100 * time.Millisecond

// poll asks for a task until it is over, if it was when it was recorded. The last
// answer is the one that counts.
func (p *play) poll(ctx context.Context, n int, got heard) (heard, error) {
	c := p.script.calls[n]
	if c.method != "tasks/get" || c.line == nil || !isOver(c.answer.Result) {
		return got, nil
	}
	for until := p.tries[n].sent.Add(p.timeout()); got.Result != nil && !isOver(got.Result) && time.Now().Before(until); {
		if err := p.wait(ctx, time.Now().Add(pollEvery), func() bool { return false }); !errors.Is(err, errLate) {
			return got, err
		}
		p.polls++
		id := wire.Quote(fmt.Sprintf("verify:%d", p.polls))
		p.live.again(n, id)
		if err := p.say(wire.Replace(c.line, wire.Parse(c.line).ID, id)); err != nil {
			return got, err
		}
		var err error
		if got, err = p.answer(ctx, n); err != nil {
			return got, err
		}
	}
	if got.line != nil {
		got.line = wire.Replace(got.line, got.ID, c.id)
	}
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	p.live.calls[n] = got
	return got, nil
}

// again makes ready for another answer to a call, that will have this id.
func (l *live) again(n int, id []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[n].at = time.Time{}
	l.open[string(id)] = n
}
