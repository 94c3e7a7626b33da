package imports

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"wiretape/internal/wire"
	"wiretape/record"
)

// draft is a connection that is being read.
type draft struct {
	header  record.Header
	pieces  []piece
	lost    tally
	last    time.Duration // the time of the last piece
	base    time.Duration // that what was added later begins at
	shuffle bool          // the file is not in the order of time
	server  string        // what the target calls itself
	client  string        // the connection of HTTP that was seen last
	numbers numbers       // of the lines
}

// numbers are those that a tool gives its lines.
type numbers struct{ low, high, count uint64 }

func (n *numbers) see(number uint64) {
	if n.count++; n.count == 1 {
		n.low = number
	}
	n.low, n.high = min(n.low, number), max(n.high, number)
}

// missing tells how many numbers there are no lines of. A number of 0 is none.
func (n *numbers) missing() int {
	if n.low == 0 || n.high-n.low < n.count {
		return 0
	}
	return int(min(n.high-n.low+1-n.count, math.MaxInt32))
}

// since gives the time of the connection at a moment of the day. The first such
// moment is when the connection began, if that is not known otherwise.
func (d *draft) since(at time.Time) time.Duration {
	if at.IsZero() {
		return d.last
	}
	if d.header.Started.IsZero() {
		d.header.Started = at
	}
	return max(0, at.Sub(d.header.Started))
}

// add adds a piece, of which raw is the text as it stands in the file. A time
// that cannot be, which may be a sum of others, is cut.
func (d *draft) add(p piece, raw []byte) {
	p.size = len(raw)
	p.at = min(p.at, forever)
	d.last = p.at
	if p.form == quoted {
		text, _ := wire.Text(raw)
		if raw = []byte(text); strings.ContainsRune(text, utf8.RuneError) {
			d.lost[mangled]++
		}
	}
	if p.by != onStderr {
		d.look(&p, wire.Parse(raw))
	}
	d.pieces = append(d.pieces, p)
}

// addMade adds a piece whose text does not stand in the file like that.
func (d *draft) addMade(p piece, text []byte) {
	p.made = text
	d.add(p, text)
}

// look takes note of what a message says.
func (d *draft) look(p *piece, m wire.Message) {
	p.kind = m.Kind
	if m.ID != nil {
		p.id = xxhash.Sum64(m.ID)
	}
	if d.server == "" && p.by == byTarget && m.Result != nil {
		d.server, _ = wire.Text(wire.Get(m.Result, "serverInfo", "name"))
	}
}

// finish makes the connection of what was read.
func (d *draft) finish(src io.ReaderAt, modified time.Time, never []string) *Connection {
	if d.shuffle {
		slices.SortStableFunc(d.pieces, func(a, b piece) int { return cmp.Compare(a.at, b.at) })
	}
	ordered := causal(d.pieces)
	d.lost[gap] = d.numbers.missing()
	d.lost[early], d.lost[orphan] = ordered.moved, ordered.orphans
	last := time.Duration(0)
	for i := range ordered.out {
		last = max(last, ordered.out[i].at)
		ordered.out[i].at = last
	}
	h := &d.header
	h.ID = record.NewID()
	if h.Started.IsZero() {
		d.lost[undated]++
		h.Started = modified
	}
	if h.Label == "" && len(h.Target.Command) == 0 {
		h.Label = d.server
	}
	return &Connection{Header: *h, Lacks: append(unreached(h.Target, never), d.lost.sentences()...), src: src, pieces: ordered.out}
}
