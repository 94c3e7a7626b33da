package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"wiretape/internal/wire"
)

// tool is one entry of tools/list. An error of run that is no *rpcError becomes
// a result with isError, which the model gets to see.
type tool struct {
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"inputSchema"`
	OutputSchema json.RawMessage `json:"outputSchema,omitempty"`

	run   method
	waits bool // for the host, so it must not hold up what comes behind it
}

func tools() []tool {
	return []tool{{
		Name:        "echo",
		Description: "Gives back the text.",
		InputSchema: schema(`"text":{"type":"string"}`, `"text"`),
		run:         echo,
	}, {
		Name:         "add",
		Description:  "Adds two numbers.",
		InputSchema:  schema(`"a":{"type":"number"},"b":{"type":"number"}`, `"a","b"`),
		OutputSchema: schema(`"sum":{"type":"number"}`, `"sum"`),
		run:          add,
	}, {
		Name:        "fail",
		Description: "Fails, whatever it is given.",
		InputSchema: schema(`"reason":{"type":"string"}`, ``),
		run:         fail,
	}, {
		Name:        "countdown",
		Description: "Counts down to lift-off and reports its progress.",
		InputSchema: schema(`"from":{"type":"integer","minimum":1,"maximum":1000}`, `"from"`),
		run:         countdown,
	}, {
		Name:        "ask",
		Description: "Asks the user for a name and says hello.",
		InputSchema: schema(`"question":{"type":"string"}`, ``),
		run:         ask,
		waits:       true,
	}, {
		Name:        "wait",
		Description: "Never answers; ends only when it is cancelled.",
		InputSchema: schema(``, ``),
		run:         wait,
		waits:       true,
	}}
}

func schema(properties, required string) json.RawMessage {
	return json.RawMessage(`{"type":"object","properties":{` + properties + `},"required":[` + required + `]}`)
}

func listTools(*request) (object, error) { return object{"tools": tools()}, nil }

func findTool(r *request) (*tool, error) {
	name, _ := wire.Text(wire.Get(r.Params, "name"))
	for _, t := range tools() {
		if t.Name == name {
			return &t, nil
		}
	}
	return nil, &rpcError{Code: invalidParams, Message: "Unknown tool: " + name}
}

func (t *tool) call(r *request) (object, error) {
	result, err := t.run(r)
	if refused := (*rpcError)(nil); err == nil || errors.As(err, &refused) || errors.Is(err, context.Canceled) {
		return result, err
	}
	return object{"content": text(err.Error()), "isError": true}, nil
}

// text is the content of a result: a string, or one that is JSON already.
func text(content any) []object { return []object{{"type": "text", "text": content}} }

func argument(r *request, name string) []byte { return wire.Get(r.Params, "arguments", name) }

func number(r *request, name string) (float64, error) {
	var n float64
	raw := argument(r, name)
	if raw == nil || wire.Is(raw, 'n') || json.Unmarshal(raw, &n) != nil {
		return 0, fmt.Errorf("%q must be a number", name)
	}
	return n, nil
}

// echo gives back the string as it was spelled, escapes and all.
func echo(r *request) (object, error) {
	raw := argument(r, "text")
	if !wire.Is(raw, '"') {
		return nil, errors.New(`"text" must be a string`)
	}
	return object{"content": text(json.RawMessage(raw))}, nil
}

func add(r *request) (object, error) {
	a, errA := number(r, "a")
	b, errB := number(r, "b")
	if err := errors.Join(errA, errB); err != nil {
		return nil, err
	}
	if math.IsInf(a+b, 0) {
		return nil, errors.New("the sum is too large for a number")
	}
	return object{"content": text(fmt.Sprint(a + b)), "structuredContent": object{"sum": a + b}}, nil
}

func fail(r *request) (object, error) {
	if reason, ok := wire.Text(argument(r, "reason")); ok {
		return nil, errors.New(reason)
	}
	return nil, errors.New("this tool always fails")
}

func countdown(r *request) (object, error) {
	from, err := number(r, "from")
	if err != nil {
		return nil, err
	}
	if from < 1 || from > 1000 || from != math.Trunc(from) {
		return nil, errors.New(`"from" must be a whole number from 1 to 1000`)
	}
	token := wire.Get(r.Params, "_meta", "progressToken")
	for left := from; left > 0 && token != nil; left-- {
		r.server.send(message{Method: "notifications/progress", Params: object{
			"progressToken": json.RawMessage(token), "progress": from - left + 1, "total": from,
			"message": fmt.Sprintf("%v …", left)}})
	}
	return object{"content": text("Lift-off!")}, nil
}

func wait(r *request) (object, error) {
	<-r.ctx.Done()
	return nil, r.ctx.Err()
}
