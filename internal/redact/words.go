package redact

import "strings"

// protocol are words of MCP that are long enough to be searched for. If one is
// the value of a password, it is still not taken out of every message: a session
// would not be one any more.
var protocol = func() map[string]bool {
	words := make(map[string]bool)
	for word := range strings.FieldsSeq(`
		2024-11-05 2025-03-26 2025-06-18 2025-11-25 2026-07-28 additionalProperties application/json capabilities
		completion/complete costPriority createMessage destructiveHint elicitation/create elicitationId elicitations
		experimental idempotentHint includeContext inputRequests inputResponses input_required instructions
		intelligencePriority io.modelcontextprotocol/clientCapabilities io.modelcontextprotocol/clientInfo
		io.modelcontextprotocol/logLevel io.modelcontextprotocol/protocolVersion io.modelcontextprotocol/serverInfo
		io.modelcontextprotocol/subscriptionId lastModified lastUpdatedAt logging/setLevel modelPreferences notifications
		notifications/cancelled notifications/elicitation/complete notifications/initialized notifications/message
		notifications/progress notifications/prompts/list_changed notifications/resources/list_changed
		notifications/resources/updated notifications/roots/list_changed notifications/subscriptions/acknowledged
		notifications/tasks/status notifications/tools/list_changed openWorldHint outputSchema pollInterval progressToken
		prompts/list promptsListChanged protocolVersion readOnlyHint ref/resource requestState requestedSchema
		requiredCapabilities resourceSubscriptions resourceTemplates resource_link resources/list resources/read
		resources/subscribe resources/templates/list resources/unsubscribe resourcesListChanged sampling/createMessage
		server/discover speedPriority statusMessage stopSequences structuredContent subscriptions/listen
		supportedVersions systemPrompt tasks/cancel tasks/result toolsListChanged`) {
		words[word] = true
	}
	return words
}()
