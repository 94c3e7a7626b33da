package replay_test

import (
	"testing"

	"wiretape/replay"
)

func modern(id, method, more string) string {
	return req(id, method, `{"_meta":{`+modernMeta+`}`+more+`}`)
}

var (
	legacySession = []string{"> " + req("0", "initialize", sampling), "< " + res("0", opened), "> " + req("1", "tools/list", ""), "< " + res("1", `"legacy"`)}
	modernSession = []string{"> " + modern("1", "tools/list", ""), "< " + res("1", `{"modern":1,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}`)}
)

func TestVersions(t *testing.T) {
	later := `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01"}}`
	tests := []struct {
		name     string
		options  replay.Options
		recorded []string
		live     string
		code     int // 0: no error
		says     string
		missed   int
	}{
		{"another legacy version gets the recorded one", replay.Options{}, legacySession, req("9", "initialize", `{"protocolVersion":"2024-11-05","capabilities":{}}`), 0, opened, 0},
		{"strict: another legacy version", replay.Options{Match: replay.Strict}, legacySession, req("9", "initialize", `{"protocolVersion":"2024-11-05","capabilities":{"sampling":{},"roots":{},"elicitation":{}}}`), -32602, `"requested":"2024-11-05"`, 1},
		{"discover against a legacy recording", replay.Options{}, legacySession, modern("9", "server/discover", ""), -32601, "discover", 0},
		{"discover of another version", replay.Options{}, legacySession, req("9", "server/discover", later), -32601, "discover", 0},
		{"a modern call against a legacy recording", replay.Options{}, legacySession, modern("9", "tools/list", ""), -31000, "initialize", 1},
		{"ping of a legacy host", replay.Options{}, legacySession, req("9", "ping", ""), 0, `{}`, 0},
		{"initialize against a modern recording", replay.Options{}, modernSession, req("9", "initialize", sampling), -32602, `"supported":["2026-07-28"],"requested":"2025-11-25"`, 1},
		{"a legacy call against a modern recording", replay.Options{}, modernSession, req("9", "tools/list", ""), -32602, "lacks _meta", 1},
		{"ping in a modern session", replay.Options{}, modernSession, modern("9", "ping", ""), -32601, "ping", 1},
		{"a legacy ping against a modern recording", replay.Options{}, modernSession, req("9", "ping", ""), -32601, "ping", 1},
		{"another modern version", replay.Options{}, modernSession, req("9", "tools/list", later), -32022, `"supported":["2026-07-28"],"requested":"2027-01-01"`, 1},
		{"discover of another modern version", replay.Options{}, modernSession, req("9", "server/discover", later), -32022, `"requested":"2027-01-01"`, 1},
		{"discover that was not recorded", replay.Options{}, modernSession, modern("9", "server/discover", ""), 0, `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}`, 0},
		{"the era of a call in a recording of both", replay.Options{}, append(legacySession[:4:4], modernSession...), modern("9", "tools/list", ""), 0, `{"modern":1,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}`, 0},
		{"a recorded refusal", replay.Options{}, []string{"> " + req("1", "tools/list", later), `< {"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"recorded"}}`}, req("9", "tools/list", later), -32022, "recorded", 0},
		{"a recorded probe", replay.Options{}, append([]string{"> " + modern("1", "server/discover", ""), `< {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"recorded"}}`}, legacySession...), modern("9", "server/discover", ""), -32601, "recorded", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := begin(t, test.options, test.recorded...)
			k.say(test.live)
			if test.code == 0 {
				k.hears(res("9", test.says))
			} else {
				k.fails("9", test.code, test.says)
			}
			if r := k.ends(); r.Failed != test.missed {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// What one host asks for in vain changes nothing of the recording, which others play too.
func TestMissesAreNotRecorded(t *testing.T) {
	made := `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}`
	k := begin(t, replay.Options{}, append(modernSession, "> "+modern("2", "tools/call", `,"name":"[redacted:x:1]"`), "< "+res("2", "2"))...)
	k.say(modern("7", "prompts/list", ""), modern("8", "completion/complete", ""), modern("9", "server/discover", ""))
	k.fails("7", -32601)
	k.fails("8", -32601)
	k.hears(res("9", made))
	k.ends()
}
