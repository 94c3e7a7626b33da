package findings

import "slices"

// Severity says how much a finding matters.
type Severity string

const (
	Error   Severity = "error"   // something that worked does not
	Warning Severity = "warning" // something is different
	Note    Severity = "note"    // worth telling, and no difference
)

// Rule is one kind of finding.
type Rule struct {
	ID       string // never changes: users filter by it
	Severity Severity
	Text     string // a sentence
}

// The ids of rules.
const (
	ResultChanged       = "result-changed"
	OutcomeChanged      = "outcome-changed"
	ErrorCodeChanged    = "error-code-changed"
	ErrorMessageChanged = "error-message-changed"
	ErrorDataChanged    = "error-data-changed"
	MissingAnswer       = "missing-answer"
	ExtraAnswer         = "extra-answer"
	OutputInvalid       = "output-invalid"
	MessageInvalid      = "message-invalid"
	ProgressChanged     = "progress-changed"
	ServerRequest       = "server-request-changed"
	CallMissing         = "call-missing"
	CallExtra           = "call-extra"
	VersionChanged      = "protocol-version-changed"
	CapabilityChanged   = "capability-changed"
	ServerInfoChanged   = "server-info-changed"
	InstructionsChanged = "instructions-changed"
	ToolAdded           = "tool-added"
	ToolRemoved         = "tool-removed"
	ToolRenamed         = "tool-renamed"
	ToolOrderChanged    = "tool-order-changed"
	ToolChanged         = "tool-changed"
	DescriptionChanged  = "description-changed"
	InputSchemaChanged  = "input-schema-changed"
	OutputSchemaChanged = "output-schema-changed"
	AnnotationsChanged  = "annotations-changed"
	EntryAdded          = "entry-added"
	EntryRemoved        = "entry-removed"
	EntryChanged        = "entry-changed"
	ExitChanged         = "exit-changed"
	Latency             = "latency"
)

// Rules are all rules there are.
var Rules = []Rule{
	{ResultChanged, Error, "The result is not the recorded one."},
	{OutcomeChanged, Error, "A call that succeeded fails, or the other way round."},
	{ErrorCodeChanged, Error, "The error has another code."},
	{ErrorMessageChanged, Warning, "The error has another message."},
	{ErrorDataChanged, Warning, "The error has other data."},
	{MissingAnswer, Error, "A call that was answered is not."},
	{ExtraAnswer, Warning, "A call that was not answered is."},
	{OutputInvalid, Error, "The result does not fit the tool's output schema."},
	{MessageInvalid, Error, "The server said what is no message of the protocol."},
	{ProgressChanged, Warning, "The progress that was told is not the recorded one."},
	{ServerRequest, Error, "What the server asks of the host is not what was recorded."},
	{CallMissing, Warning, "A recorded call was not made."},
	{CallExtra, Warning, "A call was made that is not recorded."},
	{VersionChanged, Error, "Another revision of the protocol was agreed on."},
	{CapabilityChanged, Warning, "The server's capabilities are not the recorded ones."},
	{ServerInfoChanged, Note, "The server gives itself another name or version."},
	{InstructionsChanged, Warning, "The server's instructions are not the recorded ones."},
	{ToolAdded, Warning, "A tool was added."},
	{ToolRemoved, Error, "A tool was removed."},
	{ToolRenamed, Error, "A tool has another name, and is the same otherwise."},
	{ToolOrderChanged, Warning, "Tools that are listed both times stand in another order."},
	{ToolChanged, Warning, "A tool changed in its name for people, its icons, or other parts."},
	{DescriptionChanged, Warning, "A description changed, which models read."},
	{InputSchemaChanged, Warning, "What a tool takes changed."},
	{OutputSchemaChanged, Warning, "What a tool gives changed."},
	{AnnotationsChanged, Warning, "A tool's annotations changed, which hosts decide by."},
	{EntryAdded, Warning, "A prompt, resource or template was added."},
	{EntryRemoved, Error, "A prompt, resource or template was removed."},
	{EntryChanged, Warning, "A prompt, resource or template changed."},
	{ExitChanged, Warning, "The server fails when it ends, which the recorded one did not."},
	{Latency, Note, "The answer took longer than the recorded one, by more than the threshold."},
}

// ruleOf gives the rule with that id. One that is not in the table is an error.
func ruleOf(id string) Rule {
	if i := ruleIndex(id); i >= 0 {
		return Rules[i]
	}
	return Rule{ID: id, Severity: Error, Text: "Something is not as it was recorded."}
}

// ruleIndex is where a rule stands in the table, -1 if it does not.
func ruleIndex(id string) int {
	return slices.IndexFunc(Rules, func(r Rule) bool { return r.ID == id })
}
