package replay

import (
	"errors"
	"io"
	"math"
	"sync"
	"time"

	"wiretape/record"
)

// index is what is known of a recording without its payloads. It is read from
// the file as far as somebody wants to know, behind the gate mu; what is once
// in it does not change, but for the links to what follows.
//
// Messages, calls and asks are numbered from 1; 0 stands for none.
type index struct {
	rules *rules

	mu       sync.Mutex
	reader   *record.Reader
	err      error // why no more is read; io.EOF at the end
	messages []message
	calls    []call
	asks     []ask
	queues   queues
	notes    map[string][]int32 // the host's notifications by method
	server   server
	build    build
	scratch  []byte // to spell requests in
}

// queues are the calls by their keys.
type queues struct {
	last   map[key]int32 // the last call of each; its next one is the first
	veiled []int32       // the first call of each in which there are placeholders
}

// server is what the recording tells of its server.
type server struct {
	methods   names           // that the host asked for
	revisions names           // in which it did, in modern requests
	versions  map[string]bool // the modern revisions that it speaks
	legacy    bool            // it was asked to initialize
	listed    map[string]bool // its tools and prompts
	info      []byte          // its name and version, raw, from a modern session
}

// message is a message that the host or the target said.
type message struct {
	offset int64 // record.Place
	at     time.Duration
	skip   uint32 // record.Place
	seq    uint32
	next   int32 // of what the target said: what follows it in its list. Of what the host said: what first followed it
	of     int32 // the call or the ask that it belongs to
	elem   uint32
	kind   kind
}

// kind is what a message is for a replay.
type kind uint8

const (
	start kind = iota // stands before all others

	// What the host said.
	request
	note // a notification, or a line that is no message
	reply

	// What the target said, of a call.
	response
	progress
	tagged // belongs to a subscription: call is its subscriptions/listen

	// What the target said by itself.
	asking    // a request; of is the ask
	withdrawn // a request is cancelled; of is the ask
	logged    // notifications/message of a modern session
	verbatim  // everything else
	exited    // the target ended by itself
)

// call is a request of the host, or of the proxy in its place.
type call struct {
	request  int32
	response int32
	cancel   int32  // the message that cancelled it, if there was no response before
	head     int32  // what the target said of it
	tail     int32  // the last of these
	asked    int32  // the first ask that the response waited for
	next     int32  // of the same key, in a ring
	closer   uint32 // a hash of what counts when several have the same key
	about    uint32 // a hash of the tool's name, or what else it is about
	method   uint8  // in index.methods
	version  uint8  // in index.revisions; 0 in a legacy session
	flags    callFlags
}

// answered reports whether the call was answered without being cancelled first.
func (c *call) answered() bool { return c.response != 0 && c.cancel == 0 }

type callFlags uint8

const (
	optional  callFlags = 1 << iota // the proxy asked in the host's place
	subscribe                       // subscriptions/listen
)

// ask is a request of the target.
type ask struct {
	message int32
	answer  int32 // the message that answered it
	owner   int32 // the call of which the response waited for the answer
	next    int32 // of the same owner
}

func newIndex(reader *record.Reader, rules *rules) *index {
	ix := &index{
		rules:    rules,
		reader:   reader,
		messages: make([]message, 2),
		calls:    make([]call, 1),
		asks:     make([]ask, 1),
		queues:   queues{last: make(map[key]int32)},
		notes:    make(map[string][]int32),
		server:   server{versions: make(map[string]bool), listed: make(map[string]bool)},
	}
	ix.build = newBuild(opening)
	return ix
}

// opening is the message that stands before all others.
const opening = 1

// batchSize is how many events are read at once: enough to be fast, few enough
// that nobody waits at the gate.
const batchSize = 128

// readOn reads some more, and reports whether there may be still more.
func (ix *index) readOn() bool {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.more()
}

// more is readOn for who holds mu.
func (ix *index) more() bool {
	for range batchSize {
		if ix.err != nil {
			return false
		}
		e, err := ix.reader.Next()
		if err != nil {
			ix.err = err
			return false
		}
		ix.add(&e, ix.reader.Place())
	}
	return true
}

// until reads on until enough is known, and reports whether it is.
func (ix *index) until(enough func() bool) bool {
	for !enough() {
		if !ix.more() {
			return enough()
		}
	}
	return true
}

// trouble says what is wrong with the recording, as far as it was read. One
// that is torn may be wanted all the same.
func (ix *index) trouble(torn bool) error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return ix.troubled(torn)
}

func (ix *index) troubled(torn bool) error {
	var damage *record.DamageError
	if ix.err == nil || errors.Is(ix.err, io.EOF) || torn && errors.As(ix.err, &damage) && damage.Torn {
		return nil
	}
	return ix.err
}

// torn reports whether the recording ended too early.
func (ix *index) torn() bool { return ix.err != nil && !errors.Is(ix.err, io.EOF) }

func (ix *index) close() error { return ix.reader.Close() }

// place is where a message stands in the file.
func (m *message) place() record.Place { return record.Place{Offset: m.offset, Skip: m.skip} }

// names gives small numbers to names.
type names struct {
	list    []string
	numbers map[string]uint8
}

// name gives the name of a number.
func (n *names) name(number uint8) string {
	if int(number) < len(n.list) {
		return n.list[number]
	}
	return ""
}

// number gives the number of a name, 0 if it has none of its own.
func (n *names) number(name string) uint8 { return n.numbers[name] }

// add gives a number to a name. Names that are one too many share a number,
// which stands for no name.
func (n *names) add(name string) uint8 {
	if number, ok := n.numbers[name]; ok {
		return number
	}
	if n.numbers == nil {
		n.numbers, n.list = make(map[string]uint8), []string{""}
	}
	if len(n.list) > math.MaxUint8 {
		return 0
	}
	n.list = append(n.list, name)
	n.numbers[name] = uint8(len(n.list) - 1)
	return n.numbers[name]
}
