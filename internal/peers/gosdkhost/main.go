// Command gosdkhost is a host made of the official Go SDK, for tests: it
// connects to a server over stdio, runs a script of steps and prints what came
// of each as one line of JSON.
//
//	gosdkhost [--client legacy|modern] SCRIPT.json -- COMMAND ARG…
//
// A legacy host opens with initialize, for 2025-11-25. A modern one does as the
// SDK does by default: it asks for 2026-07-28 with server/discover, and falls
// back to initialize.
//
// Scripts, result lines and exit status are those of ../host.mjs. It is a module
// of its own so that the SDK is none of wiretape's dependencies.
package main

//lint:file-ignore SA1019 sampling, roots and log levels are a part of what is tested

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// errScript says that the script or the command line is wrong.
var errScript = errors.New("usage: gosdkhost [--client legacy|modern] SCRIPT.json -- COMMAND ARG…")

func main() {
	err := run(context.Background(), os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "gosdkhost:", err)
	if errors.Is(err, errScript) {
		os.Exit(2)
	}
	os.Exit(1)
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("gosdkhost", flag.ContinueOnError)
	client := flags.String("client", "modern", "legacy or modern")
	if err := flags.Parse(args); err != nil || flags.NArg() < 3 || flags.Arg(1) != "--" {
		return errScript
	}
	version, ok := map[string]string{"legacy": "2025-11-25", "modern": ""}[*client]
	if !ok {
		return errScript
	}
	steps, err := readScript(flags.Arg(0))
	if err != nil {
		return err
	}
	h := newHost(os.Stdout)
	if err := h.connect(ctx, flags.Args()[2:], version); err != nil {
		return err
	}
	for i, s := range steps {
		o := h.outcome(ctx, s)
		h.print(struct {
			Step int `json:"step"`
			outcome
		}{i, o})
	}
	return h.close()
}

// host is the client and what it was told by the server.
type host struct {
	client  *mcp.Client
	session *mcp.ClientSession
	process *exec.Cmd
	stdout  io.Reader
	mail    mailbox

	mu       sync.Mutex
	out      *json.Encoder
	answers  map[string]json.RawMessage // that a script gave, by method
	progress map[any]func()             // what to do about it, by token
}

func newHost(out io.Writer) *host {
	h := &host{
		out:      json.NewEncoder(out),
		answers:  make(map[string]json.RawMessage),
		progress: make(map[any]func()),
	}
	h.out.SetEscapeHTML(false)
	h.mail.changed = make(chan struct{})
	h.client = mcp.NewClient(&mcp.Implementation{Name: "go-sdk-host", Version: "1"}, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{
			RootsV2: &mcp.RootCapabilities{ListChanged: true},
			Elicitation: &mcp.ElicitationCapabilities{
				Form: &mcp.FormElicitationCapabilities{}, URL: &mcp.URLElicitationCapabilities{},
			},
		},
		CreateMessageHandler:        h.sample,
		ElicitationHandler:          h.elicit,
		ProgressNotificationHandler: h.progressed,
		// That there is one makes the SDK subscribe, in 2026-07-28.
		ToolListChangedHandler:   func(context.Context, *mcp.ToolListChangedRequest) {},
		PromptListChangedHandler: func(context.Context, *mcp.PromptListChangedRequest) {},
	})
	h.client.AddRoots(&mcp.Root{URI: "file:///roots/one", Name: "one"})
	return h
}

func (h *host) print(line any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.out.Encode(line); err != nil {
		panic(err) // nobody listens
	}
}

// connect starts the server and opens the session.
func (h *host) connect(ctx context.Context, command []string, version string) error {
	h.process = exec.CommandContext(ctx, command[0], command[1:]...)
	h.process.Stderr = os.Stderr
	stdin, errIn := h.process.StdinPipe()
	stdout, errOut := h.process.StdoutPipe()
	if err := errors.Join(errIn, errOut, h.process.Start()); err != nil {
		return err
	}
	h.stdout = stdout
	transport := &mcp.IOTransport{Reader: &tap{in: stdout, host: h}, Writer: stdin}
	var err error
	h.session, err = h.client.Connect(ctx, transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		return err
	}
	h.print(map[string]any{"connected": h.session.InitializeResult()})
	return nil
}

// close ends the session, and tells how the server ended.
func (h *host) close() error {
	err := h.session.Close()
	if _, copyErr := io.Copy(io.Discard, h.stdout); copyErr != nil && !errors.Is(copyErr, os.ErrClosed) {
		err = errors.Join(err, copyErr)
	}
	var exit *exec.ExitError
	if waitErr := h.process.Wait(); waitErr != nil && !errors.As(waitErr, &exit) {
		err = errors.Join(err, waitErr)
	}
	h.print(map[string]any{"closed": map[string]any{"code": h.process.ProcessState.ExitCode(), "signal": nil}})
	return err
}
