package findings

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wiretape/internal/peers"
)

// sarifRules reads the published schema, which is not ours to keep here: it comes with an npm package.
func sarifRules(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const name = "sarif-2.1.0-rtm.5.json"
	raw, err := os.ReadFile(peers.NPMFile(t, "@microsoft/jest-sarif", "lib", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func fitsSARIF(t *testing.T, schema *jsonschema.Schema, doc []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v\n%s", err, doc)
	}
}

func TestSARIFFitsTheSchema(t *testing.T) {
	schema := sarifRules(t)
	fitsSARIF(t, schema, written(t, "sarif", sample(), Options{}))
	fitsSARIF(t, schema, written(t, "sarif", &Set{}, Options{}))
	fitsSARIF(t, schema, written(t, "sarif", &Set{Files: []File{{Findings: []Finding{{Rule: "unknown"}}}}}, Options{}))
	if schema.Validate(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{}}}) == nil {
		t.Error("the schema lets everything pass")
	}
}

// TestFingerprints: values, lines and durations may change, and other findings
// may come, but what is found is known again.
func TestFingerprints(t *testing.T) {
	before := fingerprints(t, sample())
	s := sample()
	search := &s.Files[1]
	search.Plain = false
	search.Calls = append([]Call{{Seq: 1, Method: "ping", Findings: []Finding{{Rule: Latency}}}}, search.Calls...)
	search.Calls[2].Seq = 99
	search.Calls[2].Duration = 0
	search.Calls[2].Findings[0].Live = []byte(`"1 hit"`)
	after := fingerprints(t, s)
	for print := range before {
		if after[print] == 0 {
			t.Errorf("%s is gone", print)
		}
		if before[print] > 1 {
			t.Errorf("%s stands %d times", print, before[print])
		}
	}
	if len(after) != len(before)+1 || len(before) < 10 {
		t.Errorf("%d, then %d", len(before), len(after))
	}
}

// fingerprints counts how often each stands in the log.
func fingerprints(t *testing.T, s *Set) map[string]int {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(written(t, "sarif", s, Options{}), &log); err != nil {
		t.Fatal(err)
	}
	prints := map[string]int{}
	for _, r := range log.Runs[0].Results {
		prints[r.Fingerprints["wiretape/v1"]]++
	}
	return prints
}

func TestSameFindingsOfOneCallHaveTwoFingerprints(t *testing.T) {
	f := Finding{Rule: ResultChanged}
	s := &Set{Files: []File{{Calls: []Call{{Method: "ping", Findings: []Finding{f, f}}, {Method: "ping", Findings: []Finding{f}}}}}}
	if prints := fingerprints(t, s); len(prints) != 3 {
		t.Errorf("%v", prints)
	}
}

func TestURI(t *testing.T) {
	for path, want := range map[string]string{
		"fixtures/a b.jsonl": "fixtures/a%20b.jsonl",
		"../a.jsonl":         "../a.jsonl",
		"a:b.jsonl":          "./a:b.jsonl",
		"ä%\xff.jsonl":       "%C3%A4%25%FF.jsonl",
		"":                   "",
	} {
		if got := uri(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
	absolute, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	if got := uri(absolute); got[:8] != "file:///" {
		t.Errorf("%q: %q", absolute, got)
	}
}

func TestSARIFTextHasNoPlaceholders(t *testing.T) {
	if got := sarifText(`{0} [a](1) {`).Text; got != `{{0}} [a] (1) {{` {
		t.Errorf("%q", got)
	}
}
