package demo

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wiretape/internal/wire"
)

// published is where the schemas of all revisions lie, beside the project.
var published = filepath.Join("..", "..", "..", "shared", "schema")

// TestResultsFitThePublishedSchema puts one result of each kind through the
// schema of its revision.
func TestResultsFitThePublishedSchema(t *testing.T) {
	requests := []struct{ method, params, kind string }{
		{"tools/list", ``, "ListToolsResult"},
		{"tools/call", `"name":"add","arguments":{"a":1,"b":2},`, "CallToolResult"},
		{"tools/call", `"name":"fail",`, "CallToolResult"},
		{"resources/list", ``, "ListResourcesResult"},
		{"resources/read", `"uri":"demo://greeting",`, "ReadResourceResult"},
		{"prompts/list", ``, "ListPromptsResult"},
		{"prompts/get", `"name":"introduce","arguments":{"to":"Ada"},`, "GetPromptResult"},
	}
	for _, revision := range legacy {
		t.Run(revision, func(t *testing.T) {
			schema := open(t, revision)
			lines := []string{`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"` + revision + `"}}`}
			kinds := []string{"InitializeResult"}
			for _, r := range requests {
				lines = append(lines, `{"jsonrpc":"2.0","id":1,"method":"`+r.method+`","params":{`+r.params+`"_meta":{}}}`)
				kinds = append(kinds, r.kind)
			}
			schema.check(exchange(t, lines...), kinds)
		})
	}
	t.Run(modern, func(t *testing.T) {
		schema := open(t, modern)
		lines := []string{
			`{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{` + meta + `}}`,
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask",` + meta + `}}`,
		}
		kinds := []string{"DiscoverResult", "InputRequiredResult"}
		// A tool that asks runs beside the others: only its own answer is sure to come first.
		schema.check(exchange(t, lines[0]), kinds[:1])
		schema.check(exchange(t, lines[1]), kinds[1:])
		for _, r := range requests {
			line := `{"jsonrpc":"2.0","id":1,"method":"` + r.method + `","params":{` + r.params + meta + `}}`
			schema.check(exchange(t, line), []string{r.kind})
		}
	})
}

type schemas struct {
	t        *testing.T
	compiler *jsonschema.Compiler
	base     string
}

func open(t *testing.T, revision string) schemas {
	raw, err := os.ReadFile(filepath.Join(published, revision, "schema.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the published schemas are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	s := schemas{t, jsonschema.NewCompiler(), "mcp://" + revision + "#/definitions/"}
	if wire.Get(raw, "$defs") != nil {
		s.base = "mcp://" + revision + "#/$defs/"
	}
	if err := s.compiler.AddResource("mcp://"+revision, doc); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s schemas) check(lines, kinds []string) {
	s.t.Helper()
	if len(lines) != len(kinds) {
		s.t.Fatalf("%d answers, want %d: %q", len(lines), len(kinds), lines)
	}
	for i, line := range lines {
		schema, err := s.compiler.Compile(s.base + kinds[i])
		if err != nil {
			s.t.Fatal(err)
		}
		result, err := jsonschema.UnmarshalJSON(bytes.NewReader(wire.Parse([]byte(line)).Result))
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
		if err := schema.Validate(result); err != nil {
			s.t.Errorf("%s: %v\n%s", kinds[i], err, line)
		}
	}
}
