package proxy

import (
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/internal/wire"
)

// What wiretape says itself, always one line that ends in a newline. Ids and
// tokens are the raw bytes that came in, so they go back as they were.

func resultLine(id, result []byte) []byte {
	line := append([]byte(`{"jsonrpc":"2.0","id":`), id...)
	line = append(append(line, `,"result":`...), result...)
	return append(line, "}\n"...)
}

// failure is a JSON-RPC error. Its data names wiretape, for MCP 2026-07-28,
// basic: locally generated errors should not be mistaken for a peer's.
type failure struct {
	code    int
	message string
	reason  string // for programs: "target_disconnected"
}

func (f failure) line(id []byte) []byte {
	line := append([]byte(`{"jsonrpc":"2.0","id":`), id...)
	line = strconv.AppendInt(append(line, `,"error":{"code":`...), int64(f.code), 10)
	line = append(append(line, `,"message":`...), wire.Quote(f.message)...)
	line = append(append(line, `,"data":{"origin":"wiretape","reason":`...), wire.Quote(f.reason)...)
	return append(line, "}}}\n"...)
}

func requestLine(id, method string, params []byte) []byte {
	line := append([]byte(`{"jsonrpc":"2.0","id":`), wire.Quote(id)...)
	line = append(append(line, `,"method":`...), wire.Quote(method)...)
	if params != nil {
		line = append(append(line, `,"params":`...), params...)
	}
	return append(line, "}\n"...)
}

func notificationLine(method string, params []byte) []byte {
	line := append([]byte(`{"jsonrpc":"2.0","method":`), wire.Quote(method)...)
	if params != nil {
		line = append(append(line, `,"params":`...), params...)
	}
	return append(line, "}\n"...)
}

func cancelledLine(id []byte, reason string) []byte {
	params := append([]byte(`{"requestId":`), id...)
	params = append(append(params, `,"reason":`...), wire.Quote(reason)...)
	return notificationLine(methodCancelled, append(params, '}'))
}

// subscriptionMeta tags what belongs to a subscription.
//
// MCP 2026-07-28, basic: every notification on a subscriptions/listen stream
// carries the id of the listen request in its _meta.
func subscriptionMeta(id []byte) []byte {
	meta := append([]byte(`{"`+mcp.MetaKeySubscriptionID+`":`), id...)
	return append(meta, '}')
}

// The methods that the line knows by name.
const (
	methodInitialize  = string(mcp.MethodInitialize)
	methodPing        = string(mcp.MethodPing)
	methodToolsList   = string(mcp.MethodToolsList)
	methodToolsCall   = string(mcp.MethodToolsCall)
	methodSetLevel    = string(mcp.MethodSetLogLevel)
	methodSubscribe   = "resources/subscribe"
	methodUnsubscribe = "resources/unsubscribe"
	methodDiscover    = string(mcp.MethodServerDiscover)
	methodListen      = string(mcp.MethodSubscriptionsListen)

	methodInitialized      = string(mcp.MethodNotificationInitialized)
	methodCancelled        = string(mcp.MethodNotificationCancelled)
	methodProgress         = string(mcp.MethodNotificationProgress)
	methodMessage          = string(mcp.MethodNotificationMessage)
	methodAcknowledged     = string(mcp.MethodNotificationSubscriptionsAcknowledged)
	methodTaskStatus       = string(mcp.MethodNotificationTasksStatus) // 2025-11-25
	methodTasks            = "notifications/tasks"                     // SEP-2663
	methodResourceUpdated  = string(mcp.MethodNotificationResourceUpdated)
	methodToolsChanged     = string(mcp.MethodNotificationToolsListChanged)
	methodPromptsChanged   = string(mcp.MethodNotificationPromptsListChanged)
	methodResourcesChanged = string(mcp.MethodNotificationResourcesListChanged)
)
