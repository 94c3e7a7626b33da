package main

//lint:file-ignore SA1019 sampling, roots and log levels are a part of what is tested

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// answer replaces what the host answers to a method of the server. Roots are added to those that there are.
func (h *host) answer(_ context.Context, s *step) (any, error) {
	if s.Answer == "roots/list" {
		var roots mcp.ListRootsResult
		if err := json.Unmarshal(s.With, &roots); err != nil {
			return nil, err
		}
		h.client.AddRoots(roots.Roots...)
		return nil, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[s.Answer] = s.With
	return nil, nil
}

// given gives what the script says is to be answered, if it says so.
func given[R any](h *host, method string) (*R, error) {
	h.mu.Lock()
	text := h.answers[method]
	h.mu.Unlock()
	if text == nil {
		return nil, nil
	}
	var refused struct{ Error *jsonrpc.Error }
	if err := json.Unmarshal(text, &refused); err != nil {
		return nil, err
	}
	if refused.Error != nil {
		return nil, refused.Error
	}
	var result R
	return &result, json.Unmarshal(text, &result)
}

func (h *host) sample(_ context.Context, r *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	if result, err := given[mcp.CreateMessageResult](h, "sampling/createMessage"); result != nil || err != nil {
		return result, err
	}
	if len(r.Params.Messages) == 0 {
		return nil, fmt.Errorf("no messages")
	}
	text, ok := r.Params.Messages[len(r.Params.Messages)-1].Content.(*mcp.TextContent)
	if !ok {
		return nil, fmt.Errorf("no text")
	}
	return &mcp.CreateMessageResult{
		Role: "assistant", Model: "test-model", StopReason: "endTurn",
		Content: &mcp.TextContent{Text: "sampled: " + text.Text},
	}, nil
}

func (h *host) elicit(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
	if result, err := given[mcp.ElicitResult](h, "elicitation/create"); result != nil || err != nil {
		return result, err
	}
	result := &mcp.ElicitResult{Action: "accept"}
	if r.Params.Mode == "url" {
		return result, nil
	}
	schema, err := json.Marshal(r.Params.RequestedSchema)
	if err != nil {
		return nil, err
	}
	var form property
	if err := json.Unmarshal(schema, &form); err != nil {
		return nil, err
	}
	result.Content = make(map[string]any)
	for name, p := range form.Properties {
		result.Content[name] = p.fillIn()
	}
	return result, nil
}

// property is what a JSON schema says of a form, or of a field in it.
type property struct {
	Type, Format string
	Default      any
	Enum         []any
	OneOf, AnyOf []struct{ Const any }
	Minimum      *float64
	Items        *property
	Properties   map[string]property
}

var samples = map[string]string{
	"email": "ada@example.com", "uri": "https://example.com/", "date": "2026-07-28", "date-time": "2026-07-28T12:00:00Z",
}

// fillIn gives a value that fits.
func (p property) fillIn() any {
	choices := append(p.OneOf, p.AnyOf...)
	switch {
	case p.Default != nil:
		return p.Default
	case len(p.Enum) > 0:
		return p.Enum[0]
	case len(choices) > 0:
		return choices[0].Const
	case p.Type == "array" && p.Items != nil:
		return []any{p.Items.fillIn()}
	case p.Type == "boolean":
		return true
	case p.Minimum != nil:
		return *p.Minimum
	case p.Type == "integer" || p.Type == "number":
		return 1
	case samples[p.Format] != "":
		return samples[p.Format]
	}
	return "text"
}
