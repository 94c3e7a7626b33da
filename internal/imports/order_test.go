package imports

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"wiretape/internal/wire"
)

// pieces reads "h?1 t!1 t. e": the host asks 1, the target answers 1, the target
// says something else, a line of stderr. The offset of each is its place.
func pieces(text string) []piece {
	var all []piece
	for i, word := range strings.Fields(text) {
		p := piece{offset: int64(i), by: map[byte]side{'h': byHost, 't': byTarget, 'e': onStderr}[word[0]]}
		if len(word) > 2 {
			p.kind = map[byte]wire.Kind{'?': wire.Request, '!': wire.Response}[word[1]]
			fmt.Sscan(word[2:], &p.id)
		}
		all = append(all, p)
	}
	return all
}

func TestOrder(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"h?1 t!1 h?2 t!2":             "0 1 2 3",
		"t!1 h?1":                     "1 0",
		"t!1 t. h?1 t.":               "2 0 1 3", // what the target says stays in order
		"t!1 e h. h?1":                "1 2 3 0",
		"t!2 t!1 h?1 h?2":             "2 3 0 1",
		"h?1 t!2 t!1 h?2":             "0 3 1 2",
		"h!1 t?1":                     "1 0",
		"t!1 h!1 h?1 t?1":             "0 1 2 3", // no order makes sense
		"t!7 h?1 t!1":                 "0 1 2",   // nobody asked
		"t!1 t!1 h?1":                 "0 2 1",   // of two answers the later one is the request's
		"h?1 h?1 t!1 t!1":             "0 1 2 3",
		"h?1 t!1 t?1 h!1 t!1 h?1 t?1": "0 1 2 3 5 4 6",
	} {
		var got []string
		for _, p := range causal(pieces(text)).out {
			got = append(got, fmt.Sprint(p.offset))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is put into %s, want %s", text, got, want)
		}
	}
}

// TestSameIDLater: an answer that nobody asked for does not wait for a request
// that happens to have its id.
func TestSameIDLater(t *testing.T) {
	late := pieces("t!1 h?2 h?1 t!1")
	late[2].at, late[3].at = time.Minute, time.Minute
	o := causal(late)
	if o.moved != 0 || o.orphans != 1 {
		t.Errorf("%d answers were moved, %d have no request", o.moved, o.orphans)
	}
}

// TestOrderOfRaces takes sessions, has each side's lines be written down late by
// chance, and checks that cause and effect, and the order of each side, are had
// back.
func TestOrderOfRaces(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		got := causal(raced(r))
		if got.orphans != 0 {
			t.Fatalf("seed %d: %d answers have no request", seed, got.orphans)
		}
		last, asked := [2]int64{-1, -1}, make(map[question]bool)
		for _, p := range got.out {
			if p.offset < last[p.by] {
				t.Fatalf("seed %d: what side %d said is not in order", seed, p.by)
			}
			last[p.by] = p.offset
			if p.kind == wire.Response && !asked[question{other(p.by), p.id}] {
				t.Fatalf("seed %d: %d is answered before it is asked", seed, p.id)
			}
			asked[question{p.by, p.id}] = asked[question{p.by, p.id}] || p.kind == wire.Request
		}
	}
}

// raced makes a session of two sides that ask each other, and delays what each
// said. The offset is the true order.
func raced(r *rand.Rand) []piece {
	var said []piece
	var open []piece
	for i := range 40 {
		by := side(r.IntN(2))
		p := piece{offset: int64(i), by: by, id: uint64(i), kind: wire.Request}
		if n := len(open); n > 0 && r.IntN(2) == 0 {
			at := r.IntN(n)
			p.by, p.id, p.kind = other(open[at].by), open[at].id, wire.Response
			open = slices.Delete(open, at, at+1)
		} else {
			open = append(open, p)
		}
		said = append(said, p)
	}
	when := make(map[int64]float64)
	late := [2]float64{}
	for _, p := range said {
		late[p.by] = max(late[p.by]+0.001, float64(p.offset)+8*r.Float64())
		when[p.offset] = late[p.by]
	}
	slices.SortStableFunc(said, func(a, b piece) int {
		if when[a.offset] < when[b.offset] {
			return -1
		}
		return 1
	})
	return said
}
