package imports

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// mcpRecorder is mcp-recorder, whose files are one document with a list of
// interactions: a request with its response, or a notification of the client.
func mcpRecorder() tool {
	return tool{
		name: "mcp-recorder",
		owns: func(first *envelope) bool {
			return first.has("version", "interactions") || first.has("version", "metadata")
		},
		whole: recorderDocument,
		never: []string{
			rewrote, noSpace,
			"when what was said is not kept, but only how long each answer took: each request is put right behind the answer before it",
			"notifications and requests of the server are not kept",
			noStderr, noJunk, noExit,
		},
	}
}

func recorderDocument(in *intake, e *envelope, text []byte) error {
	if version := e.text("version"); e.err == nil && version != "1" && !strings.HasPrefix(version, "1.") {
		return fmt.Errorf("%w: version %q of %s, not 1", ErrNewer, version, in.name)
	}
	about := e.inner("metadata")
	d := in.connection("")
	d.header.Label = about.inner("server_info").text("name")
	d.header.Started = about.clock("recorded_at")
	d.header.Target = record.Endpoint{Transport: about.text("transport_type"), URL: about.text("server_url")}
	if about.err != nil {
		e.err = about.err
	}
	return in.elements(text, e.list("interactions"), func(i *envelope) error {
		switch i.text("type") {
		case "jsonrpc_request", "notification":
			return d.interaction(i, text)
		case "lifecycle":
		default:
			d.lost[foreign]++
		}
		return nil
	})
}

var errNoMessage = errors.New("a request or a response is no JSON object")

// interaction adds a request and its response.
func (d *draft) interaction(i *envelope, text []byte) error {
	request, response := i.raw("request"), i.raw("response")
	if request == nil {
		d.lost[unasked]++
		return nil
	}
	if !wire.Is(request, '{') || response != nil && !wire.Is(response, '{') {
		return errNoMessage
	}
	latency := i.span("latency_ms", time.Millisecond)
	id := wire.Parse(request).ID
	p := piece{at: d.last, by: byHost, offset: offset(text, request)}
	if id == nil && i.text("type") == "jsonrpc_request" {
		id = fmt.Appendf(nil, `"import-%d"`, len(d.pieces)+1)
		request, _ = wire.Set(request, id, "id")
		d.addMade(p, request)
	} else {
		d.add(p, request)
	}
	if response == nil {
		d.last += latency
		return nil
	}
	d.answer(piece{at: d.last + latency, by: byTarget, offset: offset(text, response)}, response, id)
	return nil
}

// answer adds the response to a request. Where the answer was a stream it may be
// something else, that the stream said first.
func (d *draft) answer(p piece, response, id []byte) {
	m := wire.Parse(response)
	switch {
	case m.Method != "":
		d.lost[streamed]++
		d.add(p, response)
	case id == nil || bytes.Equal(m.ID, id):
		d.add(p, response)
	default:
		d.lost[renamed]++
		response, _ = wire.Set(response, id, "id")
		d.addMade(p, response)
	}
}
