package filter

import "wiretape/record"

// recent finds calls by what their askers call them: ids, tokens of progress. It
// remembers the last calls, at least as many as a generation has.
type recent struct{ young, old map[name]int64 }

// name is what a party calls a call that it has asked.
type name struct {
	asker record.Party
	raw   string
}

const (
	generation  = 1 << 15
	longestName = 256 // a longer one is not remembered
)

func (r *recent) add(asker record.Party, raw []byte, request int64) {
	if len(raw) == 0 || len(raw) > longestName {
		return
	}
	if r.young == nil || len(r.young) >= generation {
		r.young, r.old = make(map[name]int64), r.young
	}
	r.young[name{asker, string(raw)}] = request
}

// find gives the request of the call; 0 if there is none.
func (r *recent) find(asker record.Party, raw []byte) int64 {
	n := name{asker, string(raw)}
	if request := r.young[n]; request != 0 {
		return request
	}
	return r.old[n]
}
