package sessions_test

import (
	"slices"
	"strings"
	"testing"
)

const (
	legacyCrowd = `[{"parallel": [
		{"list": "tools"},
		{"call": "trigger-sampling-request", "arguments": {"prompt": "one"}},
		{"call": "trigger-sampling-request", "arguments": {"prompt": "two"}},
		{"call": "trigger-elicitation-request", "arguments": {}},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.1, "steps": 5}, "progress": true},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 0.1, "steps": 5}, "progress": true},
		{"call": "trigger-long-running-operation", "arguments": {"duration": 2, "steps": 8}, "cancelAfterProgress": 2},
		{"ping": true},
		{"call": "echo", "arguments": {"message": "x"}}
	]}, {"await": "notifications/message"}, {"call": "echo", "arguments": {"message": "x"}},
		{"await": "notifications/progress", "params": {"progress": 8}}]`
	goSDKCrowd = `[{"parallel": [
		{"call": "test_sampling", "arguments": {"prompt": "one"}},
		{"call": "test_sampling", "arguments": {"prompt": "two"}},
		{"call": "test_elicitation", "arguments": {"message": "who"}},
		{"call": "test_tool_with_progress", "progress": true}
	]}]`
	modernCrowd = `[{"parallel": [
		{"call": "test_logging_tool", "meta": {"io.modelcontextprotocol/logLevel": "info"}},
		{"call": "test_simple_text"},
		{"call": "test_input_required_result_multi_round"},
		{"call": "test_input_required_result_multi_round"},
		{"call": "test_input_required_result_sampling"},
		{"call": "test_tool_with_progress", "progress": true}
	]}, {"await": "notifications/message"}, {"call": "test_simple_text"}]`
)

// TestReplayCrowd records sessions in which much is asked at once, and has the recording stand in for the server. What
// comes of every call is the same; in which order the server said it is not.
func TestReplayCrowd(t *testing.T) {
	for _, test := range []struct{ host, server, steps string }{
		{"v1", "everything", legacyCrowd},
		{"go-sdk-legacy", "everything", legacyCrowd},
		{"v1", "go-sdk", goSDKCrowd},
		{"go-sdk-legacy", "go-sdk", goSDKCrowd},
		{"v2-modern", "go-sdk", modernCrowd},
		{"go-sdk-modern", "go-sdk", modernCrowd},
	} {
		t.Run(test.host+" "+test.server, func(t *testing.T) {
			t.Parallel()
			s := &script{Name: "session", Host: test.host, Server: test.server, Steps: steps(t, test.steps)}
			on := newStage(t)
			live := s.play(t, on, on.wiretape("session.jsonl"))
			replayed := s.beginWith(t, on, slices.Concat(on.wiretape("again.jsonl"), on.replay("session.jsonl")))()
			inAnyOrder(t, live)
			inAnyOrder(t, replayed)
			verbatim(t, replayed, live)
			sameAnswers(t, load(t, on.recording("again.jsonl")), load(t, on.recording("session.jsonl")))
			on.played(t)
		})
	}
}

func inAnyOrder(t *testing.T, tr transcript) {
	t.Helper()
	slices.SortFunc(tr.messages, func(a, b map[string]any) int { return strings.Compare(exact(t, a), exact(t, b)) })
}
