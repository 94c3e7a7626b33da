package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wiretape/record"

	"github.com/klauspost/compress/zstd"
)

// plants are secrets by the rule that finds them; the words that precede them in
// a message make the rules find them.
var plants = map[string]string{
	"key:pin":            `pin-9"q\z/&é`,
	"path:/params/*/loc": "loc8secret",
	"value:v[0-9]{6}v":   "v123456v",
	"env:PLANTED":        "env6+value=",
	"preset:common":      "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
}

// planted is a recording with all secrets in every place.
func planted() (record.Header, []record.Event) {
	var all string
	for _, secret := range plants {
		all += secret + " , "
	}
	quoted, _ := json.Marshal(all)
	nested, _ := json.Marshal(string(quoted))
	escaped := strings.ReplaceAll(strings.ReplaceAll(string(quoted), "e", `\u0065`), "/", `\/`)
	encoded := base64.StdEncoding.EncodeToString([]byte("u:" + plants["key:pin"]))
	source, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "tools/call",
		"params": map[string]any{"name": "t", "arguments": map[string]any{"pin": plants["key:pin"], "loc": plants["path:/params/*/loc"]}}})
	h := record.Header{
		Label: "label " + all, Extra: []byte(`"later":` + string(quoted)),
		Target: record.Endpoint{Command: []string{"srv", "--pin", plants["key:pin"], all}, URL: "https://h/?q=" + url.QueryEscape(all), Cwd: "/" + all, Env: []string{"X", all}, Extra: []byte(`"` + `x":` + string(quoted))},
	}
	lines := []string{string(source)}
	for _, text := range []string{string(quoted), escaped, string(nested), `"` + encoded + `"`, `"` + url.QueryEscape(all) + `"`, `"` + url.PathEscape(all) + `"`, `"` + strings.ReplaceAll(url.QueryEscape(all), "%2F", "/") + `"`} {
		lines = append(lines,
			`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"t","arguments":{"x":`+text+`}}}`,
			`{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":`+text+`}]}}`,
			`{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":`+text+`,"data":{"x":[`+text+`]}}}`,
			`{"jsonrpc":"2.0","method":"notifications/message","params":{"data":`+text+`}}`,
			`[{"jsonrpc":"2.0","id":4,"method":"m","params":[`+text+`]}]`,
			`{"jsonrpc":"2.0","id":`+text+`,"method":`+text+`,"method":`+text+`,`+text+`:1}`,
			` {"white":`+text+"}\r",
			"junk "+text, `{"torn":`+text[:len(text)-1], text+"\xff\xfe",
		)
	}
	var events []record.Event
	for _, line := range lines {
		for _, end := range []string{"\n", "\r\n"} {
			events = append(events,
				record.Event{From: record.Host, To: record.Target, Line: []byte(line + end)},
				record.Event{From: record.Target, To: record.Host, Line: []byte(line + end)},
				record.Event{From: record.Target, Stderr: true, Line: []byte(line + end)})
		}
	}
	events = append(events,
		record.Event{From: record.Party(all), To: record.Party(all), Line: []byte("x\n"), Extra: []byte(`"x":` + string(quoted))},
		record.Event{Name: all, Extra: []byte(`"x":` + string(quoted))},
		record.Event{Name: record.EventExit, Exit: &record.Exit{Signal: all}},
		record.Event{Name: record.EventEnd, End: &record.End{Reason: all, Raw: []byte(`{"tools":{` + string(quoted) + `:{}}}`), Statistics: record.Statistics{Tools: map[string]record.Tally{all: {}}}}, Extra: []byte(`"x":` + string(quoted))},
	)
	return h, events
}

// TestPlanted searches every byte that reaches the disk.
func TestPlanted(t *testing.T) {
	t.Setenv("PLANTED", plants["env:PLANTED"])
	var words []string
	for rule := range plants {
		words = append(words, rule)
	}
	h, events := planted()
	r := parse(t, words...)
	for _, e := range events {
		r.Learn(e)
	}
	h = r.Header(h)
	for i, e := range events {
		before := fmt.Sprint(e)
		events[i] = r.Event(e)
		if fmt.Sprint(e) != before {
			t.Fatalf("event %d of the caller was changed", i)
		}
	}
	end := events[len(events)-1]
	hunt(t, "the end event", end.Append(nil))
	hunt(t, "the statistics", fmt.Append(nil, end.End.Statistics))
	for _, p := range r.Placeholders() {
		hunt(t, "a placeholder", []byte(p.Text+p.Variable))
	}
	h.Started = h.Started.AddDate(2026, 0, 0)
	for _, name := range []string{"plain.jsonl", "compressed.jsonl.zst"} {
		path := filepath.Join(t.TempDir(), name)
		if _, err := record.Rewrite(path, h, sequence(events), "end"); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".zst") {
			d, _ := zstd.NewReader(nil)
			if file, err = d.DecodeAll(file, nil); err != nil {
				t.Fatal(err)
			}
		}
		if bytes.Count(file, mark) < 1000 {
			t.Errorf("%s has only %d placeholders", name, bytes.Count(file, mark))
		}
		hunt(t, name, file)
	}
	hunt(t, "a file's name", []byte(record.FileName(h)))
}

func sequence(events []record.Event) iter.Seq2[record.Event, error] {
	return func(yield func(record.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// hunt looks for the secrets, and what can be told of their spellings, in text
// and in the base64 within it.
func hunt(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, e := range bytes.FieldsFunc(text, func(c rune) bool { return c != '=' && !base64Byte(byte(min(c, 0x7f))) }) {
		if plain, err := base64.StdEncoding.DecodeString(string(e)); err == nil {
			text = append(append(text, '\n'), plain...)
		}
	}
	plain := text
	for range 4 {
		plain = decode(bytes.ReplaceAll(plain, []byte("\\\n"), nil))
		text = append(append(text, '\n'), plain...)
	}
	text = append(append(text, '\n'), unpercent(text).said...)
	for rule, secret := range plants {
		quoted, _ := json.Marshal(secret)
		for _, form := range []string{secret, strings.Trim(string(quoted), `"`)} {
			if i := bytes.Index(text, []byte(form)); i >= 0 {
				t.Errorf("%s: %s holds %s: %.200q", rule, where, form, text[max(0, i-100):])
			}
		}
	}
}
