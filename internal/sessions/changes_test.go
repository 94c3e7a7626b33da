package sessions_test

import "slices"

// changes are made to real servers. Those of npm speak up to 2025-11-25, those in Go 2026-07-28 too.
var changes = []changed{
	{
		name: "text", fixture: "everything-tools",
		file: "tools/get-sum.js", from: "The sum of", to: "The total of",
		status: 1,
		want: []string{
			`tools/call get-sum: result-changed /result/content/0/text "The sum of 2 and 0.5 is 2.5." → "The total of 2 and 0.5 is 2.5."`,
			`tools/call get-sum: result-changed /result/content/0/text "The sum of 1 and 1 is 2." → "The total of 1 and 1 is 2."`,
			`tools/call get-sum: result-changed /result/content/0/text "The sum of 1 and 2 is 3." → "The total of 1 and 2 is 3."`,
			`tools/call get-sum: result-changed /result/content/0/text "The sum of 1 and 3 is 4." → "The total of 1 and 3 is 4."`,
		},
	},
	{
		name: "text, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: "a simple text response", to: "a simple response",
		status: 1,
		want: []string{
			`tools/call test_simple_text: result-changed /result/content/0/text ` +
				`"This is a simple text response for testing." → "This is a simple response for testing."`,
		},
	},
	{
		name: "description, modern", fixture: "mcp-go-modern",
		file: "main.go", from: "Echoes back the input", to: "Echoes the input",
		status: 1,
		want:   []string{`tools/list: description-changed echo /result/tools/1/description "Echoes back the input" → "Echoes the input"`},
	},
	{
		name: "schema of a tool that is not called", fixture: "everything-auto",
		file: "tools/get-structured-content.js", from: `["New York", "Chicago", "Los Angeles"]`, to: `["New York", "Chicago"]`,
		status: 1,
		want:   []string{`tools/list: input-schema-changed breaking get-structured-content /result/tools/5/inputSchema/properties/location/enum/2`},
	},
	{
		name: "schema of a tool that is not called, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: `"level": { "type": "integer"`, to: `"level": { "type": "string"`,
		status: 1,
		want: []string{
			`tools/list: input-schema-changed breaking test_x_mcp_header /result/tools/27/inputSchema/properties/level/type "integer" → "string"`,
		},
	},
	{
		name: "schema", fixture: "memory",
		file: "index.js", from: "types, and observation content\")", to: "types, and observation content\"), limit: z.number()",
		status: 1,
		want: []string{
			`tools/list: input-schema-changed search_nodes /result/tools/7/inputSchema/properties/limit`,
			`tools/list: input-schema-changed breaking search_nodes /result/tools/7/inputSchema/required/1`,
			`tools/call search_nodes: result-changed /result/content/0/text`,
			`tools/call search_nodes: result-changed /result/structuredContent`,
			`tools/call search_nodes: outcome-changed /result/isError`,
		},
	},
	{
		name: "schema, modern", fixture: "mcp-go-modern",
		file: "main.go", from: `"message"`, to: `"text"`,
		status: 1,
		want: []string{
			`tools/list: input-schema-changed echo /result/tools/1/inputSchema/properties/message`,
			`tools/list: input-schema-changed echo /result/tools/1/inputSchema/properties/text`,
			`tools/list: input-schema-changed breaking echo /result/tools/1/inputSchema/required/0 "message" → "text"`,
			`tools/call echo: result-changed /result/content/0/text "Echo: hello" → "invalid message argument: expected string"`,
			`tools/call echo: outcome-changed /result/isError`,
		},
	},
	{
		name: "output schema", fixture: "memory",
		file: "index.js", from: deletes + "        success: z.boolean(),\n        message: z.string()\n",
		to:     deletes + "        success: z.boolean()\n",
		status: 1,
		want: []string{
			`tools/list: output-schema-changed breaking delete_entities /result/tools/3/outputSchema/properties/message`,
			`tools/list: output-schema-changed breaking delete_entities /result/tools/3/outputSchema/required/1`,
			`tools/call delete_entities: output-invalid /result/structuredContent ` +
				`(The result does not fit the tool's output schema: additional properties 'message' not allowed.)`,
		},
	},
	{
		name: "error code", fixture: "everything-tools",
		file: "server/index.js", from: "    // Register the tools\n",
		to:     `    server.server.fallbackRequestHandler = async () => { throw Object.assign(new Error("no"), { code: -32600 }); };`,
		status: 1,
		want:   []string{`no/such/method: error-code-changed /error/code -32601 → -32600`},
	},
	{
		name: "error code, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: registered, to: registered + answering(`
			var wrong *jsonrpc.Error
			if method == "resources/read" && errors.As(err, &wrong) {
				wrong.Code = -32002
			}`),
		status: 1,
		want:   []string{`resources/read test://nowhere: error-code-changed /error/code -32602 → -32002`},
	},
	{
		name: "order of tools", fixture: "everything-auto",
		file: "tools/index.js", from: "    registerEchoTool(server);\n    registerGetAnnotatedMessageTool(server);\n",
		to:     "    registerGetAnnotatedMessageTool(server);\n    registerEchoTool(server);\n",
		status: 1,
		want:   []string{`tools/list: tool-order-changed /result/tools`},
	},
	{
		name: "order of tools, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: registered, to: registered + answering(`
			if list, ok := result.(*mcp.ListToolsResult); ok {
				list.Tools[0], list.Tools[1] = list.Tools[1], list.Tools[0]
			}`),
		status: 1,
		want:   []string{`tools/list: tool-order-changed /result/tools`},
	},
	{
		name: "tool gone", fixture: "everything-auto",
		file: "tools/index.js", from: "    registerEchoTool(server);\n",
		status: 1,
		want: []string{
			`tools/list: tool-removed breaking echo /result/tools/0`,
			`tools/call echo: result-changed /result/content/0/text "Echo: fallen back" → "MCP error -32602: Tool echo not found"`,
			`tools/call echo: outcome-changed /result/isError`,
		},
	},
	{
		name: "tool gone, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: `	mcp.AddTool(server, &mcp.Tool{
		Name:        "test_logging_tool",
		Description: "Attempts to emit a log message; the framework must drop it when the client did not set _meta.../logLevel (SEP-2575)",
	}, testLoggingToolHandler)
`,
		status: 1,
		want: []string{
			`tools/list: tool-removed breaking test_logging_tool /result/tools/16`,
			`tools/call test_logging_tool: outcome-changed`,
			`tools/call test_logging_tool: outcome-changed`,
		},
	},
	{
		name: "tool renamed", fixture: "go-sdk-legacy",
		file: "main.go", from: `"test_image_content"`, to: `"test_picture_content"`,
		status: 1,
		want: []string{
			`tools/list: tool-renamed breaking test_image_content /result/tools/7/name "test_image_content" → "test_picture_content"`,
		},
	},
	{
		name: "prompt gone, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: `	server.AddPrompt(&mcp.Prompt{
		Name:        "test_simple_prompt",
		Title:       "Simple Test Prompt",
		Description: "A simple prompt without arguments",
	}, simplePromptHandler)
`,
		status: 1,
		want: []string{
			`prompts/list: entry-removed breaking test_simple_prompt /result/prompts/4`,
			`prompts/get test_simple_prompt: outcome-changed`,
		},
	},
	{
		name: "slower", fixture: "filesystem", flags: []string{"--slower", "400"},
		file: "index.js", from: "    const formatted = entries\n",
		to:   "    await new Promise(done => setTimeout(done, 1500));\n    const formatted = entries\n",
		want: []string{`latency tools/call list_directory (The median of its answers is longer, in milliseconds (1 recorded, 1 now).)`},
	},
	{
		name: "slower, modern", fixture: "go-sdk-modern-discover", flags: []string{"--slower", "1000"},
		file: "main.go", from: handler("testSimpleTextHandler"),
		to:   handler("testSimpleTextHandler") + "	time.Sleep(1500 * time.Millisecond)\n",
		want: []string{`latency tools/call test_simple_text (The median of its answers is longer, in milliseconds (1 recorded, 1 now).)`},
	},
	{
		name: "hanging", fixture: "filesystem", flags: []string{"--timeout", "10s"},
		file: "index.js", from: "    const formatted = entries\n",
		to:     "    await new Promise(() => { });\n    const formatted = entries\n",
		status: 1,
		want:   []string{`tools/call list_directory: missing-answer (There was no answer within 10s.)`},
	},
	{
		name: "hanging, modern", fixture: "go-sdk-modern-discover", flags: []string{"--timeout", "10s"},
		file: "main.go", from: handler("testErrorHandlingHandler"),
		to:     handler("testErrorHandlingHandler") + "	select {}\n",
		status: 1,
		want:   []string{`tools/call test_error_handling: missing-answer (There was no answer within 10s.)`},
	},
	{
		name: "too late", fixture: "filesystem", flags: []string{"--timeout", "10s"},
		file: "index.js", from: "    const formatted = entries\n",
		to:     "    await new Promise(done => setTimeout(done, 10500));\n    const formatted = entries\n",
		status: 1,
		want:   []string{`tools/call list_directory: missing-answer (There was no answer within 10s.)`},
	},
	{
		name: "ending", fixture: "memory",
		file: "index.js", from: "    await knowledgeGraphManager.deleteEntities(entityNames);\n",
		to:      "    console.error(\"no more\"); process.exit(3);\n",
		status:  2,
		problem: "before event 26: the server ended without an answer to tools/call delete_entities",
		words:   "no more",
		unasked: 2,
		want:    []string{`tools/call delete_entities: missing-answer (The server ended.)`},
	},
	{
		name: "ending, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: handler("testLoggingToolHandler"),
		to:      handler("testLoggingToolHandler") + "	log.Fatal(\"no more\")\n",
		status:  2,
		problem: "before event 16: the server ended without an answer to tools/call test_logging_tool",
		words:   "no more",
		unasked: 8,
		want:    []string{`tools/call test_logging_tool: missing-answer (The server ended.)`},
	},
	{
		name: "words in between", fixture: "memory",
		file: "index.js", from: "    const graph = await knowledgeGraphManager.readGraph();\n",
		to:     "    console.log(\"reading\");\n    const graph = await knowledgeGraphManager.readGraph();\n",
		status: 1,
		want:   []string{`message-invalid (The server writes to its standard output what is no message (lines: 1).)`},
	},
	{
		name: "words in between, modern", fixture: "go-sdk-modern-discover",
		file: "main.go", from: handler("testErrorHandlingHandler"),
		to:     handler("testErrorHandlingHandler") + "	fmt.Println(`{\"level\":\"debug\"}`)\n",
		status: 1,
		want:   []string{`message-invalid (The server writes to its standard output what is no message (lines: 1).)`},
	},
	{
		name: "asking", fixture: "filesystem",
		file: "index.js", from: "    const formatted = entries\n",
		to:     "    await server.server.listRoots().catch(() => { });\n    const formatted = entries\n",
		status: 1,
		want:   []string{`server-request-changed (The server asks the host for roots/list, which was not recorded.)`},
	},
	{
		name: "not asking", fixture: "everything-auto", flags: []string{"--timeout", "10s"},
		file: "server/index.js", from: "initializeTimeout = setTimeout(() => syncRoots(server, sessionId), 350);",
		status: 1,
		want:   []string{`server-request-changed (The server did not ask the host for roots/list.)`},
	},
	{
		name: "elicitation", fixture: "everything-elicitation",
		file: "tools/trigger-elicitation-request.js", from: "Please provide inputs for", to: "Provide",
		status: 1,
		want: slices.Repeat([]string{`server-request-changed /params/message ` +
			`"Please provide inputs for the following fields:" → "Provide the following fields:" ` +
			`(The server asks for something else by elicitation/create.)`}, 3),
	},
	{
		name: "elicitation, modern", fixture: "go-sdk-modern-mrtr",
		file: "main.go", from: "What is your favorite color?", to: "Which color?",
		status: 1,
		want: []string{
			`tools/call test_input_required_result_multi_round: result-changed /result/inputRequests/step2/params/message ` +
				`"Step 2: What is your favorite color?" → "Step 2: Which color?"`,
		},
	},
	{
		name: "version of the server", fixture: "everything-auto",
		file: "server/index.js", from: `"2.0.0"`, to: `"2.0.1"`,
		want: []string{`initialize: server-info-changed /result/serverInfo/version "2.0.0" → "2.0.1"`},
	},
	{
		name: "request state, modern", fixture: "go-sdk-modern-mrtr", // it is the server's own
		file: "main.go", from: `"round=1"`, to: `"the first round"`,
	},
}

// deletes is what stands in the memory server before what a tool of it gives.
const deletes = "An array of entity names to delete\")\n    },\n    outputSchema: {\n"

// registered is where the Go SDK's server has all that it serves.
const registered = "	registerPrompts(server)\n"

// answering is code that sees to the answers of the Go SDK's server: method, result, err.
func answering(code string) string {
	return `
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			result, err := next(ctx, method, req)` + code + `
			return result, err
		}
	})
`
}

// handler is how a tool of the Go SDK's server begins.
func handler(name string) string {
	return "func " + name + "(ctx context.Context, req *mcp.CallToolRequest, _ any) (*mcp.CallToolResult, any, error) {\n"
}
