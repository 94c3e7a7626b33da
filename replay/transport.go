package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// Transport plays a recording to mcp-go's client in this process, as a session
// of its own. It is a transport.BidirectionalInterface:
//
//	c := client.NewClient(rec.Transport())
//
// Between the client and the session stands mcp-go's own transport for standard
// input and output. A test therefore sees what it would see of the server
// itself, and that is less than what was recorded:
//
//   - Of a response the result comes byte for byte. The data of an error is
//     decoded: large numbers lose digits. What else stands in the error, or
//     beside it in the response, is lost.
//   - The params of notifications, and of what the server asks the client, are
//     decoded too, and notifications get an empty _meta if they have none.
//     Notifications whose params are an array are dropped.
//   - Lines that are no message, and a last line without an end, are dropped.
//   - Requests are written with the members in mcp-go's order. That does not
//     matter to a recording, but for Options.Missing.
//
// Notifications reach the client in order, each before whatever was said after
// it. Nothing is said before the client has spoken, so that no notification is
// lost to a handler that is set after Start. What the server asks is answered
// in goroutines, so answers may come in any order.
//
// To have the bytes, read a [Session] instead.
type Transport struct {
	recording *Recording
	stdio     *transport.Stdio
	spoke     chan struct{} // closed when the client speaks, or no more
	speak     func()        // closes it
	trouble   atomic.Pointer[error]

	// use is held to read while the recording is, so that Close can wait for it.
	use sync.RWMutex

	mu      sync.Mutex // guards what follows
	session *Session   // nil before Start
	release func() bool
	closed  bool
}

var _ transport.BidirectionalInterface = (*Transport)(nil)

// Transport gives a new session as what mcp-go's client can be made with. The
// client closes it.
func (r *Recording) Transport() *Transport {
	t := &Transport{recording: r, spoke: make(chan struct{})}
	t.speak = sync.OnceFunc(func() { close(t.spoke) })
	t.stdio = transport.NewIO(line{t}, line{t}, io.NopCloser(strings.NewReader("")))
	return t
}

// Start begins the session. It ends when ctx does, as the process of a server
// would. Calling it again does nothing; after Close it gives
// transport.ErrTransportClosed.
func (t *Transport) Start(ctx context.Context) error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return transport.ErrTransportClosed
	}
	if t.session == nil {
		t.session = t.recording.Start()
		t.release = context.AfterFunc(ctx, func() { _ = t.Close() })
	}
	t.mu.Unlock()
	return t.stdio.Start(ctx)
}

// SendRequest implements transport.Interface. When ctx ends it returns, and
// tells the recorded server nothing: it is mcp-go's client that sends
// notifications/cancelled. When the session ends, by Close or as the recorded
// server did, the error is transport.ErrTransportClosed, with the reason.
func (t *Transport) SendRequest(ctx context.Context, request transport.JSONRPCRequest) (*transport.JSONRPCResponse, error) {
	t.speak()
	response, err := t.stdio.SendRequest(ctx, request)
	return response, t.explain(err)
}

// SendNotification implements transport.Interface.
func (t *Transport) SendNotification(ctx context.Context, notification mcp.JSONRPCNotification) error {
	t.speak()
	return t.explain(t.stdio.SendNotification(ctx, notification))
}

// SetNotificationHandler implements transport.Interface. The handler must not
// wait for a response: it holds up all that comes behind its notification.
func (t *Transport) SetNotificationHandler(handler func(mcp.JSONRPCNotification)) {
	t.stdio.SetNotificationHandler(handler)
}

// SetRequestHandler implements transport.BidirectionalInterface.
func (t *Transport) SetRequestHandler(handler transport.RequestHandler) {
	t.stdio.SetRequestHandler(handler)
}

// GetSessionId implements transport.Interface. There is none on standard input
// and output.
func (t *Transport) GetSessionId() string { return t.stdio.GetSessionId() }

// Close ends the session, and with it the requests that wait for an answer. The
// recording may be closed then. It may be called more than once.
func (t *Transport) Close() error { return t.stdio.Close() }

// Report tells what came of the session so far, before the recording is closed.
func (t *Transport) Report() Report {
	t.mu.Lock()
	s := t.session
	t.mu.Unlock()
	if s != nil {
		return s.Report()
	}
	var r Report
	r.begin(t.recording)
	return r
}

// open gives the session while it lasts.
func (t *Transport) open() *Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	return t.session
}

// explain says why a session has ended.
func (t *Transport) explain(err error) error {
	if !errors.Is(err, transport.ErrTransportClosed) {
		return err
	}
	if why := t.trouble.Load(); why != nil {
		return fmt.Errorf("%w: %w", err, *why)
	}
	if s := t.open(); s != nil {
		if status, ended := s.Exit(); ended {
			return fmt.Errorf("%w: the recorded server ended here, with exit status %d", err, status)
		}
	}
	return err
}

// line is the session as mcp-go's transport sees it: what it reads from, and
// what it writes to.
type line struct{ *Transport }

// Read hides errors, which mcp-go would print.
func (l line) Read(p []byte) (int, error) {
	<-l.spoke
	l.use.RLock()
	defer l.use.RUnlock()
	s := l.open()
	if s == nil {
		return 0, io.EOF
	}
	n, err := s.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		l.trouble.Store(&err)
		return n, io.EOF
	}
	return n, err
}

var errNotStarted = errors.New("the transport was not started")

// Write drops what is said too late: mcp-go would print an error.
func (l line) Write(p []byte) (int, error) {
	l.use.RLock()
	defer l.use.RUnlock()
	s := l.open()
	if s != nil {
		return s.Write(p)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return len(p), nil
	}
	return 0, errNotStarted
}

func (l line) Close() error {
	l.mu.Lock()
	s, release := l.session, l.release
	l.closed = true
	l.mu.Unlock()
	l.speak()
	if s != nil {
		release()
		s.Close()
	}
	// Nobody reads the recording after this.
	l.use.Lock()
	defer l.use.Unlock()
	return nil
}
