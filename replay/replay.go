// Package replay has a recording stand in for the MCP server that it was made
// of: a live host asks, and the recording answers.
//
// Answers are the recorded bytes. Only what the host itself mints is spliced
// in as the live host minted it: the ids of its requests, its progress tokens,
// the ids of its subscriptions. What the server minted (cursors, task ids,
// requestState) comes back as it was recorded.
//
// What the package promises:
//
//   - A call is answered by what answered the same call: same method and same
//     params, apart from what is known to be volatile. Calls of one kind are
//     answered in the order in which they were recorded.
//   - There is never a silent wrong answer. A call that was not recorded gets an
//     error that names the nearest one and tells where it differs.
//   - What the server said between request and answer, after a message of the
//     host, or because it asked the host something, is said in the same position.
//   - Payloads stay on the disk. A large recording begins to answer before it is
//     read to its end.
//
// In a test, with mcp-go's client:
//
//	rec, err := replay.Open("testdata/session.jsonl")
//	…
//	defer rec.Close()
//	c := client.NewClient(rec.Transport())
//
// As a server for any host, on standard input and output:
//
//	session, err := rec.Serve(ctx, os.Stdin, os.Stdout)
package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"wiretape/record"
)

// Options say how a recording is played. The zero value is what is usually
// wanted.
type Options struct {
	Match     Match     // which calls count as the same
	Exhausted Exhausted // what follows when all answers to a call were given

	// Ignore has JSON pointers to what does not count in a request, from its
	// root, such as "/params/arguments/time"; "*" stands for any one member.
	Ignore []string
	Rules  []Rule // what is different for some calls; the first one that fits counts

	// StrictAnswers fails a call if the host answers what the server asks it
	// meanwhile other than it was recorded. Otherwise that is only warned of.
	StrictAnswers bool

	Speed float64 // 0 answers at once, 1 as it was recorded, 2 twice as fast
	Clock Clock   // what Speed goes by; nil for the system's

	// Torn also plays a recording that ends too early, as far as it goes.
	Torn bool

	// Warn gets what the user has to know, a sentence without a prefix. It may
	// be called from several goroutines. A nil Warn drops it.
	Warn func(sentence string)

	// Missing is handed each request that the recording has no answer to, a
	// whole line that it may keep. If it reports true, the answer comes from
	// elsewhere, and the recording is silent. It must not wait for the session.
	// What is missing of a batch is not handed over: its answers come as one.
	Missing func(request []byte) bool
	// AskPrefix makes the ids of what the server asks the host strings that
	// begin so. Without it they are numbers from 1.
	AskPrefix string
}

// Match says which calls count as the same. The empty one stands for Params.
type Match string

const (
	// Params compares method and params, without what is volatile: _meta, the
	// host's name, version and capabilities, the contents of inputResponses,
	// the ttl of a task. Members may stand in any order, numbers are compared
	// by value, empty arguments count as none. Among several, one that is
	// equal in all of this comes first.
	Params Match = "params"
	// Strict compares method and all params, but for the progress token.
	Strict Match = "strict"
	// Method compares the method and the name of the tool or prompt, or the URI
	// of the resource. Among several, one with the same params comes first.
	Method Match = "method"
)

// Exhausted says what follows when all recorded answers to a call were given.
// The empty one stands for Fail if the call is a tools/call, and for Last
// otherwise. Among answers that are given again, too, those to an equal call come
// first.
type Exhausted string

const (
	Fail  Exhausted = "error" // an error
	Last  Exhausted = "last"  // the last answer again
	Cycle Exhausted = "cycle" // all answers again, from the first one
)

// Clock is what a replay waits by.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f, in a goroutine of its own, when d has passed.
	// stop keeps it from being called.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Recording is a recording that can be played, as often as wanted and by several
// hosts at a time. Close must be called.
type Recording struct {
	path    string
	options Options
	index   *index
	file    *record.File
	chill   context.CancelFunc
	warm    chan struct{} // closed when nothing reads ahead any more

	sessionsMu sync.Mutex
	sessions   map[*Session]bool // those that were not closed
}

// Open makes the recording at path ready to be played, with the zero Options.
func Open(path string) (*Recording, error) { return Options{}.Open(path) }

// readAhead is how long Open looks for damage before a recording that is not
// read to its end by then is played all the same.
var readAhead = 500 * time.Millisecond

// Open makes the recording at path ready to be played. The errors are those of
// record.Open, and a *record.DamageError if the recording is damaged, or torn
// and Torn is not set. Of a very large recording only the head and the tail are
// looked at first: damage between them ends a session when it is found.
func (o Options) Open(path string) (*Recording, error) {
	rules, err := o.compile()
	if err != nil {
		return nil, err
	}
	reader, err := record.Open(path)
	if err != nil {
		return nil, err
	}
	file, err := record.OpenFile(path)
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Recording{path: path, options: o, file: file, index: newIndex(reader, rules), chill: cancel, warm: make(chan struct{}), sessions: make(map[*Session]bool)}
	if err := r.check(); err != nil {
		close(r.warm)
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), r.Close())
	}
	// Ends when the recording was read, or is closed.
	go r.readOn(ctx)
	return r, nil
}

// check reads ahead, and says what is wrong with the recording. A file that shows
// no end is read as far as it goes.
func (r *Recording) check() error {
	info, err := record.Stat(r.path)
	whole := err == nil && info.End != nil
	for until := time.Now().Add(readAhead); !whole || time.Now().Before(until); {
		if !r.index.readOn() {
			break
		}
	}
	return r.index.trouble(r.options.Torn)
}

// readOn reads the rest of the recording while hosts are being answered.
func (r *Recording) readOn(ctx context.Context) {
	defer close(r.warm)
	for ctx.Err() == nil && r.index.readOn() {
	}
	err := r.index.trouble(r.options.Torn)
	if err == nil || ctx.Err() != nil {
		return
	}
	r.sessionsMu.Lock()
	sessions := slices.Collect(maps.Keys(r.sessions))
	r.sessionsMu.Unlock()
	for _, s := range sessions {
		s.mu.Lock()
		s.end(fmt.Errorf("%s: %w", r.path, err))
		s.mu.Unlock()
	}
}

// Path is where the recording is.
func (r *Recording) Path() string { return r.path }

// Header is the recording's first line.
func (r *Recording) Header() record.Header { return r.file.Header() }

// Close closes the file. Sessions must have ended.
func (r *Recording) Close() error {
	r.chill()
	<-r.warm
	return errors.Join(r.index.close(), r.file.Close())
}
