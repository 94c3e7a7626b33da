package sessions_test

import (
	"context"
	"fmt"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// pagedServer serves lists of five, two to a page, as none of the real servers does, and a call that only ends when it
// is cancelled. It speaks 2026-07-28 and the revisions before it, as mcp-go does.
func pagedServer() error {
	s := server.NewMCPServer("paged-server", "1",
		server.WithPaginationLimit(2), server.WithToolCapabilities(false),
		server.WithResourceCapabilities(false, false), server.WithPromptCapabilities(false))
	for i := 1; i <= 5; i++ {
		name := fmt.Sprintf("item-%d", i)
		s.AddTool(mcp.NewTool(name), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText("this is " + name), begun(ctx, s, r)
		})
		s.AddResource(mcp.NewResource("item://"+name, name), func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			return []mcp.ResourceContents{mcp.TextResourceContents{URI: "item://" + name, Text: name}}, nil
		})
		s.AddResourceTemplate(mcp.NewResourceTemplate("item://"+name+"/{part}", name), nil)
		s.AddPrompt(mcp.NewPrompt(name), func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return mcp.NewGetPromptResult(name, nil), nil
		})
	}
	s.AddTool(mcp.NewTool("wait"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if err := begun(ctx, s, r); err != nil {
			return nil, err
		}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	return server.ServeStdio(s)
}

// begun reports progress, if the host wants to know.
func begun(ctx context.Context, s *server.MCPServer, r mcp.CallToolRequest) error {
	if r.Params.Meta == nil || r.Params.Meta.ProgressToken == nil {
		return nil
	}
	progress := map[string]any{"progressToken": r.Params.Meta.ProgressToken, "progress": 1}
	return s.SendNotificationToClient(ctx, "notifications/progress", progress)
}
