package record

import "time"

// Call is a request and what came of it.
type Call struct {
	From     Party         // who asked
	To       Party         // who was asked
	Method   string        // such as "tools/call"
	Tool     string        // the tool, for tools/call
	ID       []byte        // the raw id: 1, "1"
	Request  int64         // Event.Seq of the request
	Response int64         // Event.Seq of the response; 0 if there is none
	Start    time.Duration // Event.At of the request
	Latency  time.Duration // from request to response; 0 if there is none
	Error    bool          // the response is an error, or a tool's result with isError
}
