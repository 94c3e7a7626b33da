package sessions_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notForGoSDK is what stands in steps that the host of the Go SDK cannot take.
var notForGoSDK = regexp.MustCompile(`^\{"(send|notify|listen|unlisten)"|"task": true|subscriptions/acknowledged|"cacheMode"`)

// goSDKSessions are played instead of the scripts of these names, in which there are too many such steps.
var goSDKSessions = map[string]string{
	"everything-roots": `[
		{"await": "roots/list"},
		{"await": "notifications/message", "params": {"data": "Roots updated: 1 root(s) received from client"}},
		{"call": "get-roots-list", "arguments": {}, "want": ["file:///roots/one"]},
		{"answer": "roots/list", "with": {"roots": [{"uri": "file:///roots/two"}]}},
		{"await": "roots/list"},
		{"await": "notifications/message", "params": {"data": "Roots updated: 2 root(s) received from client"}},
		{"call": "get-roots-list", "arguments": {}, "want": ["file:///roots/one", "file:///roots/two"]}
	]`,
	"go-sdk-modern-listen": `[
		{"list": "tools"},
		{"subscribe": "test://watched-resource"},
		{"call": "test_trigger_tool_change"},
		{"await": "notifications/tools/list_changed"},
		{"call": "test_trigger_prompt_change"},
		{"await": "notifications/prompts/list_changed"},
		{"list": "tools"},
		{"await": "notifications/resources/updated", "params": {"uri": "test://watched-resource"}},
		{"unsubscribe": "test://watched-resource"},
		{"call": "test_tool_with_progress", "progress": true}
	]`,
}

// forGoSDK makes a script of a TypeScript host one for the host of the Go SDK.
func (s *script) forGoSDK(t *testing.T) {
	t.Helper()
	s.Host = map[string]string{"v1": "go-sdk-legacy", "v2-auto": "go-sdk-modern", "v2-modern": "go-sdk-modern"}[s.Host]
	if text, ok := goSDKSessions[s.Name]; ok {
		s.Steps = steps(t, text)
	}
	s.Steps = slices.DeleteFunc(s.Steps, func(step step) bool { return notForGoSDK.Match(step.raw) })
	for i, step := range s.Steps {
		if step.Fails {
			s.Steps[i].Want = nil // what a host says of a failure is its own
		}
	}
}

// TestGoSDKHost has the Go SDK's client play the scripts to the real server, and then to the recording of that.
func TestGoSDKHost(t *testing.T) {
	for _, s := range loadScripts(t) {
		if s.controlled() {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.forGoSDK(t)
			on := newStage(t)
			live := s.play(t, on, on.wiretape("session.jsonl"))
			replayed := s.beginWith(t, on, slices.Concat(on.wiretape("again.jsonl"), on.replay("session.jsonl")))()
			verbatim(t, replayed, live)
			sameAnswers(t, load(t, on.recording("again.jsonl")), load(t, on.recording("session.jsonl")))
			on.played(t)
		})
	}
}

// TestReplayToAnotherHost plays the fixtures, which were made with TypeScript hosts, to the Go SDK's client. It asks for
// 2026-07-28 before it falls back, which the legacy ones of them were not asked for.
func TestReplayToAnotherHost(t *testing.T) {
	for _, s := range loadScripts(t) {
		if s.controlled() || goSDKSessions[s.Name] != "" {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.forGoSDK(t)
			s.Host = "go-sdk-modern"
			// JavaScript rounded its numbers.
			s.Steps = slices.DeleteFunc(s.Steps, func(step step) bool { return strings.Contains(string(step.raw), "1e300") })
			on := newStage(t)
			s.beginWith(t, on, on.replay(s.fixtures(t)[0]))()
			for _, missed := range on.reports(t)[0].Missed {
				// The SDK subscribes by itself, and goes on without.
				if missed.Method != "subscriptions/listen" {
					t.Error(missed.Message)
				}
			}
		})
	}
}
