package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"wiretape/internal/wire"
	"wiretape/record"
)

// TestLeaks plants secrets wherever there is place for one, and searches every
// byte that reaches the disk. What the host and the server hear is not changed.
func TestLeaks(t *testing.T) {
	t.Parallel()
	// Both eras, plain and compressed, names that are generated and given.
	for modern, all := range map[bool][][]string{
		false: {{"--no-control"}, {"-o", "x.jsonl"}, {"--mode", "once", "-o", "x.jsonl.zst"}},
		true:  {{"--no-control", "-o", "x.jsonl"}, {"--control-prefix", "w_"}, {"--mode", "all", "-o", "x.jsonl", "--no-control"}},
	} {
		for _, flags := range all {
			t.Run(fmt.Sprint(modern, flags), func(t *testing.T) {
				t.Parallel()
				l := leak(modern, everything())
				s := stage(t, l, early(), append(flags, rules...)...)
				out, stderr := said(l)
				// With control tools, the answer that opens the session tells of them.
				if !slices.Contains(flags, "--no-control") {
					s.out, out = behindLine(s.out), behindLine(out)
				}
				if s.status != 0 || !bytes.Equal(s.out, out) {
					t.Errorf("status %d, the host hears\n%.5000s\nand not\n%.5000s", s.status, s.out, out)
				}
				if !bytes.Equal(s.stderr, stderr) {
					t.Errorf("on stderr is\n%.5000s\nand not\n%.5000s", s.stderr, stderr)
				}
				hunt(t, "what wiretape says", []byte(s.words))
				if n := search(t, s.root); n != 1 {
					t.Errorf("there are %d recordings", n)
				}
			})
		}
	}
}

// TestControlLeaks has secrets in calls of the control tools, and a server that
// dies.
func TestControlLeaks(t *testing.T) {
	t.Parallel()
	for _, modern := range []bool{false, true} {
		text := spellings(everything())[0]
		conversation := leak(modern, everything())[:10]
		id := 200
		call := func(tool, arguments string, server ...piece) {
			id++
			line := request(modern, id, "tools/call", `"name":"`+tool+`","arguments":{`+arguments+`}`) + "\n"
			conversation = append(conversation, turn{[]byte(line), append(server, piece{Text: []byte("what it is told is a line\n")})})
		}
		for range 2 {
			for _, tool := range []string{"wiretape_status", "wiretape_disconnect", "t", "wiretape_connect"} {
				call(tool, `"why":`+text)
				call(tool, "")
			}
			call("t", `"last":`+text, piece{[]byte(text + "\n"), true}, piece{})
			call("wiretape_connect", "")
		}
		for _, file := range []string{"x.jsonl", "x.jsonl.zst"} {
			t.Run(fmt.Sprint(modern, file), func(t *testing.T) {
				t.Parallel()
				s := stage(t, conversation, early(), append([]string{"-o", file}, rules...)...)
				hunt(t, "what wiretape says", []byte(s.words))
				if n := search(t, s.root); n != 5 || s.status != 0 {
					t.Errorf("status %d, there are %d recordings; the host heard %.9000s", s.status, n, s.out)
				}
			})
		}
	}
}

// TestFixtureLeaks makes fixtures of a recording with secrets in it: those that
// are found late are taken out of what stands before.
func TestFixtureLeaks(t *testing.T) {
	t.Parallel()
	text := everything("--env", "inherited environment") // which another process does not know
	s := stage(t, leak(false, text), text, "--no-control", "-o", "p.jsonl.zst")
	for _, file := range []string{"f.jsonl", "f.jsonl.zst"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			words := tells(t, exposed(t, root, "wiretape", append([]string{"fixture", filepath.Join(s.root, "cwd", "p.jsonl.zst"), "-o", file}, rules...)...), 0)
			hunt(t, "what wiretape says", []byte(words))
			if n := search(t, root); n != 1 {
				t.Errorf("there are %d recordings; %s", n, words)
			}
		})
	}
}

// TestRedactedReplays: a redacted recording answers a host that says the secrets.
func TestRedactedReplays(t *testing.T) {
	t.Parallel()
	for _, modern := range []bool{false, true} {
		t.Run(fmt.Sprint(modern), func(t *testing.T) {
			t.Parallel()
			s := stage(t, leak(modern, everything()), early(), append([]string{"--no-control", "-o", "x.jsonl"}, rules...)...)
			var lines []byte
			for _, said := range leak(modern, everything()) {
				if wire.Parse(said.Host).Kind != wire.Junk { // which a replay does not put up with
					lines = append(lines, said.Host...)
				}
			}
			script := filepath.Join(t.TempDir(), "host.txt")
			if err := os.WriteFile(script, lines, 0o600); err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			host := exposed(t, root, "host", script, "wiretape", "replay", filepath.Join(s.root, "cwd", "x.jsonl"), "--unused", "fail", "--report", "report.json")
			hunt(t, "what the host hears", []byte(tells(t, host, 0)))
			search(t, root)
		})
	}
}

