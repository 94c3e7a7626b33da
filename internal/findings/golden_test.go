package findings

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/sample.* again")

func TestFormats(t *testing.T) {
	tests := []struct {
		file, format string
		options      Options
	}{
		{"sample.txt", "text", Options{}},
		{"sample-colour.txt", "text", Options{Color: true}},
		{"sample-narrow.txt", "text", Options{Width: 40}},
		{"sample.json", "json", Options{}},
		{"sample.xml", "junit", Options{}},
		{"sample.sarif", "sarif", Options{}},
		{"sample-github.txt", "github", Options{}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			got := written(t, test.format, sample(), test.options)
			if test.format == "json" || test.format == "sarif" {
				got = indented(t, got)
			}
			golden(t, test.file, got)
		})
	}
}

// written is what Write writes.
func written(t *testing.T, format string, s *Set, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, format, s, o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func indented(t *testing.T, doc []byte) []byte {
	t.Helper()
	if n := bytes.IndexByte(doc, '\n'); n != len(doc)-1 {
		t.Errorf("the first line ends at %d, not at the end, %d", n, len(doc)-1)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
