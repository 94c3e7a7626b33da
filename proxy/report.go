package proxy

import (
	"math"
	"strings"
	"time"

	"wiretape/record"
)

// The structured results of the control tools. Times are in milliseconds or
// seconds, rounded to two decimals.

type connectReply struct {
	Success    bool            `json:"success"`
	Message    string          `json:"message,omitempty"`
	Connection *connectionInfo `json:"connection,omitempty"`
	Changes    *changes        `json:"changes,omitempty"`
	Error      *errorInfo      `json:"error,omitempty"`
	Metadata   metadata        `json:"metadata"`
}

type disconnectReply struct {
	Success      bool     `json:"success"`
	Message      string   `json:"message"`
	WasConnected bool     `json:"was_connected"`
	Metadata     metadata `json:"metadata"`
}

type statusReply struct {
	Success    bool            `json:"success"`
	Connected  bool            `json:"connected"`
	Connection *connectionInfo `json:"connection"`
	Message    string          `json:"message"`
	Metadata   metadata        `json:"metadata"`
}

type metadata struct {
	RequestTime  float64       `json:"request_time_ms"`
	Duration     *float64      `json:"connection_duration_seconds,omitempty"`
	WasConnected *bool         `json:"was_connected,omitempty"`
	Warning      string        `json:"cleanup_warning,omitempty"`
	Previous     *previousInfo `json:"previous_connection,omitempty"`
}

func (r *connectReply) took(since time.Time)    { r.Metadata.RequestTime = millis(time.Since(since)) }
func (r *disconnectReply) took(since time.Time) { r.Metadata.RequestTime = millis(time.Since(since)) }
func (r *statusReply) took(since time.Time)     { r.Metadata.RequestTime = millis(time.Since(since)) }

type connectionInfo struct {
	ServerURL   string            `json:"server_url"`
	Transport   string            `json:"transport"`
	ConnectedAt time.Time         `json:"connected_at"`
	ServerInfo  raw               `json:"server_info,omitempty"`
	Statistics  record.Statistics `json:"statistics"`
	Recording   *recordingInfo    `json:"recording,omitempty"`
}

type previousInfo struct {
	ServerURL  string            `json:"server_url"`
	Transport  string            `json:"transport"`
	Duration   float64           `json:"duration_seconds"`
	Exit       exitInfo          `json:"exit"`
	Statistics record.Statistics `json:"statistics"`
	Recording  *recordingInfo    `json:"recording,omitempty"`
}

type exitInfo struct {
	Code   int    `json:"code"`
	Signal string `json:"signal,omitempty"`
	Forced bool   `json:"forced,omitempty"`
}

type recordingInfo struct {
	Path      string `json:"path,omitempty"`
	Complete  bool   `json:"complete"` // so far, while connected
	Problem   string `json:"problem,omitempty"`
	Events    int64  `json:"events,omitempty"`
	RawBytes  int64  `json:"raw_bytes,omitempty"`
	FileBytes int64  `json:"file_bytes,omitempty"`
	SHA256    string `json:"sha256,omitempty"`
}

type errorInfo struct {
	Type       string       `json:"error_type"`
	Message    string       `json:"message"`
	Details    *exitDetails `json:"details,omitempty"`
	Suggestion string       `json:"suggestion"`
}

type exitDetails struct {
	Exit   exitInfo `json:"exit"`
	Stderr string   `json:"stderr,omitempty"` // the last lines
}

func millis(d time.Duration) float64  { return round(float64(d) / float64(time.Millisecond)) }
func seconds(d time.Duration) float64 { return round(d.Seconds()) }
func round(f float64) float64         { return math.Round(f*100) / 100 }

func exitOf(e Exit) exitInfo { return exitInfo{Code: e.Code, Signal: e.Signal, Forced: e.Forced} }

// url says where an endpoint is, in one line.
func url(e record.Endpoint) string {
	if e.URL != "" {
		return e.URL
	}
	return strings.Join(e.Command, " ")
}

// present tells of a connection that is on.
func (l *line) present(c *connection) *connectionInfo {
	e := l.Endpoint.Describe()
	info := &connectionInfo{
		ServerURL:   url(e),
		Transport:   e.Transport,
		ConnectedAt: c.started.UTC(),
		Statistics:  c.tape.Statistics(),
	}
	l.session.mu.Lock()
	info.ServerInfo = raw(l.session.past.server)
	l.session.mu.Unlock()
	if problem := c.problem(); problem != nil || c.tape.Path() != "" {
		info.Recording = &recordingInfo{Path: c.tape.Path(), Complete: problem == nil, Problem: said(problem)}
	}
	return info
}

// past tells of a connection that has ended, nil if there was none.
func (l *line) past(e *ending) *previousInfo {
	if e == nil {
		return nil
	}
	where := l.Endpoint.Describe()
	info := &previousInfo{
		ServerURL:  url(where),
		Transport:  where.Transport,
		Duration:   seconds(e.duration),
		Exit:       exitOf(e.exit),
		Statistics: e.tape.Statistics,
	}
	if e.problem != nil || e.tape.Path != "" {
		info.Recording = &recordingInfo{
			Path: e.tape.Path, Complete: e.tape.Complete && e.problem == nil, Problem: said(e.problem),
			Events: e.tape.Events, RawBytes: e.tape.RawBytes, FileBytes: e.tape.FileBytes, SHA256: e.tape.SHA256,
		}
	}
	return info
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
