package imports

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wiretape/record"
)

const (
	snoopStart  = `{"session_id":"s","server_label":"l","seq":1,"ts":"2026-11-22T08:00:00Z","direction":"c2s","transport":"stdio","raw":{"jsonrpc":"2.0","id":1,"method":"ping"}}` + "\n"
	npmStart    = `{"type":"header","cassetteVersion":2,"recorder":"r","startedAt":"2026-11-22T08:00:00Z","transport":"stdio","command":["x"]}` + "\n"
	npmFrame    = `{"type":"frame","t":1,"dir":"c2s","frame":{"jsonrpc":"2.0","id":1,"method":"ping"}}` + "\n"
	porterStart = `{"jsonrpc":"2.0","id":1,"method":"ping","_meta":{"dir":"send","server":"s","ts":"2026-11-22T08:00:00Z"}}` + "\n"
	recStart    = `{"ts": 1795334400.5, "dir": "client->server", "msg": {"jsonrpc": "2.0", "id": 1, "method": "ping"}}` + "\n"
	pypiStart   = `{"format_version":2,"recorded_at":"2026-11-22T08:00:00Z","messages":[` + "\n"
	pypiMessage = `{"seq":0,"t_offset_ms":1,"sender":"client","kind":"request","payload":{"jsonrpc":"2.0","id":1,"method":"ping"}}`
	recorder    = `{"version":"1.0","metadata":{},"interactions":[` + "\n"
)

// tried opens a file with this text, and gives only the error.
func tried(t testing.TB, text string) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err == nil {
		err = f.Close()
	}
	return err
}