// TestMissesLeak is about what a replay that is recorded says of values, of which it
// shows 200 bytes: the last one of a secret is one too many.
func TestMissesLeak(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := filepath.Join(t.TempDir(), "played.jsonl")
	w, err := record.Create(path, record.Header{}, record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	line := request(false, 1, "tools/call", `"name":"t","arguments":{"pin":"short"}`)
	w.Line(record.Host, record.Target, []byte(line+"\n"))
	w.Line(record.Target, record.Host, []byte(`{"jsonrpc":"2.0","id":1,"result":{}}`+"\n"))
	if _, err := w.Close("host"); err != nil {
		t.Fatal(err)
	}
	var lines string
	for _, secret := range planted {
		text := strings.Trim(string(wire.Quote(secret)), `"`)
		lines += strings.Replace(line, "short", strings.Repeat(" ", 200-len(text))+text, 1) + "\n"
	}
	script := filepath.Join(t.TempDir(), "host.txt")
	if err := os.WriteFile(script, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	host := exposed(t, root, "host", slices.Concat([]string{script, "wiretape", "run", "--replay", path, "-o", "x.jsonl", "--report", "report.json"}, rules)...)
	if words := tells(t, host, 1); strings.Count(words, "live") < len(planted) {
		t.Errorf("it misses %s", words)
	}
	search(t, root)
}

// TestRedactedVerifies: secrets are put back from the environment, and those that
// are not there are named.
func TestRedactedVerifies(t *testing.T) {
	t.Parallel()
	quoted := spellings(everything())[0]
	conversation := append(opened(false, quoted),
		talk(request(false, 2, "tools/call", `"name":"t","arguments":{"x":`+quoted+`}`)+"\n",
			`{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":`+quoted+"}]}}\n"))
	s := stage(t, conversation, early(), append([]string{"--no-control", "-o", "x.jsonl"}, rules...)...)
	recording, err := record.Load(filepath.Join(s.root, "cwd", "x.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	last := slices.IndexFunc(recording.Events, func(e record.Event) bool { return wire.Parse(e.Line).Method == "tools/call" })
	said, _ := wire.Text(wire.Get(recording.Events[last].Line, "params", "arguments", "x"))
	values := strings.Split(everything(), " , ")
	var env []string
	for i, p := range strings.Split(said, " , ") {
		name, number, _ := strings.Cut(strings.Trim(strings.TrimPrefix(p, "[redacted:"), "]"), ":")
		if number != "1" {
			name += "_" + number
		}
		env = append(env, "WIRETAPE_SECRET_"+strings.ToUpper(name)+"="+values[i])
	}
	for missing := range env {
		verify := exposed(t, s.root, "wiretape", append([]string{"verify", "x.jsonl", "--"}, serverCommand(s.server, "")...)...)
		verify.Env = append(verify.Env, slices.Delete(slices.Clone(env), missing, missing+1)...)
		name, _, _ := strings.Cut(env[missing], "=")
		if words := tells(t, verify, 2); !strings.Contains(words, "set "+name) || strings.Count(words, "WIRETAPE_SECRET_") != 1 {
			t.Errorf("without %s it says %s", name, words)
		}
	}
	verify := func(status int, answer string, format string, more ...piece) string {
		conversation[2].Server = append(more, piece{Text: []byte(`{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":` + answer + "}]}}\n")})
		writeConversation(t, s.server, conversation)
		verify := exposed(t, s.root, "wiretape", slices.Concat([]string{"verify", "--format", format, "x.jsonl", "--"}, serverCommand(s.server, ""))...)
		verify.Env = append(verify.Env, env...)
		return tells(t, verify, status)
	}
	verify(0, quoted, "text")
	for _, format := range []string{"text", "json", "junit", "sarif", "github"} {
		told := verify(1, string(wire.Quote("else "+everything())), format) + verify(2, "", format, piece{[]byte("dies of " + quoted + "\n"), true}, piece{})
		hunt(t, "what is found", []byte(told))
		if !strings.Contains(told, "else ") {
			t.Errorf("%s: it says %s", format, told)
		}
	}
}

// tells runs a command that ends with a status, and gives what it prints.
func tells(t *testing.T, command *exec.Cmd, status int) string {
	t.Helper()
	words, err := command.CombinedOutput()
	if got := command.ProcessState.ExitCode(); got != status {
		t.Errorf("%s ends with %v, not with %d: %.3000s", command.Args[1], err, status, words)
	}
	return string(words)
}

// staged is what came of a conversation through wiretape.
type staged struct {
	heard
	root   string // where everything is that was written
	server string // the file that the server has its lines from
	stderr []byte // the server's
	words  string // wiretape's own
}

// early are the secrets that are known before anything is said.
func early() string { return everything("path", "key, number") }

// stage has a host and a server converse through wiretape. The server's command
// line has a text in it.
func stage(t *testing.T, conversation []turn, text string, flags ...string) staged {
	t.Helper()
	s := staged{root: t.TempDir(), server: filepath.Join(t.TempDir(), "conversation.json")}
	writeConversation(t, s.server, conversation)
	label := "my " + planted["value"] + " " + planted["key, argument"]
	run := exposed(t, s.root, "wiretape", slices.Concat(
		[]string{"run", "--env", "DB_PASSWORD=" + planted["--env"], "--label", label}, flags, []string{"--"}, serverCommand(s.server, text))...)
	var stderr bytes.Buffer
	run.Stderr = &stderr
	s.heard = converse(t, run, conversation, !slices.Contains(flags, "--no-control"))
	for line := range bytes.Lines(stderr.Bytes()) {
		if bytes.HasPrefix(line, []byte("wiretape: ")) {
			s.words += string(line)
		} else {
			s.stderr = append(s.stderr, line...)
		}
	}
	return s
}

func writeConversation(t *testing.T, path string, conversation []turn) {
	t.Helper()
	script, _ := json.Marshal(conversation)
	if err := os.WriteFile(path, script, 0o600); err != nil {
		t.Fatal(err)
	}
}

// said is what a server says in a conversation.
func said(conversation []turn) (stdout, stderr []byte) {
	for _, said := range conversation {
		for _, p := range said.Server {
			if p.Stderr {
				stderr = append(stderr, p.Text...)
			} else {
				stdout = append(stdout, p.Text...)
			}
		}
	}
	return stdout, stderr
}

func behindLine(text []byte) []byte { return text[bytes.IndexByte(text, '\n')+1:] }

// search looks for secrets in all files below root, and in their names. It gives
// the number of recordings, in each of which there are placeholders.
func search(t *testing.T, root string) (recordings int) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		hunt(t, "the name of a file", []byte(name))
		if d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		hunt(t, name, text)
		if strings.HasSuffix(path, ".zst") {
			d, _ := zstd.NewReader(nil)
			defer d.Close()
			if text, err = d.DecodeAll(text, nil); err != nil {
				return err
			}
			hunt(t, name, text)
		}
		if strings.Contains(name, ".jsonl") {
			recordings++
			if _, err := record.Load(path); err != nil {
				return err
			}
			if n := bytes.Count(text, []byte("[redacted:")); n < len(planted) {
				t.Errorf("%s has only %d placeholders", name, n)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return recordings
}

// hunt looks for the secrets, in the ways in which they may be spelled, in a text
// and in the base64 within it.
func hunt(t *testing.T, where string, text []byte) {
	t.Helper()
	plain := text
	for range 5 {
		plain = escapes.ReplaceAllFunc(plain, unescape)
		text = append(append(text, '\n'), plain...)
	}
	for _, word := range base64Words.FindAll(text, -1) {
		if plain, err := base64.StdEncoding.DecodeString(string(word)); err == nil {
			text = append(append(text, '\n'), plain...)
		}
	}
	for rule, secret := range planted {
		quoted := wire.Quote(secret)
		for _, form := range []string{secret, strings.Trim(string(quoted), `"`), url.QueryEscape(secret), url.PathEscape(secret)} {
			// Most of a secret is as bad as all of it.
			if i := bytes.Index(text, []byte(form[:len(form)*3/4])); i >= 0 {
				t.Errorf("%s: %s holds %s: %.200q", rule, where, form, text[max(0, i-100):])
				break
			}
		}
	}
}

var (
	escapes     = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|.)`)
	base64Words = regexp.MustCompile(`[A-Za-z0-9+/]{8,}=*`)
)

// unescape gives what an escape stands for, as far as there are secrets that can be
// spelled so.
func unescape(escape []byte) []byte {
	if len(escape) == 6 {
		n, _ := strconv.ParseUint(string(escape[2:]), 16, 16)
		return []byte(string(rune(n)))
	}
	return escape[1:]
}
