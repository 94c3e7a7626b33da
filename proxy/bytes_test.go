package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wiretape/record"
)

// junk is what the line must pass on as it is, each a line with its end.
var junk = map[string]string{
	"a request":              `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{}}}` + "\n",
	"a response":             `{"jsonrpc":"2.0","id":1,"result":{}}` + "\n",
	"a notification":         `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}` + "\n",
	"CRLF":                   `{"jsonrpc":"2.0","id":2,"result":{}}` + "\r\n",
	"only CR":                "a\rb\r\n",
	"two CR":                 "{}\r\r\n",
	"blank lines":            "\n\n\r\n \n\t\n",
	"words":                  "Debug: listening on stdio\n",
	"invalid UTF-8":          "\xff\xfe{\"a\":\"\xc3\x28\"}\x80\n",
	"invalid UTF-8 in JSON":  "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":\"\xed\xa0\x80\xff\"}\n",
	"NUL":                    "\x00\x00{\"id\":\x00}\n",
	"lone surrogates":        `{"jsonrpc":"2.0","id":4,"result":"\ud800 \udfff \uD83D"}` + "\n",
	"duplicate keys":         `{"jsonrpc":"2.0","id":5,"id":6,"result":1,"result":2}` + "\n",
	"never answered":         `{"jsonrpc":"2.0","id":98,"method":"initialize","params":{}}` + "\n" + `{"jsonrpc":"2.0","id":99,"method":"tools/list"}` + "\n",
	"large ids":              `{"jsonrpc":"2.0","id":9007199254740993,"method":"prompts/list"}` + "\n" + `{"jsonrpc":"2.0","id":1e400,"result":{}}` + "\n",
	"spelled ids":            `{"jsonrpc":"2.0","id":1.0,"method":"a/b"}` + "\n" + `{"jsonrpc":"2.0","id":"\u0031","method":"a/b"}` + "\n",
	"null and missing ids":   `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}` + "\n" + `{"jsonrpc":"2.0","result":{}}` + "\n",
	"byte order mark":        "\ufeff" + `{"jsonrpc":"2.0","id":7,"result":{}}` + "\n",
	"white space":            "  {\t\"jsonrpc\" : \"2.0\" ,\"id\" :8,  \"result\":{ } }  \n",
	"numbers":                `{"jsonrpc":"2.0","method":"n","params":[1.0,1e2,-0,0.1000,123456789012345678901234567890]}` + "\n",
	"escapes":                `{"jsonrpc":"2.0","method":"\u0061\/b","params":"<>&\u2028é` + "\u2028" + `"}` + "\n",
	"other JSON":             "null\n17\n\"text\"\n[]\n{}\n[1,2\n",
	"a batch":                `[{"jsonrpc":"2.0","id":9,"method":"a/b"},{"jsonrpc":"2.0","method":"c"}]` + "\n",
	"torn JSON":              `{"jsonrpc":"2.0","id":10,"result":{"a":` + "\n",
	"two values":             `{"jsonrpc":"2.0","id":11,"result":{}}{"jsonrpc":"2.0","id":12,"result":{}}` + "\n",
	"deep":                   strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "\n",
	"progress":               `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1e0,"progress":0.50}}` + "\n",
	"cancelled":              `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":999}}` + "\n",
	"more than a pipe holds": `{"jsonrpc":"2.0","id":13,"result":"` + strings.Repeat("0123456789", 20_000) + `"}` + "\n",
}

// last is what may stand at the very end.
var last = []string{"", "no end", `{"jsonrpc":"2.0","id":14,"result":{}}`, `{"jsonrpc":"2.0","id":14,`, "\r", "{}\r"}

func TestEachKindOfJunkPasses(t *testing.T) {
	all := maps.Clone(junk)
	for _, end := range last {
		all["at the end "+end] = "a line\n" + end
	}
	modes(t, func(t *testing.T, flags ...string) {
		for name, bytes := range all {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				passes(t, []byte(bytes), []byte(bytes), 1, flags...)
			})
		}
	})
}

func TestMixedJunkPassesBothWaysAtOnce(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		for seed := range uint64(count(20, 3)) {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(seed, 0))
				passes(t, mixed(r), mixed(r), seed, flags...)
			})
		}
	})
}

// mixed gives junk of all kinds in some order, some of it changed at random.
func mixed(r *rand.Rand) []byte {
	var all []string
	for name, some := range junk {
		if name == "never answered" {
			continue // a line behind it without an end would be held
		}
		all = append(all, some)
	}
	var out []byte
	for range 20 + r.IntN(300) {
		piece := []byte(all[r.IntN(len(all))])
		if r.IntN(4) == 0 {
			piece[r.IntN(len(piece))] = byte(r.IntN(256))
		}
		out = append(out, piece...)
	}
	return append(out, last[r.IntN(len(last))]...)
}

func TestLongLinesPass(t *testing.T) {
	size := count(64<<20, 4<<20)
	text := bytes.Repeat([]byte(`0123456789abcdef"\u00e9\\ `+"\xc3\xa9"), size/27)
	text = bytes.ReplaceAll(text, []byte{'"'}, []byte(`\"`))
	message := append(append([]byte(`{"jsonrpc":"2.0","id":1,"result":"`), text...), "\"}\n"...)
	words := append(bytes.Repeat([]byte("words \xff "), size/8), '\n')
	t.Run("held, for the tools", func(t *testing.T) { passes(t, message, words, 1) })
	t.Run("as it comes, with the tools", func(t *testing.T) { passes(t, nil, message, 2) })
	t.Run("as it comes, without", func(t *testing.T) { passes(t, words, message, 3, "--no-control") })
}

// passes sends bytes both ways at once, in pieces of random sizes, and checks
// that they arrive, and are in the recording, as they were sent.
func passes(t *testing.T, toServer, toHost []byte, seed uint64, flags ...string) {
	t.Helper()
	dir := t.TempDir()
	says, hears := filepath.Join(dir, "says"), filepath.Join(dir, "hears")
	if err := os.WriteFile(says, toHost, 0o600); err != nil {
		t.Fatal(err)
	}
	w := through(t, server("relay", says, hears, fmt.Sprint(seed)), flags...)
	written := make(chan error, 1)
	// Ends when all is written.
	go func() { written <- writeChunks(w.in, toServer, seed+1) }()
	heard := make([]byte, len(toHost))
	n, err := io.ReadFull(w.out, heard)
	if err != nil {
		w.fatalf("after %d of %d bytes: %v", n, len(heard), err)
	}
	same(t, "the host heard", heard, toHost)
	if err := <-written; err != nil {
		w.fatalf("%v", err)
	}
	w.in.Close()
	same(t, "at the end the host heard", []byte(w.rest()), nil)
	if status := w.status(); status != 0 {
		w.fatalf("wiretape ended with %d", status)
	}
	heard, err = os.ReadFile(hears)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the server heard", heard, toServer)
	events := w.recording("host")
	same(t, "the recording has to the host", record.Wire(events, record.Target, record.Host), toHost)
	same(t, "the recording has to the server", record.Wire(events, record.Host, record.Target), toServer)
	if stray := record.Wire(events, "", record.Proxy); len(stray) > 0 {
		t.Errorf("for wiretape itself was taken %.200q", stray)
	}
}

// same tells where bytes differ.
func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	if at < max(len(got), len(want)) {
		t.Errorf("%s %d bytes, want %d; at byte %d it is %.100q, want %.100q", what, len(got), len(want), at, got[at:], want[at:])
	}
}
