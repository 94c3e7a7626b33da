package record

import (
	"bytes"
	"encoding/json"
)

// Statistics sums up a connection. Traffic is what host and target said to
// each other; what was said to or by the proxy does not count, except that its
// answers in the target's name are answers.
type Statistics struct {
	ToolsCalled       int64            `json:"tools_called"`       // tools/call requests of the host
	ResourcesAccessed int64            `json:"resources_accessed"` // resources/read requests of the host
	PromptsExecuted   int64            `json:"prompts_executed"`   // prompts/get requests of the host
	Errors            int64            `json:"errors"`             // the host's requests that were answered with an error
	Messages          Traffic          `json:"messages"`           // lines each way
	Bytes             Traffic          `json:"bytes"`              // their bytes, line ends included
	Unanswered        int64            `json:"unanswered"`         // requests, of either side, without an answer
	JunkLines         int64            `json:"junk_lines"`         // lines that are no message
	StderrLines       int64            `json:"stderr_lines"`       // lines that the target wrote to stderr
	Methods           map[string]Tally `json:"methods"`            // the host's requests by method
	Tools             map[string]Tally `json:"tools"`              // the host's tools/call requests by tool
	ServerRequests    map[string]Tally `json:"server_requests"`    // the target's requests by method
}

// Traffic is an amount each way.
type Traffic struct {
	HostToTarget int64 `json:"host_to_target"`
	TargetToHost int64 `json:"target_to_host"`
}

// Tally sums up requests of one kind. The times are those of the answered ones,
// in milliseconds, rounded to two decimals; all are 0 if none was answered.
type Tally struct {
	Calls  int64   `json:"calls"`
	Errors int64   `json:"errors"`
	P50    float64 `json:"p50_ms"`
	P95    float64 `json:"p95_ms"`
	P99    float64 `json:"p99_ms"`
	Max    float64 `json:"max_ms"`
}

// append writes the statistics as they stand in an end event.
func (s Statistics) append(dst []byte) []byte {
	for _, m := range []*map[string]Tally{&s.Methods, &s.Tools, &s.ServerRequests} {
		if *m == nil {
			*m = map[string]Tally{}
		}
	}
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	// Numbers, names and maps of them: nothing here can fail to be encoded.
	_ = e.Encode(s)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
