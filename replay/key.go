package replay

import (
	"bytes"
	"crypto/sha256"
	"hash/fnv"

	"wiretape/internal/compare"
	"wiretape/internal/redact"
	"wiretape/internal/wire"
)

// key is the same for calls that count as the same on a level.
type key [16]byte

// level says how much of two calls has to be the same.
type level uint8

const (
	strictly level = iota
	byParams
	byName
	levels
)

// closer is the next level on which more has to be the same.
func (l level) closer() level { return max(l, 1) - 1 }

func (l level) String() string { return [levels]string{"exact", "params", "method"}[l] }

// volatile is what the host says in its requests and a replay does not compare,
// as it differs from session to session. A mask keeps that it is there.
var volatile = []struct {
	method string // empty for all
	path   string
	mask   bool
}{
	// The host's own: its name, version and abilities. The revision is
	// compared apart, in versions.go.
	{"initialize", "/clientInfo", false},
	{"initialize", "/capabilities", false},
	{"initialize", "/protocolVersion", false},
	// The same in each request of 2026-07-28, its progress token, its log
	// level, traces, and what vendors add. Which task it is about counts all
	// the same.
	{"", "/_meta", false},
	// How long the host wants a task to be kept.
	{"", "/task/ttl", false},
	// What a user or a model answers in a multi-round-trip request.
	{"", "/inputResponses/*", true},
}

// ownToken is all that a strict comparison leaves out: the host mints it anew
// for each request.
const ownToken = "/_meta/progressToken"

// ignores is what does not count in the params of a request.
type ignores struct {
	params    compare.Ignore
	open      compare.Ignore // the same for initialize
	arguments compare.Ignore // within params.arguments
}

func newIgnores(l level, pointers compare.Pointers) ignores {
	own := pointers.Under("params")
	if l == strictly {
		strict := compare.Ignore{Drop: own, Mask: pointer(ownToken)}
		return ignores{params: strict, open: strict}
	}
	params := compare.Ignore{Drop: append(own[:len(own):len(own)], pointer("/arguments")...)}
	open := params
	for _, v := range volatile {
		if v.method == "" {
			params = without(params, v.path, v.mask)
		}
		open = without(open, v.path, v.mask)
	}
	return ignores{params, open, compare.Ignore{Drop: own.Under("arguments")}}
}

// without also ignores what is at path.
func without(in compare.Ignore, path string, mask bool) compare.Ignore {
	if mask {
		in.Mask = append(in.Mask[:len(in.Mask):len(in.Mask)], pointer(path)...)
	} else {
		in.Drop = append(in.Drop[:len(in.Drop):len(in.Drop)], pointer(path)...)
	}
	return in
}

// pointer parses a pointer of ours, which is sound.
func pointer(path string) compare.Pointers {
	p, err := compare.ParsePointers(path)
	if err != nil {
		panic(err)
	}
	return p
}

// reading is what matters of a request for finding its like.
type reading struct {
	*rule
	wire.Message
	name      string // of the tool or prompt, or the URI of the resource
	topic     []byte // name, or what else the request is about
	arguments []byte // raw, as are those that follow; nil if absent
	meta      []byte
	token     []byte // the progress token
	modern    bool
	version   string // the revision, in a modern request
	plain     bool   // there is nothing in it that is volatile
}

// read looks at a request.
func (rs *rules) read(m wire.Message) reading {
	r := reading{Message: m, plain: m.Method != "initialize"}
	about := aboutMember(m.Method)
	for name, value := range wire.Members(m.Params) {
		switch name {
		case about:
			r.name, _ = wire.Text(value)
		case "arguments":
			r.arguments = value
		case "_meta":
			r.meta, r.plain = value, false
		case "task", "inputResponses":
			r.plain = false
		}
	}
	r.rule = rs.of(m.Method, r.name)
	r.topic = []byte(r.name)
	if m.Method == methodListen {
		// What is heard on a subscription is what was asked for.
		r.topic = compare.Canonical(nil, wire.Get(m.Params, "notifications"), compare.Ignore{})
	}
	if r.meta != nil {
		r.token = wire.Get(r.meta, "progressToken")
		r.version, r.modern = wire.Text(wire.Get(r.meta, metaVersion))
	}
	return r
}

// logs reports whether log messages are wanted, in a modern request.
func (r *reading) logs() bool { return r.modern && wire.Get(r.meta, metaLogLevel) != nil }

// about gives a hash of what the request is about.
func (r *reading) about() uint32 { return hash(r.topic) }

func hash(text []byte) uint32 {
	h := fnv.New32a()
	h.Write(text)
	return h.Sum32()
}

// aboutMember names the member of params that says what a request is about, ""
// for a method that is about nothing in particular.
func aboutMember(method string) string {
	switch method {
	case "tools/call", "prompts/get":
		return "name"
	case "resources/read", "resources/subscribe", "resources/unsubscribe":
		return "uri"
	}
	return ""
}

// key gives the key of the request, and a hash of what counts on the level that
// is closer than that of the key. Secrets count as their placeholders.
func (ix *index) key(r *reading, secrets redact.Known) (k key, closer uint32) {
	text := secrets.Hide(r.spell(ix.scratch[:0], r.level))
	sum := sha256.Sum256(text)
	if !r.plain || r.level != byParams {
		text = secrets.Hide(r.spell(text[:0], r.level.closer()))
		closer = hash(text)
	}
	if cap(text) <= mostScratch {
		ix.scratch = text
	}
	return key(sum[:len(key{})]), closer
}

// mostScratch bounds what is kept to spell the next request.
const mostScratch = 64 << 10

// exhausted says what follows when the answers to the request are used up.
func (r *reading) exhausted() Exhausted {
	switch {
	case r.Exhausted != "":
		return r.Exhausted
	case r.Method == "tools/call":
		return Fail
	}
	return Last
}

// title names the request for the user.
func (r *reading) title() string {
	if r.name == "" {
		return r.Method
	}
	return r.Method + " " + r.name
}

// spell writes down all that counts on a level.
func (r *reading) spell(dst []byte, l level) []byte {
	dst = append(append(append(dst, byte(l)), r.version...), 0)
	dst = append(append(dst, r.Method...), 0)
	if l == byName {
		return append(dst, r.topic...)
	}
	return r.spellParams(dst, l)
}

// spellParams writes down what counts of the params.
func (r *reading) spellParams(dst []byte, l level) []byte {
	in := &r.ignores[l]
	if l == strictly {
		return compare.Canonical(dst, r.Params, in.params)
	}
	ignore := in.params
	if r.Method == "initialize" {
		ignore = in.open
	}
	dst = append(compare.CanonicalUnlessEmpty(dst, r.Params, ignore), 0)
	// "arguments" that are absent, null and empty mean the same to nearly all
	// servers, and SDKs differ in which they send.
	dst = compare.CanonicalUnlessEmpty(dst, r.arguments, in.arguments)
	if r.meta != nil {
		dst = compare.Canonical(append(dst, 0), wire.Get(r.meta, metaTask), compare.Ignore{})
	}
	return bytes.TrimRight(dst, "\x00")
}
