package proxy

import (
	"context"
	"fmt"
	"io"

	"wiretape/record"
)

// Endpoint is where a target can be had, as often as it is asked for.
type Endpoint interface {
	// Connect starts one life of the target. What it says beside the
	// protocol is written to stderr, never after Stop has returned.
	Connect(ctx context.Context, stderr io.Writer) (Target, error)

	// Describe tells what a recording says of the target.
	Describe() record.Endpoint
}

// Target is one life of an MCP server, from connect to disconnect. Read, Write
// and Stop may be called at the same time.
type Target interface {
	// Read gives the bytes that the server says. io.EOF means that it will
	// say no more.
	Read(p []byte) (int, error)

	// Write gives the server bytes to read.
	Write(p []byte) (int, error)

	// Stop ends the server, if it has not ended, and tells how it ended: at
	// first by the end of its input, then by force. It takes less than two
	// seconds, in which Read still gives what the server says. When called
	// again it tells the same.
	Stop() Exit
}

// Exit tells how a target ended.
type Exit struct {
	Code    int    // exit status; 128+n for signal n
	Signal  string // what killed it, as "SIGKILL"; empty if nothing did
	Forced  bool   // it did not end by itself, wiretape had to end it
	Problem string // what could not be cleaned up
}

func (e Exit) String() string {
	if e.Signal != "" {
		return "killed by " + e.Signal
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

// recorded gives what a recording says: of a signal only its name.
func (e Exit) recorded() record.Exit {
	if e.Signal != "" {
		return record.Exit{Signal: e.Signal}
	}
	return record.Exit{Code: e.Code}
}
