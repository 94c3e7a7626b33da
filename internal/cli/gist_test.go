package cli

import (
	"testing"

	"wiretape/internal/wire"
)

func TestAsks(t *testing.T) {
	tests := []struct{ method, params, want string }{
		{"ping", ``, ``},
		{"tools/list", `{}`, ``},
		{"tools/list", `{"cursor":"2"}`, `{"cursor":"2"}`},
		{"tools/list", `{"_meta":{"x":1}}`, ``},
		{"tools/list", `{"_meta":{"x":1},"cursor":"<&>"}`, `{"cursor":"<&>"}`},
		{"tools/call", `{"name":"echo"}`, ``},
		{"tools/call", `{"name":"echo","arguments":{"n":1.0}}`, `{"n":1.0}`},
		{"tools/call", `"odd"`, ``},
		{"prompts/get", `{"name":"p","arguments":{"to":"Ada"}}`, `p {"to":"Ada"}`},
		{"resources/read", `{"uri":"file:///a"}`, `file:///a`},
		{"notifications/progress", `{"progressToken":1,"progress":0.5}`, `0.5`},
		{"notifications/progress", `{"progress":1,"total":3,"message":"m"}`, `1/3 m`},
		{"notifications/message", `{"level":"info","data":"text"}`, `info: text`},
		{"notifications/message", `{"level":"info","data":{"k":"v"}}`, `info: {"k":"v"}`},
		{"notifications/cancelled", `{"requestId":"7","reason":"bored"}`, `request "7": bored`},
		{"notifications/cancelled", `{"requestId":7}`, `request 7`},
	}
	for _, test := range tests {
		if got := asks(test.method, []byte(test.params)); got != test.want {
			t.Errorf("%s %s gives %q, want %q", test.method, test.params, got, test.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		method, response, want string
		failed                 bool
	}{
		{"ping", `{"id":1,"result":{}}`, ``, false},
		{"ping", `{"id":1,"error":{"code":-1,"message":"no"}}`, `error -1: no`, true},
		{"ping", `{"id":1,"error":"odd"}`, `error `, true},
		{"tools/call", `{"id":1,"result":{"content":[{"type":"text","text":"a"},{"type":"image","data":"…"},{"type":"text","text":"b"}]}}`, `a [image] b`, false},
		{"tools/call", `{"id":1,"result":{"content":[{"type":"text","text":"a"}],"isError":true}}`, `a`, true},
		{"tools/call", `{"id":1,"result":{"content":[],"structuredContent":{"sum":3}}}`, `{"sum":3}`, false},
		{"tools/call", `{"id":1,"result":{"content":[{"type":"text","text":"{…}"}],"structuredContent":{"message":"said"}}}`, `said`, false},
		{"", `{"id":1,"result":{"content":[{"type":"text","text":"of another time"}]}}`, `of another time`, false},
		{"tools/list", `{"id":1,"result":{"tools":[]}}`, `no tools`, false},
		{"tools/list", `{"id":1,"result":{"tools":[{"name":"a"},{"name":"b"}],"nextCursor":""}}`, `2 tools: a, b, and more`, false},
		{"resources/templates/list", `{"id":1,"result":{"resourceTemplates":[]}}`, `{"resourceTemplates":[]}`, false},
		{"resources/read", `{"id":1,"result":{"contents":[{"uri":"x","text":"t"},{"uri":"y","mimeType":"image/png","blob":"…"}]}}`, `t [image/png]`, false},
		{"prompts/get", `{"id":1,"result":{"messages":[{"role":"user","content":{"type":"text","text":"hi"}}]}}`, `user: hi`, false},
		{"sampling/createMessage", `{"id":1,"result":{"role":"assistant","content":{"type":"text","text":"hm"}}}`, `hm`, false},
		{"elicitation/create", `{"id":1,"result":{"action":"decline"}}`, `decline `, false},
		{"roots/list", `{"id":1,"result":{"roots":[{"uri":"file:///a","name":"a"}]}}`, `1 roots: a`, false},
	}
	for _, test := range tests {
		got, failed := answers(test.method, wire.Parse([]byte(test.response)))
		if got != test.want || failed != test.failed {
			t.Errorf("%s %s gives %q, %v; want %q, %v", test.method, test.response, got, failed, test.want, test.failed)
		}
	}
}