func TestDamage(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
		want string
	}{
		"mcpsnoop: no JSON":              {snoopStart + "\n" + "oops\n" + snoopStart, 3, "no JSON object"},
		"mcpsnoop: torn in the middle":   {snoopStart + snoopStart[:40] + "\n" + snoopStart, 2, "no JSON object"},
		"mcpsnoop: no object":            {snoopStart + "[1]\n", 2, "no JSON object"},
		"mcpsnoop: two objects in a row": {snoopStart + "{}{}\n" + snoopStart, 2, "no JSON object"},
		"mcpsnoop: no time":              {snoopStart + strings.Replace(snoopStart, "08:00", "88:00", 1), 2, `"ts" is not a time`},
		"mcpsnoop: a time of old":        {snoopStart + strings.Replace(snoopStart, "2026", "0026", 1), 2, `"ts" is not a time that can be`},
		"mcpsnoop: a label that is none": {snoopStart + strings.Replace(snoopStart, `"l"`, `7`, 1), 2, `"server_label" is not a string`},
		"npm: no frame":                  {npmStart + npmFrame + `{"type":"frame","t":1,"dir":"c2s"}` + "\n", 3, "with a message"},
		"npm: no direction":              {npmStart + strings.Replace(npmFrame, "c2s", "c2c", 1), 2, "c2s or s2c"},
		"npm: raw that is no string":     {npmStart + `{"type":"raw","t":1,"dir":"s2c","data":7}` + "\n", 2, `"data" is not a string`},
		"npm: chunks that are no list":   {npmStart + `{"type":"chunks","t":1,"dir":"s2c","chunks":7}` + "\n", 2, `"chunks" is not a list`},
		"npm: a chunk that is none":      {npmStart + `{"type":"chunks","t":1,"dir":"s2c","chunks":[7]}` + "\n", 2, "with a message"},
		"npm: a time that is none":       {npmStart + strings.Replace(npmFrame, `"t":1`, `"t":1e99`, 1), 2, `"t" is not a time that can be`},
		"npm: a version that is none":    {strings.Replace(npmStart, `:2,`, `:"2",`, 1) + npmFrame, 1, `"cassetteVersion"`},
		"mcporter: no direction":         {porterStart + strings.Replace(porterStart, "send", "sent", 1), 2, "send, recv or lifecycle"},
		"mcporter: no _meta":             {porterStart + `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n", 2, "send, recv or lifecycle"},
		"mcp-rec: no message":            {recStart + `{"ts": 1, "dir": "client->server", "msg": null}` + "\n", 2, "with a message"},
		"mcp-rec: no direction":          {recStart + `{"ts": 1, "dir": "both", "msg": {}}` + "\n", 2, "client->server or"},
		"mcp-rec: no seconds":            {recStart + `{"ts": "now", "dir": "client->server", "msg": {}}` + "\n", 2, `"ts" is not a number of seconds`},
		"mcp-rec: raw that is no string": {recStart + `{"ts": 1795334401, "dir": "server->client", "msg": {"_raw": 7, "_unparsed": true}}` + "\n", 2, `"_raw" is not a string`},
		"PyPI: torn":                     {pypiStart + pypiMessage + ",\n", 2, "ends too early"},
		"PyPI: damaged":                  {pypiStart + pypiMessage + ",\n" + `{"seq":]` + "\n]}", 3, "invalid"},
		"PyPI: more behind the end":      {pypiStart + pypiMessage + "]}\n{}\n", 3, "more behind its end"},
		"PyPI: a message that is none":   {pypiStart + pypiMessage + ",\n\n7]}", 4, "no JSON object"},
		"PyPI: no sender":                {pypiStart + pypiMessage + ",\n" + strings.Replace(pypiMessage, "client", "nobody", 1) + "]}", 3, "client or server"},
		"PyPI: no payload":               {pypiStart + strings.Replace(pypiMessage, "payload", "pay", 1) + "]}", 2, `"payload" is not there`},
		"PyPI: messages that are none":   {`{"format_version":2,"messages":{}}`, 1, `"messages" is not a list`},
		"PyPI: a date that is none":      {strings.Replace(pypiStart, "2026-", "once ", 1) + pypiMessage + "]}", 1, `"recorded_at" is not a time`},
		"mcp-recorder: torn":             {recorder + `{"type":"jsonrpc_request",` + "\n", 2, "ends too early"},
		"mcp-recorder: no request":       {recorder + `{"type":"notification","request":"x"}]}`, 2, "no JSON object"},
		"mcp-recorder: no response":      {recorder + `{"type":"jsonrpc_request","request":{},"response":[]}]}`, 2, "no JSON object"},
		"mcp-recorder: no latency":       {recorder + `{"type":"notification","request":{"method":"m"},"latency_ms":"1"}]}`, 2, `"latency_ms"`},
	} {
		t.Run(name, func(t *testing.T) {
			err := tried(t, c.text)
			damage := (*DamageError)(nil)
			if !errors.As(err, &damage) || damage.Line != c.line || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want one of line %d that says %q", err, c.line, c.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	header := `{"wiretape":1,"id":"x"}` + "\n"
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"a recording":              {header, ErrRecording},
		"a recording to come":      {`{"wiretape":9}` + "\n", ErrRecording},
		"nothing":                  {"", record.ErrEmpty},
		"white space":              {" \n\n", record.ErrEmpty},
		"text":                     {"hello\n" + snoopStart, ErrUnknown},
		"other JSON":               {`{"some":"json"}` + "\n" + snoopStart, ErrUnknown},
		"other indented JSON":      {"{\n\"some\":\n\"json\"\n}\n", ErrUnknown},
		"a list":                   {"[" + npmFrame + "]", ErrUnknown},
		"a torn line":              {snoopStart[:60], ErrUnknown},
		"a frame without a header": {npmFrame, ErrUnknown},
		"a newer npm cassette":     {strings.Replace(npmStart, ":2,", ":3,", 1) + npmFrame, ErrNewer},
		"a newer PyPI cassette":    {strings.Replace(pypiStart, ":2,", ":3,", 1) + "]}", ErrNewer},
		"a newer mcp-recorder":     {strings.Replace(recorder, "1.0", "2.0", 1) + "]}", ErrNewer},
		"a compressed other file":  {"\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00{}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			err := tried(t, c.text)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
		})
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "a folder") {
		t.Errorf("for a folder the error is %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("for no file the error is %v", err)
	}
}

func TestNothingWasSaid(t *testing.T) {
	for _, text := range []string{npmStart, pypiStart + "]}", recorder + "]}"} {
		if err := tried(t, text); err == nil || !strings.Contains(err.Error(), "in which nothing was said") {
			t.Errorf("%s: the error is %v", text, err)
		}
	}
}

// TestTornLastLine: whoever was killed in the middle of a line leaves one.
func TestTornLastLine(t *testing.T) {
	for _, start := range []string{snoopStart, npmStart + npmFrame, porterStart, recStart} {
		c := open(t, []byte(start+start[:len(start)/2])).Connections[0]
		if n := len(events(t, c)); n == 0 || !strings.Contains(strings.Join(c.Lacks, "\n"), "the last line is torn") {
			t.Errorf("%s: %d events, which lack %q", start, n, c.Lacks)
		}
		whole := open(t, []byte(strings.TrimSuffix(start, "\n"))).Connections[0]
		if strings.Contains(strings.Join(whole.Lacks, "\n"), "torn") {
			t.Errorf("%s: a last line without an end is torn", start)
		}
	}
}
