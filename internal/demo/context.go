package demo

import "wiretape/internal/wire"

const greeting = "demo://greeting"

func listResources(*request) (object, error) {
	return object{"resources": []object{{"uri": greeting, "name": "greeting", "mimeType": "text/plain"}}}, nil
}

func readResource(r *request) (object, error) {
	if uri, _ := wire.Text(wire.Get(r.Params, "uri")); uri != greeting {
		code := resourceNotFound
		if r.modern {
			code = invalidParams
		}
		return nil, &rpcError{Code: code, Message: "Resource not found", Data: object{"uri": uri}}
	}
	return object{"contents": []object{{"uri": greeting, "mimeType": "text/plain", "text": "Hello from the wire."}}}, nil
}

func listPrompts(*request) (object, error) {
	return object{"prompts": []object{{
		"name": "introduce", "description": "Has the model introduce itself.",
		"arguments": []object{{"name": "to", "description": "To whom", "required": false}},
	}}}, nil
}

func getPrompt(r *request) (object, error) {
	if name, _ := wire.Text(wire.Get(r.Params, "name")); name != "introduce" {
		return nil, &rpcError{Code: invalidParams, Message: "Unknown prompt: " + name}
	}
	to, ok := wire.Text(wire.Get(r.Params, "arguments", "to"))
	if !ok {
		to = "me"
	}
	return object{"messages": []object{{"role": "user", "content": text("Introduce yourself to " + to + ".")[0]}}}, nil
}
