package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// connectTimeout is how long a target may take until it has answered the
// handshake; hosts give up on a call after 60 s.
const connectTimeout = 50 * time.Second

var errTooSlow = fmt.Errorf("it did not answer within %v", connectTimeout)

// connect carries out the control tool of that name: it ends the present
// connection, if there is one, starts the target, and tells it what the host
// had told the one before.
func (l *line) connect(call *call) (reply, bool) {
	ctx, cancel := context.WithTimeoutCause(call.ctx, connectTimeout, errTooSlow)
	defer cancel()
	l.life.Lock()
	defer l.life.Unlock()
	r := &connectReply{}
	if l.conn != nil {
		l.report(call, "stopping the server")
		e := l.end("connect", true)
		r.Metadata.Previous, r.Metadata.Warning = l.past(e), e.warning()
	}
	l.report(call, "starting the server")
	c, err := l.begin(ctx, call)
	if err != nil {
		r.Error = l.failed(nil, fmt.Errorf("%w: %w", errStart, err))
		return r, false
	}
	changes, err := l.introduce(ctx, c)
	if err != nil {
		r.Error = l.failed(l.end("connect failed", true), err)
		return r, false
	}
	l.report(call, "connected")
	call.after = append(call.after, func(s *session) { s.introduced(changes) })
	r.Success, r.Connection, r.Changes = true, l.present(c), changes
	r.Message = "Connected: the session goes on with a new server." + changes.String()
	return r, true
}

var (
	errStart   = errors.New("the server could not be started")
	errVersion = errors.New("the server speaks another version of the protocol")
	errRefused = errors.New("the server refused the session")
)

// failed says why there is no new connection; e is what came of it, nil if the
// target could not even be started.
func (l *line) failed(e *ending, err error) *errorInfo {
	info := &errorInfo{Message: err.Error()}
	switch {
	case errors.Is(err, errStart):
		info.Type, info.Suggestion = "start_failed", "Check that the command exists and can be run, then connect again."
	case errors.Is(err, errVersion):
		info.Type, info.Suggestion = "version_mismatch", "Restart the host, so that it agrees on a version with the new server."
	case errors.Is(err, errRefused):
		info.Type, info.Suggestion = "refused", "Look at details, mend the server, and connect again."
	case errors.Is(err, errEnded):
		info.Type, info.Suggestion = "server_exited", "Look at details.stderr, mend the server, and connect again."
	case errors.Is(err, errTooSlow):
		info.Type, info.Suggestion = "timeout", "Look at details.stderr: the server may hang, or may still be installing; connect again."
	default:
		info.Type, info.Suggestion = "cancelled", "Connect again."
	}
	if e != nil {
		info.Details = &exitDetails{Exit: exitOf(e.exit), Stderr: e.words}
	}
	return info
}
