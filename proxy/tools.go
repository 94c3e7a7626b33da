package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"wiretape/internal/wire"
)

type raw = json.RawMessage

// The schemas leave open what is inside connection and metadata: models read
// descriptions, and each word of a schema costs them as much as one of those.
var (
	connectOutput = raw(`{"type":"object","properties":{"success":{"type":"boolean"},"message":{"type":"string"},` +
		`"connection":{"type":"object","description":"The new connection: server_url, transport, connected_at, server_info, statistics"},` +
		`"changes":{"type":"object","description":"What differs from the server before: tools added, removed, changed"},` +
		`"error":{"type":"object","description":"If success is false: error_type, message, details, suggestion"},` +
		`"metadata":{"type":"object"}},"required":["success"]}`)
	disconnectOutput = raw(`{"type":"object","properties":{"success":{"type":"boolean"},"message":{"type":"string"},"was_connected":{"type":"boolean"},` +
		`"metadata":{"type":"object","description":"previous_connection: its statistics, and path and completeness of its recording"}},` +
		`"required":["success","message","was_connected"]}`)
	statusOutput = raw(`{"type":"object","properties":{"success":{"type":"boolean"},"message":{"type":"string"},"connected":{"type":"boolean"},` +
		`"connection":{"type":["object","null"]},"metadata":{"type":"object"}},"required":["success","connected","connection"]}`)
)

// controlTools defines the tools, with the names they have at present.
func controlTools(name func(role string) string) []mcp.Tool {
	return []mcp.Tool{
		mcp.NewTool(name(connect),
			mcp.WithToolTitle("Connect the MCP server"),
			mcp.WithDescription("Starts this MCP server again, for example after it was rebuilt or has crashed. "+
				"A server that is still connected is disconnected first. The session goes on with the new one, and a new recording begins."),
			mcp.WithSchemaAdditionalProperties(false), mcp.WithRawOutputSchema(connectOutput),
			mcp.WithReadOnlyHintAnnotation(false), mcp.WithDestructiveHintAnnotation(false),
			mcp.WithIdempotentHintAnnotation(true), mcp.WithOpenWorldHintAnnotation(false)),
		mcp.NewTool(name(disconnect),
			mcp.WithToolTitle("Disconnect the MCP server"),
			mcp.WithDescription("Stops this MCP server, completes the recording of its traffic, and reports statistics: calls, errors, latencies, and where the recording is. "+
				"Use it before the server is rebuilt, or to get the recording. Calls that are still running fail. Safe to call when nothing is connected."),
			mcp.WithSchemaAdditionalProperties(false), mcp.WithRawOutputSchema(disconnectOutput),
			mcp.WithReadOnlyHintAnnotation(false), mcp.WithDestructiveHintAnnotation(true),
			mcp.WithIdempotentHintAnnotation(true), mcp.WithOpenWorldHintAnnotation(false)),
		mcp.NewTool(name(status),
			mcp.WithToolTitle("Status of the MCP server"),
			mcp.WithDescription("Tells whether this MCP server is connected, since when, what was called so far, and where its traffic is being recorded."),
			mcp.WithSchemaAdditionalProperties(false), mcp.WithRawOutputSchema(statusOutput),
			mcp.WithReadOnlyHintAnnotation(true), mcp.WithDestructiveHintAnnotation(false),
			mcp.WithIdempotentHintAnnotation(true), mcp.WithOpenWorldHintAnnotation(false)),
	}
}

// definitions gives the control tools as a tool list has them, raw and with
// commas between them.
func (c *catalog) definitions() []byte {
	var all [][]byte
	for _, tool := range controlTools(c.name) {
		all = append(all, asJSON(tool))
	}
	return bytes.Join(all, []byte{','})
}

// dispatcher gives the server that carries out the control calls, by role.
func (l *line) dispatcher() *server.MCPServer {
	s := server.NewMCPServer("wiretape", l.Version)
	does := map[string]func(*call) (reply, bool){connect: l.connect, disconnect: l.disconnect, status: l.status}
	for _, tool := range controlTools(func(role string) string { return role }) {
		do := does[tool.Name]
		s.AddTool(tool, func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			call := ctx.Value(callKey{}).(*call)
			began := time.Now()
			answer, ok := do(call)
			answer.took(began)
			result := mcp.NewToolResultStructured(answer, string(asJSON(answer)))
			result.IsError = !ok
			return result, nil
		})
	}
	return s
}

type callKey struct{}

// reply is the structured result of a control tool.
type reply interface{ took(since time.Time) }

// carryOut gives the line that answers a call.
func (l *line) carryOut(call *call) []byte {
	if call.task {
		// MCP 2025-11-25, tasks: a tool that does not support tasks answers a
		// call that asks for one with -32601.
		return failure{-32601, "the control tools cannot run as tasks", "no_tasks"}.line(call.id)
	}
	var result []byte
	if bad := badArguments(call); bad != "" {
		result = asJSON(mcp.NewToolResultError(bad))
	} else {
		// Era and id are ours to add: they go back as they came.
		request := requestLine("0", methodToolsCall, asJSON(map[string]string{"name": call.role}))
		message := l.tools().HandleMessage(context.WithValue(call.ctx, callKey{}, call), request)
		response, ok := message.(mcp.JSONRPCResponse)
		if !ok {
			return failure{-32603, fmt.Sprintf("%s failed: %s", call.role, asJSON(message)), "internal"}.line(call.id)
		}
		result = asJSON(response.Result)
	}
	l.session.mu.Lock()
	defer l.session.mu.Unlock()
	return resultLine(call.id, l.session.complete(result, call.modern))
}

// badArguments tells which arguments are wrong, "" if none is.
func badArguments(call *call) string {
	if call.arguments == nil || string(call.arguments) == "null" {
		return ""
	}
	if !wire.Is(call.arguments, '{') {
		return fmt.Sprintf("bad arguments: %s takes an object without members, not %s", call.role, call.arguments)
	}
	for name := range wire.Members(call.arguments) {
		return fmt.Sprintf("unknown argument %q: %s takes no arguments", name, call.role)
	}
	return ""
}
