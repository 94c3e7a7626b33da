package verify

import (
	"context"
	"fmt"
	"time"

	"wiretape/internal/fixture"
	"wiretape/internal/wire"
	"wiretape/record"
)

// ledger is what is held of a recording while it is compared with another: what
// was asked in it, where it stands, and what it says as hashes.
type ledger struct {
	path     string
	timeless bool   // its times were normalised
	calls    []kept // of the host
	asks     []kept // of the server
	mints    *minters

	lists []spot // the answers that list tools, each once
}

// kept is what is held of a request.
type kept struct {
	*title
	seq       int64
	request   spot
	key       hash // what it asks, with what servers mint named by who minted it
	like      hash // the same with what was minted as it stands; of an ask, its method
	turn      int  // how many stand before it that have the same key
	at        time.Duration
	cancelled bool
	token     string // until it is answered: who asked, and the raw progress token
	fell      bool   // the progress that was told of it did not always rise
	answer    *reply // nil if there is none
	granted   spot   // of what acknowledges a subscription
}

// reply is what is held of an answer.
type reply struct {
	spot
	said hash
	took time.Duration
	poll bool // it says that a task is not over
}

// title is what a request is called.
type title struct{ method, name string }

func (t *title) String() string { return (&call{method: t.method, name: t.name}).title() }

func (t *title) listens() bool { return t.method == "subscriptions/listen" }

// at is where an answer stands.
func (r *reply) at() spot {
	if r == nil {
		return spot{}
	}
	return r.spot
}

// spot is where a message stands in a recording; the zero spot is that of none.
type spot struct {
	record.Place
	nth int // in its batch
}

// bookkeeping is what has to be known to read a recording on.
type bookkeeping struct {
	*ledger
	spelling *spelling
	open     map[string]int     // calls by who asked, and the raw id
	tokens   map[string]int     // open calls by who asked, and the raw progress token
	progress map[string]float64 // by the same, as it was told last
	turns    map[hash]int
	begun    map[int]hash // the operations of open calls that are not their first round
	titles   map[title]*title
	listed   map[hash]bool // the lists of tools that were seen
}

