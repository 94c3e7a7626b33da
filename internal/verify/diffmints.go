package verify

import (
	"bytes"
	"fmt"
	"path"
	"strconv"

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

// namedBy gives what is held of a raw value. Of a long one that is a hash.
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
	eachHandle(result, "", s.handles, func(place string, raw []byte) {
		if !isNumber(raw) {
			known.put("", raw, k.minted(place))
			return
		}
		known.put("", raw, k.minted(place+" number"))
		known.put("", inText(raw), k.minted(place+" number in text"))
	})
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
	if isMint(raw) {
		known.put(name, raw, who)
	}
}

func (known *minters) put(name string, raw []byte, who hash) {
	if of := namedBy(name, raw); known.first[of] == (hash{}) {
		known.first[of] = who
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
	return swapScalars(value, func(name, raw []byte) []byte {
		who := known.who(idOf(string(bytes.Trim(name, `"`))), raw)
		if who == (hash{}) {
			return nil
		}
		return standIn(string(who[:]))
	})
}

// standIn spells the name of what was minted. No string of a message is like it,
// but by intent.
func standIn(who string) []byte { return fmt.Appendf(nil, `"\u0000minted %x"`, who) }

// who gives the name of a raw value, the zero hash if it was not minted. Id is that
// which the member is that says it.
func (known *minters) who(id string, raw []byte) hash {
	of := namedBy("", raw)
	if who := known.first[of]; who != (hash{}) {
		return who
	}
	of.name = id
	return known.first[of]
}

// same reports whether two values of two recordings, which stand in one place, were
// minted in the same place.
func (known *minters) same(pointer string, raw []byte, others *minters, other []byte) bool {
	id := idOf(path.Base(pointer))
	who := known.who(id, raw)
	return who != hash{} && who == others.who(id, other)
}
