package imports

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func FuzzMcpsnoop(f *testing.F)     { fuzz(f, "mcpsnoop", snoopStart) }
func FuzzNpmCassette(f *testing.F)  { fuzz(f, "mcp-cassette (npm)", npmStart+npmFrame) }
func FuzzMcporter(f *testing.F)     { fuzz(f, "mcporter", porterStart) }
func FuzzMcpRec(f *testing.F)       { fuzz(f, "mcp-rec", recStart) }
func FuzzPypiCassette(f *testing.F) { fuzz(f, "mcp-cassette (PyPI)", pypiStart+pypiMessage+"]}") }
func FuzzMcpRecorder(f *testing.F)  { fuzz(f, "mcp-recorder", recorder+"]}") }

// fuzz has an importer read anything. Whatever comes out of it can be written as
// a recording, and read back. The seeds are the vectors of the tool, and what
// is damaged of them.
func fuzz(f *testing.F, tool, small string) {
	seeds := [][]byte{[]byte(small)}
	for _, v := range vectors(f) {
		if strings.HasPrefix(string(v.section("want")), "tool: "+tool+"\n") {
			seeds = append(seeds, v.section("in"))
		}
	}
	if len(seeds) < 2 {
		f.Fatalf("there are no seeds for %s", tool)
	}
	for _, seed := range seeds {
		f.Add(seed)
		f.Add(seed[:len(seed)*3/4])
		f.Add(bytes.ReplaceAll(seed, []byte(`"`), []byte(`"\ud800`)))
		f.Add(bytes.ReplaceAll(seed, []byte("2"), []byte("-9e9")))
		f.Add(bytes.ReplaceAll(seed, []byte("hi"), []byte("\xff\\n\\r")))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := &File{src: bytes.NewReader(text), size: int64(len(text))}
		if err := file.read(moment); err != nil {
			if damage := (*DamageError)(nil); errors.As(err, &damage) && (damage.Line < 1 || damage.Line > bytes.Count(text, []byte("\n"))+1) {
				t.Errorf("there is no line %d", damage.Line)
			}
			return
		}
		if file.Tool != tool {
			t.Skip("a file of " + file.Tool)
		}
		for _, c := range file.Connections {
			written(t, c)
		}
	})
}
