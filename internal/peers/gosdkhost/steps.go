package main

//lint:file-ignore SA1019 sampling, roots and log levels are a part of what is tested

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// step is a step of a script.
type step struct {
	kind
	details
	token string // for progress, the same in each run of the script
}

// kind tells what the host does: the member that is set does.
type kind struct {
	List        string
	Call        string
	Read        string
	Subscribe   string
	Unsubscribe string
	Get         string
	Complete    *mcp.CompleteParams
	Level       mcp.LoggingLevel
	Ping        bool
	Answer      string
	Await       string
	Parallel    []step
}

// details are what else a step can have; ../host.mjs tells of them.
type details struct {
	Arguments           json.RawMessage
	Meta                map[string]any
	Params              map[string]any
	With                json.RawMessage
	Progress            bool
	CancelAfterProgress int
	TimeoutMs           int
}

func readScript(path string) ([]step, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errScript, err)
	}
	var steps []step
	if err := json.Unmarshal(text, &steps); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errScript, path, err)
	}
	if !ready(steps, "progress") {
		return nil, fmt.Errorf("%w: %s: there is a step that this host cannot take", errScript, path)
	}
	return steps, nil
}

// ready gives the steps their tokens, and reports whether the host can take them all.
func ready(steps []step, name string) bool {
	for i := range steps {
		s := &steps[i]
		s.token = name + "-" + strconv.Itoa(i)
		if s.act() == nil || !ready(s.Parallel, s.token) {
			return false
		}
	}
	return true
}

// act gives what the host does in a step, nil if there is no such kind of step.
func (s *step) act() func(*host, context.Context, *step) (any, error) {
	switch {
	case s.List != "":
		return (*host).list
	case s.Call != "":
		return (*host).call
	case s.Answer != "":
		return (*host).answer
	case s.Await != "":
		return (*host).await
	case s.Parallel != nil:
		return (*host).parallel
	case s.Read != "" || s.Get != "" || s.Complete != nil:
		return (*host).fetch
	case s.Subscribe != "" || s.Unsubscribe != "" || s.Level != "" || s.Ping:
		return (*host).tell
	}
	return nil
}

// outcome is what came of a step.
type outcome struct {
	OK     bool     `json:"ok"`
	Result any      `json:"result,omitempty"`
	Error  *failure `json:"error,omitempty"`
}

type failure struct {
	Code    int64           `json:"code,omitempty"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func (h *host) outcome(ctx context.Context, s step) outcome {
	limit := 45 * time.Second
	if s.TimeoutMs > 0 {
		limit = time.Duration(s.TimeoutMs) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	result, err := s.act()(h, ctx, &s)
	if err == nil {
		return outcome{OK: true, Result: result}
	}
	f := &failure{Message: err.Error()}
	var wire *jsonrpc.Error
	if errors.As(err, &wire) {
		f.Code, f.Data = wire.Code, wire.Data
	}
	return outcome{Error: f}
}

// list gets all pages of a list.
func (h *host) list(ctx context.Context, s *step) (any, error) {
	switch s.List {
	case "tools":
		return gather("tools", h.session.Tools(ctx, nil))
	case "resources":
		return gather("resources", h.session.Resources(ctx, nil))
	case "templates":
		return gather("resourceTemplates", h.session.ResourceTemplates(ctx, nil))
	case "prompts":
		return gather("prompts", h.session.Prompts(ctx, nil))
	}
	return nil, errScript
}

func gather[T any](member string, items iter.Seq2[T, error]) (any, error) {
	all := []T{}
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return map[string]any{member: all}, nil
}

func (h *host) call(ctx context.Context, s *step) (any, error) {
	params := &mcp.CallToolParams{Name: s.Call, Meta: s.Meta}
	if s.Arguments != nil {
		params.Arguments = s.Arguments
	}
	if !s.Progress && s.CancelAfterProgress == 0 {
		return h.session.CallTool(ctx, params)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	params.SetProgressToken(s.token)
	h.watch(s.token, s.CancelAfterProgress, cancel)
	return h.session.CallTool(ctx, params)
}

// watch has f called when that much progress was reported.
func (h *host) watch(token string, after int, f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := 0
	h.progress[token] = func() {
		if seen++; seen == after {
			f()
		}
	}
}

func (h *host) progressed(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.progress[r.Params.ProgressToken]; f != nil {
		f()
	}
}

func (h *host) fetch(ctx context.Context, s *step) (any, error) {
	switch {
	case s.Read != "":
		return h.session.ReadResource(ctx, &mcp.ReadResourceParams{URI: s.Read})
	case s.Complete != nil:
		return h.session.Complete(ctx, s.Complete)
	}
	var arguments map[string]string
	if s.Arguments != nil {
		if err := json.Unmarshal(s.Arguments, &arguments); err != nil {
			return nil, err
		}
	}
	return h.session.GetPrompt(ctx, &mcp.GetPromptParams{Name: s.Get, Arguments: arguments})
}

// tell makes a request that has no result to speak of.
func (h *host) tell(ctx context.Context, s *step) (any, error) {
	switch {
	case s.Subscribe != "":
		return nil, h.session.Subscribe(ctx, &mcp.SubscribeParams{URI: s.Subscribe})
	case s.Unsubscribe != "":
		return nil, h.session.Unsubscribe(ctx, &mcp.UnsubscribeParams{URI: s.Unsubscribe})
	case s.Level != "":
		return nil, h.session.SetLoggingLevel(ctx, &mcp.SetLoggingLevelParams{Level: s.Level})
	}
	return nil, h.session.Ping(ctx, nil)
}

func (h *host) await(ctx context.Context, s *step) (any, error) {
	return h.mail.take(ctx, s.Await, s.Params)
}

func (h *host) parallel(ctx context.Context, s *step) (any, error) {
	outcomes := make([]outcome, len(s.Parallel))
	var all sync.WaitGroup
	for i, one := range s.Parallel {
		all.Go(func() { outcomes[i] = h.outcome(ctx, one) })
	}
	all.Wait()
	return outcomes, nil
}