// readLedger reads a recording to its end. With the error of one that is damaged
// it gives what could be read.
func readLedger(ctx context.Context, path string, s *spelling) (*ledger, error) {
	r, err := record.Open(path)
	if err != nil {
		return nil, fmt.Errorf("a recording cannot be read: %w", err)
	}
	defer r.Close()
	b := bookkeeping{
		ledger:   &ledger{path: path, timeless: fixture.Normalised(r.Header()), mints: newMinters()},
		spelling: s, open: map[string]int{}, tokens: map[string]int{}, progress: map[string]float64{}, turns: map[hash]int{}, begun: map[int]hash{}, titles: map[title]*title{}, listed: map[hash]bool{},
	}
	for e, err := range r.All() {
		if err != nil {
			return b.ledger, fmt.Errorf("not all can be read: %s: %w", path, err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if e.Line == nil || e.Stderr {
			continue
		}
		for nth, m := range messages(e.Line) {
			b.message(&e, m, spot{r.Place(), nth})
		}
	}
	return b.ledger, nil
}

// message takes the next one. Where the proxy spoke in the name of a side, it is
// that side.
func (b *bookkeeping) message(e *record.Event, m wire.Message, at spot) {
	fromTarget := e.From == record.Target
	switch {
	case m.Kind == wire.Request && e.To == record.Target:
		b.call(e, m, at)
	case m.Kind == wire.Response && (fromTarget || e.To == record.Host):
		b.answer(e, m, at)
	case m.Kind == wire.Request && fromTarget && m.Method != "ping":
		b.ask(e, m, at)
	case m.Kind == wire.Notification && (fromTarget || e.To == record.Host):
		b.note(e, m, at)
	case e.To == record.Target && m.Method == "notifications/cancelled":
		id := wire.Get(m.Params, "requestId")
		if n, ok := b.open[caller(e.From, id)]; ok {
			b.calls[n].cancelled = true
		}
	}
}

func (b *bookkeeping) ask(e *record.Event, m wire.Message, at spot) {
	k := kept{title: b.title(m), seq: e.Seq, request: at, key: b.spelling.ask(m, b.mints), like: sum(m.Method)}
	k.turn = b.turns[k.key]
	b.turns[k.key]++
	b.mints.add("elicitationId", wire.Get(m.Params, "elicitationId"), k.minted("elicitationId"))
	b.asks = append(b.asks, k)
}

func (b *bookkeeping) call(e *record.Event, m wire.Message, at spot) {
	k := kept{title: b.title(m), seq: e.Seq, request: at, at: e.At}
	var operation hash
	k.key, k.like, operation = b.spelling.of(k.title).call(m, b.mints)
	if operation != k.like {
		b.begun[len(b.calls)] = operation
	}
	k.turn = b.turns[k.key]
	b.turns[k.key]++
	b.open[caller(e.From, m.ID)] = len(b.calls)
	if token := tokenOf(m); token != nil {
		k.token = caller(e.From, token)
		b.tokens[k.token] = len(b.calls)
		delete(b.progress, k.token)
	}
	b.calls = append(b.calls, k)
}

func (b *bookkeeping) answer(e *record.Event, m wire.Message, at spot) {
	who := caller(e.To, m.ID)
	n, ok := b.open[who]
	if !ok {
		return
	}
	delete(b.open, who)
	k := &b.calls[n]
	if b.tokens[k.token] == n {
		delete(b.tokens, k.token)
		delete(b.progress, k.token)
	}
	k.token = ""
	operation, again := b.begun[n]
	if !again {
		operation = k.like
	}
	delete(b.begun, n)
	b.spelling.learn(k, operation, m.Result, b.mints)
	k.answer = &reply{spot: at, said: b.spelling.of(k.title).answer(m, b.mints), took: e.At - k.at}
	switch k.method {
	case "tools/list":
		if !b.listed[k.answer.said] {
			b.listed[k.answer.said] = true
			b.lists = append(b.lists, at)
		}
	case "tasks/get":
		// A host asks as often as it likes; what counts is how the task ended.
		if k.answer.poll = m.Error == nil && !isOver(m.Result); k.answer.poll {
			k.key, k.like = sum("poll", string(k.key[:])), sum("poll", string(k.like[:]))
		}
	}
}

// note takes what is told of a call.
func (b *bookkeeping) note(e *record.Event, m wire.Message, at spot) {
	switch m.Method {
	case "notifications/progress":
		b.progresses(e, m)
	case acknowledged:
		b.grant(e, m, at)
	}
}

// grant takes the acknowledgement of a subscription.
func (b *bookkeeping) grant(e *record.Event, m wire.Message, at spot) {
	n, ok := b.open[caller(e.To, wire.Get(m.Params, "_meta", subscriptionID))]
	if ok && b.calls[n].listens() && b.calls[n].granted == (spot{}) {
		b.calls[n].granted = at
	}
}

// progresses takes the progress of a call.
func (b *bookkeeping) progresses(e *record.Event, m wire.Message) {
	token := caller(e.To, wire.Get(m.Params, "progressToken"))
	n, ok := b.tokens[token]
	if !ok {
		return
	}
	before, told := b.progress[token]
	now, rose := rises(before, told, m)
	b.progress[token] = now
	b.calls[n].fell = b.calls[n].fell || !rose
}

func caller(p record.Party, id []byte) string { return string(p) + " " + string(id) }

// title gives what a request is called, held once.
func (b *bookkeeping) title(m wire.Message) *title {
	t := title{method: m.Method, name: nameOf(m)}
	if known, ok := b.titles[t]; ok {
		return known
	}
	b.titles[t] = &t
	return &t
}

// nameOf is what a request is about, as findings tell it.
func nameOf(m wire.Message) string {
	for member, value := range wire.Members(m.Params) {
		if member == "name" || member == "uri" {
			about, _ := wire.Text(value)
			return about // what stands behind it may be long
		}
	}
	return ""
}
