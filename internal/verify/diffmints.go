package verify

import (
	"encoding/hex"
	"strconv"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// mints is what the server of a recording minted: raw strings, by their hash if
// they are long, and for each a name.
//
// The name tells which call minted it first: what is asked there, how often that
// was asked before, and where in the answer it stood. So in another recording
// what was minted in its place has the same name, and each can be read without
// the other.
type mints map[string]hash

// key is under which a raw string is held.
func (known mints) key(raw []byte) string {
	const short = 64
	if len(raw) <= short {
		return string(raw)
	}
	h := hashOf(raw)
	return string(h[:])
}

// learn takes note of what was minted in a result.
func (s *spelling) learn(k *kept, result []byte, known mints) {
	for name, value := range wire.Members(result) {
		for _, path := range places {
			if path[0] == name {
				known.add(k, strings.Join(path, "/"), wire.Get(value, path[1:]...))
			}
		}
	}
	eachHandle(result, "", s.handles, func(place string, raw []byte) { known.add(k, place, raw) })
}

func (known mints) add(k *kept, place string, raw []byte) {
	if !wire.Is(raw, '"') || string(raw) == `""` { // which says that there is no cursor
		return
	}
	if key := known.key(raw); known[key] == (hash{}) {
		known[key] = sum(string(k.key[:]), strconv.Itoa(k.turn), place)
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

// named gives a value in which what was minted is its name, nil if nothing was.
// No string of a message is like such a name, but by intent.
func (known mints) named(value []byte) []byte {
	if len(known) == 0 {
		return nil
	}
	return swapStrings(value, func(_, raw []byte) []byte {
		h, ok := known[known.key(raw)]
		if !ok {
			return nil
		}
		return []byte(`"\u0000minted ` + hex.EncodeToString(h[:]) + `"`)
	})
}

// same reports whether two raw strings of two recordings were minted in the same
// place.
func (known mints) same(raw []byte, others mints, other []byte) bool {
	h := known[known.key(raw)]
	return h != hash{} && h == others[others.key(other)]
}
