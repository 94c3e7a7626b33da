package replay_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"wiretape/replay"
)

const demoModern = "../fixtures/sessions/demo-modern.jsonl"

// mcp-go's client talks to a recording.
func ExampleOpen() {
	rec, err := replay.Open(demoModern)
	if err != nil {
		panic(err)
	}
	defer rec.Close()

	ctx := context.Background()
	c := client.NewClient(rec.Transport())
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		panic(err)
	}
	opened, err := c.Initialize(ctx, mcp.InitializeRequest{})
	if err != nil {
		panic(err)
	}
	fmt.Println(opened.ServerInfo.Name, opened.ProtocolVersion)

	result, err := c.CallTool(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: "echo", Arguments: map[string]any{"text": "hello, wire"},
	}})
	fmt.Println(mcp.GetTextFromContent(result.Content[0]), err)
	// Output:
	// wiretape-demo 2026-07-28
	// hello, wire <nil>
}

// A session tells what was asked for that was not recorded.
func ExampleTransport_Report() {
	rec, err := replay.Open(demoModern)
	if err != nil {
		panic(err)
	}
	defer rec.Close()

	ctx := context.Background()
	transport := rec.Transport()
	c := client.NewClient(transport)
	defer c.Close()
	if err := c.Start(ctx); err != nil {
		panic(err)
	}
	if _, err := c.Initialize(ctx, mcp.InitializeRequest{}); err != nil {
		panic(err)
	}
	_, err = c.CallTool(ctx, mcp.CallToolRequest{Params: mcp.CallToolParams{
		Name: "countdown", Arguments: map[string]any{"from": 10},
	}})
	report := transport.Report()
	fmt.Println(report.Asked, "requests,", report.Failed, "miss")
	fmt.Println(err)
	// Output:
	// 2 requests, 1 miss
	// tools/call countdown was not recorded with these params (event 9): /params/arguments/from: recorded 3, live 10
}

// A recording is a server on standard input and output, or on pipes.
func ExampleRecording_Serve() {
	rec, err := replay.Open("../fixtures/sessions/demo-legacy.jsonl")
	if err != nil {
		panic(err)
	}
	defer rec.Close()

	in, host := io.Pipe()
	// Ends when it has said what it has to say.
	go func() {
		fmt.Fprintln(host, `{"jsonrpc":"2.0","id":"a","method":"ping"}`)
		host.Close()
	}()
	session, err := rec.Serve(context.Background(), in, os.Stdout)
	if err != nil {
		panic(err)
	}
	fmt.Println("failed:", session.Failed())
	// Output:
	// {"jsonrpc":"2.0","id":"a","result":{}}
	// failed: 0
}

// A session is written to and read from like a server, byte for byte.
func ExampleSession() {
	rec, err := replay.Open("../fixtures/sessions/demo-legacy.jsonl")
	if err != nil {
		panic(err)
	}
	defer rec.Close()

	session := rec.Start()
	defer session.Close()
	if _, err := io.WriteString(session, `{"jsonrpc":"2.0","id":1.0,"method":"ping"}`+"\n"); err != nil {
		panic(err)
	}
	answer, err := bufio.NewReader(session).ReadString('\n')
	if err != nil {
		panic(err)
	}
	fmt.Print(answer)
	// Output: {"jsonrpc":"2.0","id":1.0,"result":{}}
}
