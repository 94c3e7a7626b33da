package findings

import "time"

// sample has something of everything.
func sample() *Set {
	return &Set{
		Program: "wiretape",
		Version: "1.4.0",
		Started: time.Date(2026, 11, 22, 8, 0, 0, 123456789, time.UTC),
		Files:   []File{sampleSame(), sampleSearch(), sampleTools(), sampleStopped()},
	}
}

func sampleSame() File {
	return File{Path: "fixtures/echo.jsonl", Plain: true, Duration: 310 * time.Millisecond, Calls: []Call{
		{Seq: 1, Method: "initialize", Duration: 12 * time.Millisecond},
		{Seq: 4, Method: "tools/call", Name: "echo", Duration: 2 * time.Millisecond},
		{Seq: 6, Method: "tools/call", Name: "echo", Duration: 298 * time.Millisecond, Findings: []Finding{
			{Rule: Latency, Recorded: []byte(`"4.1ms"`), Live: []byte(`"298ms"`)},
		}},
	}}
}

func sampleSearch() File {
	return File{Path: "fixtures/search.jsonl", Against: "search-server --root /srv/notes", Plain: true, Duration: 1240 * time.Millisecond,
		Calls: []Call{
			{Seq: 9, Method: "tools/call", Name: "count", Duration: 3 * time.Millisecond},
			{Seq: 13, Method: "tools/call", Name: "search", Duration: 40 * time.Millisecond, Findings: []Finding{
				{
					Rule: ResultChanged, Pointer: "/result/content/0/text",
					Recorded: []byte(`"3 hits for \"tape\":\n\n  notes/alpha.md\n  notes/beta.md\n  notes/gamma.md\n\nTook 12 steps."`),
					Live:     []byte(`"2 hits for \"tape\":\n\n  notes/alpha.md\n  notes/gamma.md\n\nTook 12 steps."`),
				},
				{Rule: ResultChanged, Pointer: "/result/structuredContent/total", Recorded: []byte(`3`), Live: []byte(`2`)},
				{Rule: ResultChanged, Pointer: "/result/structuredContent/hits/2", Recorded: []byte(`{"path":"notes/gamma.md","score":0.1}`)},
				{Rule: ProgressChanged, Seq: 14, Message: "3 reports of progress were recorded, and 1 was told."},
			}},
			{Seq: 19, Method: "tools/call", Name: "read", Duration: 5 * time.Millisecond, Findings: []Finding{
				{
					Rule: ResultChanged, Pointer: "/result/content/0/text",
					Recorded: []byte(`"{\"path\":\"notes/alpha.md\",\"owner\":\"ada\",\"tags\":[\"tape\",\"wire\"],\"body\":\"A tape is a strip of material that holds what was said on the wire.\",\"etag\":\"W/5f1c\"}"`),
					Live:     []byte(`"{\"path\":\"notes/alpha.md\",\"owner\":\"ada\",\"tags\":[\"tape\",\"wire\"],\"body\":\"A tape is a strip of material that holds what was heard on the wire.\",\"etag\":\"W/77aa\"}"`),
				},
			}},
			{Seq: 25, Method: "tools/call", Name: "write", Duration: 5 * time.Millisecond, Findings: []Finding{
				{Rule: OutcomeChanged, Message: "The call succeeded, and now fails.", Pointer: "/result/isError", Live: []byte(`true`)},
				{Rule: ResultChanged, Pointer: "/result/content/0/text", Recorded: []byte(`"written"`), Live: []byte(`"\u001b[31mread-only\u001b[0m file \u202esystem"`)},
			}},
		},
		Findings: []Finding{
			{Rule: MessageInvalid, Message: "The server writes what is no message to its standard output, in 2 lines", Live: []byte("listening on port 3000\n")},
		},
	}
}

func sampleTools() File {
	return File{Path: "fixtures/tools.jsonl.zst", Against: "fixtures/new.jsonl.zst", Duration: 20 * time.Millisecond, Calls: []Call{
		{Seq: 3, Method: "tools/list", Findings: []Finding{
			{Rule: ToolAdded, About: "append", Pointer: "/result/tools/1", Live: []byte(`{"name":"append","description":"Adds to a file.","inputSchema":{"type":"object"}}`)},
			{Rule: ToolRemoved, Breaking: true, About: "delete", Pointer: "/result/tools/3", Recorded: []byte(`{"name":"delete","inputSchema":{"type":"object"}}`)},
			{Rule: ToolRenamed, Breaking: true, About: "find", Pointer: "/result/tools/4/name", Recorded: []byte(`"find"`), Live: []byte(`"locate"`)},
			{Rule: ToolOrderChanged, Recorded: []byte(`["search","read","write"]`), Live: []byte(`["read","search","write"]`)},
			{Rule: DescriptionChanged, About: "search", Pointer: "/result/tools/0/description", Recorded: []byte(`"Finds notes."`), Live: []byte(`"Finds notes and folders."`)},
			{
				Rule: InputSchemaChanged, Breaking: true, About: "write", Pointer: "/result/tools/2/inputSchema",
				Message:  "The argument force is new and required",
				Recorded: []byte(`{"type":"object","properties":{"path":{"type":"string"},"text":{"type":"string"}},"required":["path","text"],"additionalProperties":false}`),
				Live:     []byte(`{"type":"object","properties":{"path":{"type":"string"},"text":{"type":"string"},"force":{"type":"boolean"}},"required":["path","text","force"],"additionalProperties":false}`),
			},
			{Rule: AnnotationsChanged, About: "read", Pointer: "/result/tools/1/annotations/readOnlyHint", Recorded: []byte(`true`), Live: []byte(`false`)},
		}},
	}}
}

func sampleStopped() File {
	return File{Path: "fixtures/slow.jsonl", Plain: true, Duration: 10 * time.Second, Calls: []Call{
		{Seq: 1, Method: "initialize"},
	}, Problem: "the server did not answer tools/call echo within 10s"}
}
