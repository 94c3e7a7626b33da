package cli

import (
	"fmt"
	"strings"

	"wiretape/internal/wire"
)

// A gist is what a message says, in the few words that fit on a line. It is
// made of the message's own text, so it must be cut or escaped before it is
// printed.

// longEnough is where a gist may end: no screen is wider.
const longEnough = 2000

// asks is the gist of a request or a notification.
func asks(method string, params []byte) string {
	switch method {
	case "initialize":
		return name(wire.Get(params, "clientInfo")) + words(", ", params, "protocolVersion")
	case "tools/call":
		return raw(wire.Get(params, "arguments"))
	case "prompts/get":
		return words("", params, "name") + " " + raw(wire.Get(params, "arguments"))
	case "resources/read", "resources/subscribe", "resources/unsubscribe", "notifications/resources/updated":
		return words("", params, "uri")
	case "elicitation/create":
		return words("", params, "message")
	case "notifications/progress":
		return progress(params)
	case "notifications/message":
		return words("", params, "level") + ": " + textOr(wire.Get(params, "data"))
	case "notifications/cancelled":
		return "request " + raw(wire.Get(params, "requestId")) + words(": ", params, "reason")
	}
	return raw(params)
}

// answers is the gist of a response to method, and whether it says that
// something failed.
func answers(method string, m wire.Message) (gist string, failed bool) {
	if m.Error != nil {
		return "error " + raw(wire.Get(m.Error, "code")) + words(": ", m.Error, "message"), true
	}
	failed = string(wire.Get(m.Result, "isError")) == "true"
	switch method {
	case "initialize":
		return name(wire.Get(m.Result, "serverInfo")) + words(", ", m.Result, "protocolVersion"), failed
	case "server/discover":
		info := wire.Get(m.Result, "_meta", "io.modelcontextprotocol/serverInfo")
		return name(info) + ", " + texts(wire.Get(m.Result, "supportedVersions")), failed
	case "tools/call":
		return toolResult(m.Result), failed
	case "elicitation/create":
		return words("", m.Result, "action") + " " + raw(wire.Get(m.Result, "content")), failed
	case "resources/read":
		return contents(wire.Get(m.Result, "contents")), failed
	case "prompts/get":
		return messages(wire.Get(m.Result, "messages")), failed
	case "sampling/createMessage":
		return textOr(wire.Get(m.Result, "content", "text")), failed
	}
	if method == "" && wire.Get(m.Result, "content") != nil {
		// Its request stands in the recording of another connection.
		return toolResult(m.Result), failed
	}
	if member, isList := strings.CutSuffix(method, "/list"); isList {
		if i := strings.LastIndexByte(member, '/'); i >= 0 {
			member = member[i+1:]
		}
		if list := wire.Get(m.Result, member); wire.Is(list, '[') {
			return listing(member, list) + more(m.Result), failed
		}
	}
	return raw(m.Result), failed
}

// words gives the string at a member with something before it, or nothing at
// all if there is no such string.
func words(before string, value []byte, member string) string {
	text, ok := wire.Text(wire.Get(value, member))
	if !ok {
		return ""
	}
	return before + text
}

// textOr gives a string without its quotes, and anything else as it stands.
func textOr(value []byte) string {
	if text, ok := wire.Text(value); ok {
		return text
	}
	return raw(value)
}

// raw gives JSON as it stands, but for _meta, which says little and says it
// at length. An empty object says nothing.
func raw(value []byte) string {
	if !wire.Is(value, '{') {
		return string(value[:min(len(value), longEnough)])
	}
	if wire.Get(value, "_meta") == nil && len(value) > len("{}") {
		return string(value[:min(len(value), longEnough)])
	}
	var members []string
	for member, inner := range wire.Members(value) {
		if member != "_meta" {
			members = append(members, string(wire.Quote(member))+":"+string(inner[:min(len(inner), longEnough)]))
		}
	}
	if len(members) == 0 {
		return ""
	}
	return "{" + strings.Join(members, ",") + "}"
}

// texts joins the strings of an array.
func texts(array []byte) string {
	var all []string
	for element := range wire.Elements(array) {
		all = append(all, textOr(element))
	}
	return strings.Join(all, ", ")
}

func name(info []byte) string { return words("", info, "name") + words(" ", info, "version") }

func progress(params []byte) string {
	done := raw(wire.Get(params, "progress"))
	if total := wire.Get(params, "total"); total != nil {
		done += "/" + raw(total)
	}
	return done + words(" ", params, "message")
}

func listing(what string, list []byte) string {
	var names strings.Builder
	count := 0
	for item := range wire.Elements(list) {
		count++
		if names.Len() > longEnough {
			continue
		}
		if count > 1 {
			names.WriteString(", ")
		}
		names.WriteString(words("", item, "name"))
	}
	if count == 0 {
		return "no " + what
	}
	return fmt.Sprintf("%d %s: %s", count, what, names.String())
}

func more(result []byte) string {
	if wire.Get(result, "nextCursor") != nil {
		return ", and more"
	}
	return ""
}

// toolResult prefers what was written to be read.
func toolResult(result []byte) string {
	said := contents(wire.Get(result, "content"))
	structured := wire.Get(result, "structuredContent")
	if message, ok := wire.Text(wire.Get(structured, "message")); ok && wire.Is([]byte(said), '{') {
		return message
	}
	if kind, _ := wire.Text(wire.Get(result, "resultType")); kind == "input_required" {
		return "asks back: " + raw(wire.Get(result, "inputRequests"))
	}
	if said == "" {
		return raw(structured)
	}
	return said
}

// contents gives the text of content items, and the type of those without.
func contents(items []byte) string {
	var all strings.Builder
	for item := range wire.Elements(items) {
		if all.Len() > longEnough {
			break
		}
		if all.Len() > 0 {
			all.WriteByte(' ')
		}
		if text, ok := wire.Text(wire.Get(item, "text")); ok {
			all.WriteString(text)
			continue
		}
		kind, ok := wire.Text(wire.Get(item, "type"))
		if !ok {
			kind = words("", item, "mimeType")
		}
		all.WriteString("[" + kind + "]")
	}
	return all.String()
}

func messages(list []byte) string {
	var all []string
	for message := range wire.Elements(list) {
		all = append(all, words("", message, "role")+": "+textOr(wire.Get(message, "content", "text")))
		if len(all) > 20 {
			break
		}
	}
	return strings.Join(all, " · ")
}
