package demo

import (
	"context"
	"fmt"
	"slices"

	"wiretape/internal/wire"
)

const (
	modern     = "2026-07-28"
	metaPrefix = "io.modelcontextprotocol/"
)

// legacy holds the revisions that open with initialize, oldest first.
var legacy = []string{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}

var (
	serverInfo   = object{"name": "wiretape-demo", "title": "wiretape demo server", "version": "1.0.0"}
	capabilities = object{"tools": object{}, "resources": object{}, "prompts": object{}}
)

const instructions = "A demonstration: nothing here has any effect."

// rpcError is the error of a response.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    object `json:"data,omitempty"`
}

func (e *rpcError) Error() string { return e.Message }

const (
	parseError        = -32700
	invalidRequest    = -32600
	methodNotFound    = -32601
	invalidParams     = -32602
	internalError     = -32603
	resourceNotFound  = -32002 // up to 2025-11-25
	missingCapability = -32021 // 2026-07-28
	unknownVersion    = -32022 // 2026-07-28
)

// request is a request of the host, with what its era says of it.
type request struct {
	wire.Message
	ctx          context.Context
	server       *server
	modern       bool
	capabilities []byte // what the host can do, raw
}

// method gives the result of a request. A *rpcError becomes the error of the
// response; context.Canceled means that there will be none.
type method func(*request) (object, error)

// open finds what answers r, and whether that may wait for the host.
func (s *server) open(r *request) (run method, waits bool, err error) {
	if err := s.settle(r); err != nil {
		return nil, false, err
	}
	if r.Method == "tools/call" {
		t, err := findTool(r)
		if err != nil {
			return nil, false, err
		}
		return t.call, t.waits, nil
	}
	if run := methods(r.modern)[r.Method]; run != nil {
		return run, false, nil
	}
	return nil, false, &rpcError{Code: methodNotFound, Message: "Method not found: " + r.Method}
}

// settle finds the era of r: what carries a version of its own is modern.
func (s *server) settle(r *request) error {
	version := wire.Get(r.Params, "_meta", metaPrefix+"protocolVersion")
	switch {
	case version == nil && (s.version != "" || r.Method == "initialize" || r.Method == "ping"):
		r.capabilities = s.capabilities
		return nil
	case version == nil:
		return missing("protocolVersion")
	}
	// "If the server does not support the requested version, it MUST return an
	// UnsupportedProtocolVersionError" (2026-07-28).
	if name, _ := wire.Text(version); name != modern {
		return &rpcError{Code: unknownVersion, Message: "Unsupported protocol version",
			Data: object{"supported": []string{modern}, "requested": name}}
	}
	r.modern = true
	r.capabilities = wire.Get(r.Params, "_meta", metaPrefix+"clientCapabilities")
	if r.capabilities == nil {
		return missing("clientCapabilities")
	}
	return nil
}

func missing(key string) error {
	return &rpcError{Code: invalidParams, Message: fmt.Sprintf("params._meta lacks %q", metaPrefix+key)}
}

func methods(modern bool) map[string]method {
	if modern {
		return map[string]method{
			"server/discover": discover,
			"tools/list":      cached(listTools),
			"resources/list":  cached(listResources),
			"resources/read":  cached(readResource),
			"prompts/list":    cached(listPrompts),
			"prompts/get":     getPrompt,
		}
	}
	return map[string]method{
		"initialize":     initialize,
		"ping":           ping,
		"tools/list":     listTools,
		"resources/list": listResources,
		"resources/read": readResource,
		"prompts/list":   listPrompts,
		"prompts/get":    getPrompt,
	}
}

// cached adds what a modern host must be told about keeping a result.
func cached(run method) method {
	return func(r *request) (object, error) {
		result, err := run(r)
		if err == nil {
			result["ttlMs"], result["cacheScope"] = 60_000, "public"
		}
		return result, err
	}
}

// "If the server supports the requested protocol version, it MUST respond with
// the same version. Otherwise, the server MUST respond with another protocol
// version it supports" (2025-11-25).
func initialize(r *request) (object, error) {
	version, _ := wire.Text(wire.Get(r.Params, "protocolVersion"))
	if !slices.Contains(legacy, version) {
		version = legacy[len(legacy)-1]
	}
	r.server.version, r.server.capabilities = version, wire.Get(r.Params, "capabilities")
	return object{"protocolVersion": version, "capabilities": capabilities,
		"serverInfo": serverInfo, "instructions": instructions}, nil
}

func discover(*request) (object, error) {
	return object{"supportedVersions": []string{modern}, "capabilities": capabilities,
		"instructions": instructions, "ttlMs": 60_000, "cacheScope": "public"}, nil
}

func ping(*request) (object, error) { return object{}, nil }
