package demo

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"wiretape/internal/wire"
)

// ask has the host ask its user: with a request of its own up to 2025-11-25,
// with a result that asks to be called again with the answer from 2026-07-28 on.
func ask(r *request) (object, error) {
	if wire.Get(r.capabilities, "elicitation") == nil {
		return nil, cannotAsk(r.modern)
	}
	question, ok := wire.Text(argument(r, "question"))
	if !ok {
		question = "What is your name?"
	}
	form := object{"message": question, "requestedSchema": schema(`"name":{"type":"string"}`, `"name"`)}
	answer := wire.Get(r.Params, "inputResponses", "name")
	if r.modern && answer == nil {
		return object{"resultType": "input_required", "inputRequests": object{
			"name": object{"method": "elicitation/create", "params": form}}}, nil
	}
	if !r.modern {
		var err error
		if answer, err = r.server.request(r.ctx, "elicitation/create", form); err != nil {
			return nil, err
		}
	}
	if action, _ := wire.Text(wire.Get(answer, "action")); action != "accept" {
		return object{"content": text("Then we shall not be introduced.")}, nil
	}
	name, _ := wire.Text(wire.Get(answer, "content", "name"))
	return object{"content": text("Hello, " + name + "!")}, nil
}

func cannotAsk(modern bool) error {
	if modern {
		return &rpcError{Code: missingCapability, Message: "this tool has to ask the user",
			Data: object{"requiredCapabilities": object{"elicitation": object{}}}}
	}
	return errors.New("this tool has to ask the user, which the host has not offered (capability elicitation)")
}

// request asks the host and waits for its answer.
func (s *server) request(ctx context.Context, method string, params object) (result []byte, err error) {
	answers := make(chan wire.Message, 1)
	s.mu.Lock()
	s.asked++
	id := strconv.Itoa(s.asked)
	s.waiting[id] = func(m wire.Message) { answers <- m }
	s.mu.Unlock()
	s.send(message{ID: json.RawMessage(id), Method: method, Params: params})
	select {
	case m := <-answers:
		if m.Error != nil {
			return nil, errors.New("the host refused to ask: " + string(m.Error))
		}
		return m.Result, nil
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
		return nil, ctx.Err()
	}
}
