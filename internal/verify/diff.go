package verify

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/record"
	"wiretape/replay"
)

// Diff says which two recordings are compared, and how. A and B have to be set;
// what was found counts A as the recorded side and B as the live one.
//
// A call of A belongs to the first call of B that asks the same and belongs to
// none yet, wherever it stands. What differs from session to session does not
// count: ids, who the host is, how often it pings or asks for a task that is not
// over, progress tokens, and how servers spell cursors, task ids, requestState,
// keys of inputRequests and ids of elicitations. Answers are compared as [Check]
// compares them. What the server asks of the host is compared by method, in its
// order.
//
// Of the recordings no more than hashes and places are held in memory, and of
// what was found values of 16 MiB: findings that go beyond have none.
type Diff struct {
	A, B string // paths

	Ignore  compare.Pointers // what does not count in an answer, and /params… in what is asked
	Expect  []Expectation    // what need only be of a kind
	Handles compare.Pointers // in answers: strings and numbers that the server mints and the host gives back

	Rules []replay.Rule // what else is to be ignored or expected of some calls; the first one that fits counts

	Messages bool // compare the messages of errors too

	// Slower is told as a note: a tool, or a method that has no names, whose
	// median takes this many times as long in B, and at least 5 ms longer. 0 tells
	// nothing.
	Slower float64
}

// Run compares the recordings. Problem is set if one could not be read to its
// end; what could be read is compared all the same.
func (d *Diff) Run(ctx context.Context) findings.File {
	started := time.Now()
	f := findings.File{Path: d.A, Against: d.B, Plain: !strings.HasSuffix(d.A, ".zst")}
	if err := d.run(ctx, &f); err != nil {
		f.Problem = err.Error()
	}
	f.Duration = time.Since(started)
	return f
}

func (d *Diff) run(ctx context.Context, f *findings.File) error {
	rules, err := (&Check{Rules: d.Rules}).compile()
	if err != nil {
		return err
	}
	s := newSpelling(d, rules)
	var ledgers [2]*ledger
	var errs [2]error
	var reading sync.WaitGroup
	for i, path := range []string{d.A, d.B} {
		// Ends with the recording.
		reading.Go(func() { ledgers[i], errs[i] = readLedger(ctx, path, s) })
	}
	reading.Wait()
	// Damage is told in the end, and what is no recording at all at once.
	for i := range ledgers {
		if ledgers[i] == nil {
			return errs[i]
		}
	}
	c := newContrast(d, rules, ledgers[0], ledgers[1])
	for _, h := range []*half{&c.a, &c.b} {
		file, err := record.OpenFile(h.path)
		if err != nil {
			return err
		}
		defer file.Close()
		h.file = file
	}
	if err := c.compare(ctx, f); err != nil {
		return err
	}
	f.Findings = append(f.Findings, c.slower(d.Slower)...)
	return cmp.Or(errs[0], errs[1])
}
