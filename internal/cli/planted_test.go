package cli_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/wire"
)

// planted are secrets, by what finds them first.
var planted = map[string]string{
	"env:PLANTED":           "env6+value=/x",
	"value":                 "v123456v",
	"preset, shape":         "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
	"key, argument":         `pin-9"q\z/é`,
	"key, number":           "918273645546372",
	"path":                  "loc8secret",
	"argument --NAME=":      "tok-12345-argv",
	"argument NAME=":        "key-98765-argv",
	"password in URL":       "pw-77-url",
	"query of URL":          "query-445566",
	"header":                "hdr-31415926",
	"--env":                 "given-4711-env",
	"inherited environment": "inherited-55-env",
}

// rules are what finds them.
var rules = []string{
	"--redact", "env:PLANTED", "--redact", "value:v[0-9]{6}v", "--redact", "preset:common",
	"--redact", "key:pin", "--redact", "path:/params/*/loc",
}

// exposed is a program in an environment that has secrets in it, and in which all
// that it writes is below root.
func exposed(t *testing.T, root, program string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(program, args...)
	command.Dir = filepath.Join(root, "cwd")
	for _, dir := range []string{command.Dir, filepath.Join(root, "tmp")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	command.Env = append(os.Environ(), "PLANTED="+planted["env:PLANTED"], "MY_API_KEY="+planted["inherited environment"],
		"HOME="+root, "XDG_STATE_HOME="+root, "TMPDIR="+filepath.Join(root, "tmp"), "WIRETAPE_HOME="+filepath.Join(root, "home"), "GORACE=atexit_sleep_ms=0")
	return command
}

// serverCommand is a server's command line with secrets in it, and a text.
func serverCommand(conversation, text string) []string {
	return []string{
		"leaky", conversation, "--pin", planted["key, argument"], "--token=" + planted["argument --NAME="],
		"API_KEY=" + planted["argument NAME="], "postgres://user:" + planted["password in URL"] + "@host/db",
		"https://host/?a=b&api_key=" + planted["query of URL"], "-H", "X-Api-Key: " + planted["header"], text,
	}
}

// everything is a text with all secrets in it.
func everything(but ...string) string {
	var all []string
	for _, rule := range slices.Sorted(maps.Keys(planted)) {
		if !slices.Contains(but, rule) {
			all = append(all, planted[rule])
		}
	}
	return strings.Join(all, " , ")
}

// spellings are JSON strings that say a text, in ways in which programs do.
func spellings(text string) []string {
	quoted := string(wire.Quote(text))
	inner := string(wire.Quote(`{"a":` + quoted + `}`))
	twice := string(wire.Quote(`{"a":` + inner + `}`))
	escaped := strings.NewReplacer("e", `\u0065`, "/", `\/`, "1", `\u0031`).Replace(quoted)
	encoded := base64.StdEncoding.EncodeToString([]byte("user:" + text))
	return []string{
		quoted, escaped, inner, twice, `"` + encoded + `"`,
		`"` + url.QueryEscape(text) + `"`, `"` + url.PathEscape(text) + `"`,
	}
}

// leak is a conversation in which both sides say a text everywhere.
func leak(modern bool, text string) []turn {
	all := opened(modern, spellings(text)[0])
	id := 10
	for _, text := range spellings(text) {
		id += 10
		all = append(all, told(modern, id, text)...)
	}
	long := long()
	return append(all,
		talk(request(modern, 5, "long", `"x":"`+long+`"`)+"\n",
			`{"jsonrpc":"2.0","id":5,"result":{"x":"`+long[:65500], long[65500:65540], long[65540:]+`"}}`+"\n"),
		talk(`{"jsonrpc":"2.0","torn":"`+long[len(long)-100:], `{"jsonrpc":"2.0","torn":"`+long[len(long)-100:]))
}

// talk is a line of the host, and what the server says to it on stdout.
func talk(host string, server ...string) turn {
	said := turn{Host: []byte(host)}
	for _, text := range server {
		said.Server = append(said.Server, piece{Text: []byte(text)})
	}
	return said
}

func request(modern bool, id int, method, params string) string {
	if modern {
		params += `,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}`
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":{%s}}`, id, method, params)
}

// told has a JSON string in every kind of line.
func told(modern bool, id int, text string) []turn {
	torn := `{"torn":` + text[:len(text)-1] + "\n"
	last := talk(torn, "\t{\"white\" : "+text+"} \r\n")
	last.Server = append(last.Server, piece{[]byte(text + "\n"), true}, piece{[]byte("debug: a=" + text + "\n"), true})
	return []turn{
		talk(request(modern, id, "tools/call", `"name":"t","arguments":{"x":`+text+`,`+text+`:[`+text+`]}`)+"\n",
			`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":`+text+"}}\n",
			fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":%s}],"structuredContent":{"x":%s,%s:%s}}}`+"\n", id, text, text, text, planted["key, number"])),
		talk(request(modern, id+1, "tools/call", `"name":`+text+`,"arguments":{}`)+"\r\n",
			fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"error":{"code":-1,"message":%s,"data":[%s]}}`+"\r\n", id+1, text, text)),
		talk("["+request(modern, id+2, "ping", `"x":`+text)+"]\n",
			fmt.Sprintf(`[{"jsonrpc":"2.0","id":%d,"result":{"x":%s}}]`+"\n", id+2, text)),
		talk(request(modern, id+3, "resources/read", `"uri":`+text)+"\n",
			`{"jsonrpc":"2.0","id":`+text+`,"method":"elicitation/create","params":{"message":`+text+"}}\n",
			fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"contents":[%s]}}`+"\n", id+3, text)),
		talk(`{"jsonrpc":"2.0","id":`+text+`,"result":{"action":"accept","content":{"x":`+text+"}}}\n", "\n"),
		talk("junk "+text+"\n", "junk "+text+"\xff\n", torn),
		last,
	}
}

// opened begins a session. What a path and a key find is in its first line.
func opened(modern bool, text string) []turn {
	found := `"loc":"` + planted["path"] + `","pin":` + planted["key, number"]
	if modern {
		return []turn{talk(
			`{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",`+found+`,"vendor":`+text+"}}}\n",
			`{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"instructions":`+text+"}}\n")}
	}
	return []turn{talk(
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{`+found+`,"elicitation":{},"experimental":{"x":`+text+`}},"clientInfo":{"name":"h","version":"1","title":`+text+"}}}\n",
		`{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"instructions":`+text+`,"serverInfo":{"name":"s","version":"1"}}}`+"\n"),
		talk(`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"),
	}
}

// long is what a JSON string says with secrets at every place that matters to
// what reads it in pieces.
func long() string {
	const secret = "loc8secret"
	text := strings.Repeat(strings.Repeat("x", 997)+" "+secret+" ", 75)
	for _, at := range []int{4096, 32 << 10, 64 << 10, 65520} {
		for _, before := range []int{0, 3, 20, 40, 60} {
			text = text[:at-before] + secret + text[at-before+len(secret):]
		}
	}
	return text
}
