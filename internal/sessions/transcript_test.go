package sessions_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// transcript is what a host printed. What came by itself is apart from the outcomes of the steps: the two overtake each
// other in the host.
type transcript struct {
	connected map[string]any
	steps     []outcome
	messages  []map[string]any
	closed    string
}

type outcome struct {
	text string // as printed
	line map[string]any
}

func readTranscript(t *testing.T, out []byte) transcript {
	t.Helper()
	var all transcript
	for text := range strings.Lines(string(out)) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("the host printed %q: %v", text, err)
		}
		switch {
		case line["connected"] != nil:
			all.connected = line["connected"].(map[string]any)
		case line["closed"] != nil:
			all.closed = text
		case line["step"] != nil:
			all.steps = append(all.steps, outcome{text, line})
		default:
			all.messages = append(all.messages, line)
		}
	}
	return all
}

// check compares the outcomes with what the steps ask for.
func (tr transcript) check(t *testing.T, steps []step) {
	t.Helper()
	if len(tr.steps) != len(steps) {
		t.Fatalf("the host took %d of %d steps", len(tr.steps), len(steps))
	}
	for i, step := range steps {
		got := tr.steps[i]
		ok := got.line["ok"] == !step.Fails
		for _, part := range step.Want {
			ok = ok && strings.Contains(got.text, part)
		}
		for _, part := range step.Never {
			ok = ok && !strings.Contains(got.text, part)
		}
		if !ok {
			t.Errorf("step %d, %s\ngave %s", i, step.raw, got.text)
		}
	}
}

// count gives how many messages of a method came.
func (tr transcript) count(kind, method string) int {
	n := 0
	for _, m := range tr.messages {
		if m[kind] == method {
			n++
		}
	}
	return n
}

// volatile is all in a session that differs from run to run, as it stands in canonical JSON.
var volatile = []struct {
	what string
	is   *regexp.Regexp
}{
	{"the time of day in server-everything's resources", regexp.MustCompile(`created at [^"\\]+`)},
	{"the random log messages of server-everything", regexp.MustCompile(`"data":"\w+([- ]level)[- ]message","level":"\w+"`)},
	{"how often a task is polled", regexp.MustCompile(`(\{"task":\{[^{}]*\},"type":"taskStatus"\},)+`)},
	{"times in tasks", regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)},
	{"ids of tasks and of elicitations", regexp.MustCompile(`"[0-9a-f]{32}"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)},
}

// exact gives v as JSON with sorted members.
func exact(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// canonical gives v as JSON with sorted members and without what is volatile.
func canonical(t *testing.T, v any) string {
	t.Helper()
	return lasting(exact(t, v))
}

// lasting leaves out what is volatile.
func lasting(text string) string {
	for _, v := range volatile {
		text = v.is.ReplaceAllString(text, "<"+v.what+">")
	}
	return text
}

// same compares what a host saw behind wiretape with what it saw without. These may be other: the capability to change
// the tool list, three tools more in it, what is volatile, and the end of a server that has to be killed, which
// wiretape does itself.
func same(t *testing.T, with, without transcript) {
	t.Helper()
	declareChanges(without.connected)
	differ(t, "connected", canonical(t, with.connected), canonical(t, without.connected))
	for i := range without.steps {
		dropControls(t, with.steps[i].line)
		differ(t, "a step", canonical(t, with.steps[i].line), canonical(t, without.steps[i].line))
	}
	for i := range max(len(with.messages), len(without.messages)) {
		differ(t, "a message", messageAt(t, with, i), messageAt(t, without, i))
	}
	if strings.Contains(without.closed, `"signal":null`) {
		differ(t, "the end", with.closed, without.closed)
	}
}

func differ(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is another:\n got %s\nwant %s", what, got, want)
	}
}

func messageAt(t *testing.T, tr transcript, i int) string {
	t.Helper()
	if i >= len(tr.messages) {
		return "nothing"
	}
	return canonical(t, tr.messages[i])
}

func declareChanges(connected map[string]any) {
	capabilities, _ := connected["capabilities"].(map[string]any)
	tools, _ := capabilities["tools"].(map[string]any)
	if capabilities != nil && tools == nil {
		tools = map[string]any{}
		capabilities["tools"] = tools
	}
	if tools != nil {
		tools["listChanged"] = true
	}
}

// dropControls takes the three control tools out of a list of tools, where they must be.
func dropControls(t *testing.T, step map[string]any) {
	t.Helper()
	result, _ := step["result"].(map[string]any)
	tools, ok := result["tools"].([]any)
	if !ok {
		return
	}
	rest := slices.DeleteFunc(slices.Clone(tools), func(tool any) bool {
		return strings.HasPrefix(tool.(map[string]any)["name"].(string), "wiretape_")
	})
	if len(tools)-len(rest) != 3 {
		t.Errorf("%d control tools are in the list, want 3", len(tools)-len(rest))
	}
	result["tools"] = rest
}

// verbatim compares what a host saw of a replay with what it had seen of the server. Nothing may be other.
func verbatim(t *testing.T, replayed, live transcript) {
	t.Helper()
	differ(t, "connected", exact(t, replayed.connected), exact(t, live.connected))
	for i := range live.steps {
		differ(t, "a step", replayed.steps[i].text, live.steps[i].text)
	}
	for i := range max(len(replayed.messages), len(live.messages)) {
		differ(t, "a message", exactAt(t, replayed, i), exactAt(t, live, i))
	}
	differ(t, "the end", replayed.closed, live.closed)
}

func exactAt(t *testing.T, tr transcript, i int) string {
	t.Helper()
	if i >= len(tr.messages) {
		return "nothing"
	}
	return exact(t, tr.messages[i])
}
