package verify

import (
	"crypto/sha256"
	"slices"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// hash is the same for what means the same.
type hash [16]byte

func sum(parts ...string) hash {
	var text []byte
	for _, part := range parts {
		text = append(append(text, part...), 0)
	}
	return hashOf(text)
}

func hashOf(text []byte) hash {
	whole := sha256.Sum256(text)
	return hash(whole[:len(hash{})])
}

// spelling says what counts of a message. It is safe for concurrent use.
type spelling struct {
	params    compare.Ignore // in requests of the host
	opening   compare.Ignore // the same for initialize
	arguments compare.Ignore
	asked     compare.Ignore // in the params of what the server asks
	result    compare.Ignore
	failure   compare.Ignore
	handles   compare.Pointers // of results

	rules []rule
	ruled []*spelling // what counts by each rule
}

// hostsOwn is what differs from host to host, or from session to session, in
// what is asked, as package replay has it in key.go. What is done to arguments is
// told apart, and of _meta only the task counts.
var (
	hostsOwn   = must("/arguments", "/_meta", "/task/ttl")
	hostsWords = must("/clientInfo", "/capabilities", "/protocolVersion") // of initialize
	inputs     = must("/inputResponses/*")
)

const relatedTask = "io.modelcontextprotocol/related-task"

func newSpelling(d *Diff, rules []rule) *spelling {
	s := d.spelling(nil)
	s.rules = rules
	for _, r := range rules {
		s.ruled = append(s.ruled, d.spelling(r.ignore))
	}
	return s
}

// of gives what counts for a call.
func (s *spelling) of(t *title) *spelling {
	i := slices.IndexFunc(s.rules, func(r rule) bool {
		return (r.method == "" || r.method == t.method) && (r.name == "" || r.name == t.name)
	})
	if i < 0 {
		return s
	}
	return s.ruled[i]
}

func (d *Diff) spelling(besides compare.Pointers) *spelling {
	ignore := slices.Concat(d.Ignore, besides)
	own := ignore.Under("params")
	params := compare.Ignore{Drop: slices.Concat(own, hostsOwn), Mask: inputs}
	s := &spelling{
		params: params, opening: compare.Ignore{Drop: slices.Concat(params.Drop, hostsWords), Mask: inputs},
		arguments: compare.Ignore{Drop: own.Under("arguments")},
		asked:     compare.Ignore{Drop: slices.Concat(own, askAlike.Drop), Mask: askAlike.Mask},
		result:    compare.Ignore{Drop: ignore.Under("result")},
		failure:   compare.Ignore{Drop: ignore.Under("error")},
		handles:   d.Handles.Under("result"),
	}
	if !d.Messages {
		s.failure.Drop = slices.Concat(s.failure.Drop, must("/message"))
	}
	return s
}

// call gives the hashes of what the host asks, with what was minted by name and
// as it stands, and without what differs from round to round.
func (s *spelling) call(m wire.Message, known *minters) (key, like, operated hash) {
	like = s.request(m)
	key, operated = like, like
	if params, again := operation(m); again {
		first := m
		first.Params = params
		operated = s.request(first)
	}
	if named := known.call(m, operated); named != nil {
		m.Params = named
		key = s.request(m)
	}
	return key, like, operated
}

func (s *spelling) request(m wire.Message) hash {
	ignore := s.params
	if m.Method == "initialize" {
		ignore = s.opening
	}
	var arguments, task []byte
	for name, value := range wire.Members(m.Params) {
		switch name {
		case "arguments":
			arguments = value
		case "_meta":
			task = wire.Get(value, relatedTask)
		}
	}
	text := append([]byte(m.Method), 0)
	text = append(compare.CanonicalUnlessEmpty(text, m.Params, ignore), 0)
	// "arguments" that are absent, null and empty mean the same.
	text = append(compare.CanonicalUnlessEmpty(text, arguments, s.arguments), 0)
	return hashOf(compare.Canonical(text, task, compare.Ignore{}))
}

// ask gives the hash of what the server asks.
func (s *spelling) ask(m wire.Message, known *minters) hash {
	params := or(known.value(m.Params), m.Params)
	return hashOf(compare.Canonical(append([]byte(m.Method), 0), params, s.asked))
}

// answer gives a hash that only answers share in which nothing different would
// be found.
func (s *spelling) answer(m wire.Message, known *minters) hash {
	kind, value, ignore := byte('r'), withoutMints(m.Result), s.result
	if m.Error != nil {
		kind, value, ignore = 'e', m.Error, s.failure
	}
	return hashOf(compare.Canonical([]byte{kind}, or(known.value(value), value), ignore))
}
