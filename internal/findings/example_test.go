package findings_test

import (
	"fmt"
	"os"

	"wiretape/internal/findings"
)

func ExampleWrite() {
	set := &findings.Set{Program: "wiretape", Files: []findings.File{{
		Path:  "fixtures/search.jsonl",
		Plain: true,
		Calls: []findings.Call{
			{Seq: 1, Method: "initialize"},
			{Seq: 4, Method: "tools/call", Name: "search", Findings: []findings.Finding{
				{Rule: findings.ResultChanged, Pointer: "/content/0/text", Recorded: []byte(`"3 hits"`), Live: []byte(`"2 hits"`)},
				{Rule: findings.ResultChanged, Pointer: "/structuredContent/hits", Recorded: []byte(`3`), Live: []byte(`2`)},
			}},
		},
	}}}
	if err := findings.Write(os.Stdout, "text", set, findings.Options{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println("status", set.Status())
	// Output:
	// different  fixtures/search.jsonl  2 calls, 1 different
	//            - recorded, + live
	//
	//   tools/call search, line 5
	//     error[result-changed]: The result is not the recorded one.
	//       /content/0/text
	//       - "3 hits"
	//       + "2 hits"
	//       /structuredContent/hits
	//       - 3
	//       + 2
	//
	// 1 file, 2 calls compared: 1 different in 1 file
	// status 1
}
