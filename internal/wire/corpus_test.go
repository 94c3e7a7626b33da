package wire

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// recorded is what real hosts and servers said: server-everything, mcp-go and
// the Go SDK, in the revisions 2025-11-25 and 2026-07-28.
//
//go:embed testdata/messages.jsonl
var recorded []byte

// odd is what a line can be: each with the message that is to be seen in it.
var odd = []struct {
	name string
	line string
	want Message
}{
	{"request", `{"jsonrpc":"2.0","id":1,"method":"ping"}`, request(`1`, "ping")},
	{"string id", `{"jsonrpc":"2.0","id":"1","method":"ping"}`, request(`"1"`, "ping")},
	{"fraction id", `{"jsonrpc":"2.0","id":1.0,"method":"ping"}`, request(`1.0`, "ping")},
	{"id beyond 2^53", `{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`, request(`9007199254740993`, "ping")},
	{"null id", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, request(`null`, "ping")},
	{"escaped id", `{"jsonrpc":"2.0","id":"\u0031\/","method":"ping"}`, request(`"\u0031\/"`, "ping")},
	{"object id", `{"id":{"a":[1]},"method":"ping"}`, request(`{"a":[1]}`, "ping")},
	{"id last", `{"params":{"a":1},"method":"tools/call","id":712}`,
		Message{Kind: Request, ID: raw(`712`), Method: "tools/call", Params: raw(`{"a":1}`)}},
	{"escaped names", `{"\u0069d":1,"\u006d\u0065thod":"p\u0069ng"}`, request(`1`, "ping")},
	{"names in other cases", `{"ID":1,"Method":"ping"}`, Message{}},
	{"ids inside", `{"params":{"id":1,"method":"x","result":2},"method":"ping"}`,
		Message{Kind: Notification, Method: "ping", Params: raw(`{"id":1,"method":"x","result":2}`)}},
	{"white space", " \t{ \"id\" : 1 ,\r \"method\" : \"ping\" } ", request(`1`, "ping")},
	{"CRLF", "{\"id\":1,\"method\":\"ping\"}\r\n", request(`1`, "ping")},
	{"LF", "{\"id\":1,\"method\":\"ping\"}\n", request(`1`, "ping")},

	{"notification", `{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		Message{Kind: Notification, Method: "notifications/initialized"}},
	{"result", `{"jsonrpc":"2.0","id":1,"result":{}}`, Message{Kind: Response, ID: raw(`1`), Result: raw(`{}`)}},
	{"result first", `{"result":{"x":[1,"}"]},"jsonrpc":"2.0","id":1}`,
		Message{Kind: Response, ID: raw(`1`), Result: raw(`{"x":[1,"}"]}`)}},
	{"null result", `{"id":1,"result":null}`, Message{Kind: Response, ID: raw(`1`), Result: raw(`null`)}},
	{"error", `{"id":1,"error":{"code":-32601,"message":"?"}}`,
		Message{Kind: Response, ID: raw(`1`), Error: raw(`{"code":-32601,"message":"?"}`)}},
	{"error without id", `{"error":{"code":-32700}}`, Message{Kind: Response, Error: raw(`{"code":-32700}`)}},
	{"error with null id", `{"id":null,"error":{}}`, Message{Kind: Response, ID: raw(`null`), Error: raw(`{}`)}},
	{"result and null error", `{"id":1,"result":{},"error":null}`, Message{Kind: Response, ID: raw(`1`), Result: raw(`{}`)}},
	{"null error alone", `{"id":1,"error":null}`, Message{Kind: Response, ID: raw(`1`)}},
	{"null method", `{"method":null,"id":1,"result":0}`, Message{Kind: Response, ID: raw(`1`), Result: raw(`0`)}},
	{"number as method", `{"method":5,"id":1}`, Message{ID: raw(`1`)}},
	{"method before result", `{"id":1,"method":"x","result":0}`,
		Message{Kind: Request, ID: raw(`1`), Method: "x", Result: raw(`0`)}},
	{"result before method", `{"result":0,"method":"x","id":1}`,
		Message{Kind: Response, ID: raw(`1`), Method: "x", Result: raw(`0`)}},

	{"names twice", `{"id":1,"method":"a","id":2,"method":"b"}`, request(`2`, "b")},
	{"params twice", `{"method":"a","params":{"a":1},"params":[2]}`,
		Message{Kind: Notification, Method: "a", Params: raw(`[2]`)}},
	{"lone surrogate", `{"id":"\ud800","method":"\udc00x"}`, request(`"\ud800"`, "\ufffdx")},
	{"surrogate pair", `{"id":1,"method":"\ud83d\ude00"}`, request(`1`, "😀")},
	{"invalid UTF-8", "{\"id\":\"\xff\",\"method\":\"a\xffb\"}", request("\"\xff\"", "a\ufffdb")},
	{"invalid UTF-8 in a name", "{\"\xff\":1,\"id\":1,\"method\":\"a\"}", request(`1`, "a")},
	{"unusual numbers", `{"id":-0,"method":"a","params":[1E400,-0.0e-9,123456789012345678901234567890]}`,
		Message{Kind: Request, ID: raw(`-0`), Method: "a", Params: raw(`[1E400,-0.0e-9,123456789012345678901234567890]`)}},
	{"deep", `{"id":1,"result":` + deep(9_000) + `}`, Message{Kind: Response, ID: raw(`1`), Result: raw(deep(9_000))}},

	{"batch", `[{"id":1,"method":"a"},{"method":"b"}]`, Message{Kind: Batch}},
	{"batch with white space", " [ ]\r\n", Message{Kind: Batch}},

	{"nothing", ``, Message{}},
	{"blank", "\n", Message{}},
	{"blanks", " \t \r\n", Message{}},
	{"words", "Debug: hello\n", Message{}},
	{"byte order mark", "\ufeff{\"id\":1,\"method\":\"ping\"}", Message{}},
	{"object without members", `{}`, Message{}},
	{"object without message", `{"jsonrpc":"2.0","x":1}`, Message{}},
	{"id without method", `{"jsonrpc":"2.0","id":1}`, Message{ID: raw(`1`)}},
	{"empty method", `{"id":1,"method":""}`, Message{ID: raw(`1`)}},
	{"number", `1`, Message{}},
	{"string", `"{\"id\":1}"`, Message{}},
	{"null", `null`, Message{}},
	{"two messages", `{"id":1,"method":"a"}{"id":2,"method":"a"}`, Message{}},
	{"trailing word", `{"id":1,"method":"a"} ok`, Message{}},
	{"trailing NUL", "{\"id\":1,\"method\":\"a\"}\x00", Message{}},
	{"cut off", `{"id":1,"method":"a"`, Message{}},
	{"cut off in the id", `{"method":"a","id":1`, Message{}},
	{"trailing comma", `{"id":1,"method":"a",}`, Message{}},
	{"missing comma", `{"id":1 "method":"a"}`, Message{}},
	{"missing colon", `{"id" 1,"method":"a"}`, Message{}},
	{"single quotes", `{'id':1,'method':'a'}`, Message{}},
	{"comment", `{"id":1,/**/"method":"a"}`, Message{}},
	{"leading zero", `{"id":01,"method":"a"}`, Message{}},
	{"NaN", `{"id":1,"result":NaN}`, Message{}},
	{"control character", "{\"id\":1,\"method\":\"a\tb\"}", Message{}},
	{"unknown escape", `{"id":1,"method":"\x"}`, Message{}},
	{"number as name", `{1:2}`, Message{}},
	{"open batch", `[{"id":1,"method":"a"}`, Message{}},
	{"batch with trailing word", `[] ok`, Message{}},
	{"too deep", `{"id":1,"result":` + deep(10_001) + `}`, Message{}},
}

func request(id, method string) Message { return Message{Kind: Request, ID: raw(id), Method: method} }

func raw(text string) []byte { return []byte(text) }

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// corpus gives all lines there are, each with its end.
func corpus(tb testing.TB) [][]byte {
	tb.Helper()
	lines := slices.Collect(bytes.Lines(recorded))
	if len(lines) < 30 || len(odd) < 50 {
		tb.Fatalf("the corpus lost its lines: %d recorded ones and %d odd ones are left", len(lines), len(odd))
	}
	for _, o := range odd {
		lines = append(lines, []byte(o.line))
	}
	return lines
}

// decode reads text by another parser, numbers kept as they are spelled.
func decode(tb testing.TB, text []byte) any {
	tb.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		tb.Fatalf("%q: %v", clip(text), err)
	}
	return value
}

// clip shortens text for a message.
func clip(text []byte) []byte { return text[:min(len(text), 300)] }

// within reports whether part is nil or a slice of text.
func within(text, part []byte) bool {
	if part == nil {
		return true
	}
	at := offset(text, part)
	return at >= 0 && at+len(part) <= len(text) && bytes.Equal(text[at:at+len(part)], part)
}
