package verify_test

import (
	"strings"
	"testing"
	"time"

	"wiretape/internal/compare"
	"wiretape/internal/findings"
	"wiretape/internal/verify"
)

const (
	asksTools = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	saysTools = `{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"add","outputSchema":{"properties":{"n":{"type":"number"},"o":{"type":"number","minimum":0},"p":{"type":"number"}},"required":["n"]}}]}}`
)

// saysOutput is an answer to callsAdd.
func saysOutput(structured string) string {
	return `{"jsonrpc":"2.0","id":2,"result":{"content":[],"structuredContent":` + structured + `}}`
}

// answering gives a server that answers lines so.
func answering(says map[string]string) fake {
	return fake{func(line string) []string {
		if answer, ok := says[line]; ok {
			return strings.Split(answer, "\n")
		}
		return []string{}
	}}
}

// What does not fit its schema is a difference if the recorded output did, and it is not ignored.
func TestOutputs(t *testing.T) {
	expects, err := verify.ParseExpectation("/result/structuredContent/n=regex:.*")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, then, now string
		ignore          string
		expect          []verify.Expectation
		want            string // severity and pointer of what is told of the output
	}{
		{"fits", `{"n":1}`, `{"n":2}`, "", nil, ""},
		{"does not fit any more", `{"n":1}`, `{"n":"x"}`, "", nil, "error /result/structuredContent/n"},
		{"never fitted", `{"n":"x"}`, `{"n":"x"}`, "", nil, "note /result/structuredContent/n"},
		{"never fitted, nor does another place", `{"n":"x","o":1}`, `{"n":"x","o":"x"}`, "", nil, "error /result/structuredContent/o"},
		{"fits in another way not", `{"n":1,"o":"x"}`, `{"n":1,"o":-1}`, "", nil, "error /result/structuredContent/o"},
		{"the first of many", `{"n":1}`, `{"p":"x","o":"x","n":"x"}`, "", nil, "error /result/structuredContent/n"},
		{"a member is missing", `{"n":1}`, `{}`, "", nil, "error /result/structuredContent"},
		{"ignored", `{"n":1}`, `{"n":"x"}`, "/result/structuredContent", nil, ""},
		{"one of two ignored", `{"n":1,"o":1}`, `{"n":"x","o":"x"}`, "/result/structuredContent/n", nil, "error /result/structuredContent/o"},
		{"expected", `{"n":1}`, `{"n":"x"}`, "", []verify.Expectation{expects}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var ignore compare.Pointers
			if test.ignore != "" {
				if ignore, err = compare.ParsePointers(test.ignore); err != nil {
					t.Fatal(err)
				}
			}
			check := &verify.Check{
				Path:   conversation(t, 0, asksTools, saysTools, callsAdd, saysOutput(test.then)),
				Server: answering(map[string]string{asksTools: saysTools, callsAdd: saysOutput(test.now)}),
				Ignore: ignore, Expect: test.expect, Timeout: 10 * time.Second,
			}
			against := (&verify.Diff{A: check.Path, B: conversation(t, 0, asksTools, saysTools, callsAdd, saysOutput(test.now)), Ignore: ignore, Expect: test.expect}).Run(t.Context())
			for of, list := range map[string][]findings.Finding{"verify": all(check.Run(t.Context())), "diff": told(against)} {
				got := ""
				for _, f := range list {
					if f.Rule == findings.OutputInvalid && f.IsNote() {
						got += "note " + f.Pointer
					} else if f.Rule == findings.OutputInvalid {
						got += "error " + f.Pointer
					}
				}
				// Where the answers are the same, a diff does not look closer.
				if got != test.want && (of == "verify" || test.then != test.now) {
					t.Errorf("%s: found %q, want %q: %+v", of, got, test.want, list)
				}
			}
		})
	}
}
