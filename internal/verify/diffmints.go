package verify

import (
	"bytes"
	"fmt"
	"path"
	"strconv"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// minters tell who minted what in a recording, by name.
//
// The name tells which call minted it: what is asked there, how often that was
// asked before, and where in the answer it stood. So in another recording what
// was minted in its place has the same name, and each can be read without the
// other.
type minters struct {
	given mints          // what the host gives back
	first map[named]hash // who said first what may stand in many places: handles and other ids
}

func newMinters() *minters { return &minters{mints{}, map[named]hash{}} }

// namedBy gives what is held of a raw string. Of a long one that is a hash.
func namedBy(name string, raw []byte) named {
	const short = 64
	if len(raw) <= short {
		return named{name, string(raw)}
	}
	h := hashOf(raw)
	return named{name, string(h[:])}
}

// learn takes note of what was minted in a result. By tells apart operations.
func (s *spelling) learn(k *kept, by hash, result []byte, known *minters) {
	eachHandle(result, "", s.handles, func(place string, raw []byte) { known.add("", raw, k.minted(place)) })
	// Looking for the names is much cheaper than reading the answer.
	if !mentions(result, "nextCursor", "requestState", "taskId", "inputRequests") {
		return
	}
	known.learnInputs(k, by, result)
	for name, raw := range wire.Minted(result) {
		who := k.minted(name)
		switch {
		case !isMint(raw):
		case name == "cursor":
			known.given.add(mintOf(name, k.method, raw), string(who[:]))
		case name == "requestState":
			known.given.add(mintOf(name, string(by[:]), raw), string(who[:]))
		default:
			known.add(name, raw, who)
		}
	}
}

// learnInputs takes note of the keys of what a result asks for.
func (known *minters) learnInputs(k *kept, by hash, result []byte) {
	inputs, _ := inputsOf(result)
	round := string(by[:]) + string(wire.Get(result, "requestState"))
	turns := map[string]int{}
	for _, in := range inputs {
		method := in.method()
		who := k.minted("inputRequests/" + method + "/" + strconv.Itoa(turns[method]))
		turns[method]++
		known.given.add(keyOf(round, in.key), string(who[:]))
		known.add("elicitationId", wire.Get(in.raw, "params", "elicitationId"), who)
	}
}

// minted names what stands in a place of the answer to a call.
func (k *kept) minted(place string) hash { return sum(string(k.key[:]), strconv.Itoa(k.turn), place) }

func (known *minters) add(name string, raw []byte, who hash) {
	if of := namedBy(name, raw); isMint(raw) && known.first[of] == (hash{}) {
		known.first[of] = who
	}
}

// eachHandle gives what pointers point to.
func eachHandle(value []byte, place string, handles compare.Pointers, do func(place string, raw []byte)) {
	if len(handles) == 0 {
		return
	}
	if handles.Match("") {
		do(place, value)
		return
	}
	for name, inner := range wire.Members(value) {
		eachHandle(inner, place+"/"+name, handles.Under(name), do)
	}
	n := 0
	for inner := range wire.Elements(value) {
		token := strconv.Itoa(n)
		eachHandle(inner, place+"/"+token, handles.Under(token), do)
		n++
	}
}

// call gives the params of a request of the host in which what was minted is its
// name, nil if nothing was. By tells apart operations.
func (known *minters) call(said wire.Message, by hash) []byte {
	var params []byte
	if len(known.given) > 0 {
		params = known.given.givenBack(said, func() string { return string(by[:]) }, standIn)
	}
	return or(known.value(or(params, said.Params)), params)
}

// value gives a value in which handles and other ids are their names, nil if
// there are none.
func (known *minters) value(value []byte) []byte {
	if len(known.first) == 0 {
		return nil
	}
	return swapStrings(value, func(name, raw []byte) []byte {
		who := known.who(string(bytes.Trim(name, `"`)), raw)
		if who == (hash{}) {
			return nil
		}
		return standIn(string(who[:]))
	})
}

// standIn spells the name of what was minted. No string of a message is like it,
// but by intent.
func standIn(who string) []byte { return fmt.Appendf(nil, `"\u0000minted %x"`, who) }

// who gives the name of a raw string, the zero hash if it was not minted. Member is
// the name of the member that says it.
func (known *minters) who(member string, raw []byte) hash {
	of := namedBy("", raw)
	if who := known.first[of]; who != (hash{}) {
		return who
	}
	of.name = member
	return known.first[of]
}

// same reports whether two values of two recordings, which stand in one place, were
// minted in the same place.
func (known *minters) same(pointer string, raw []byte, others *minters, other []byte) bool {
	who := known.who(path.Base(pointer), raw)
	return who != hash{} && who == others.who(path.Base(pointer), other)
}
