package redact

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_9"

var letters = strings.Repeat("aB3dE5gH", 20)

// TestPatterns: what the preset's patterns must match (all of it), and must not.
func TestPatterns(t *testing.T) {
	a := letters
	for name, test := range map[string]struct{ yes, no []string }{
		"aws_key": {
			[]string{"AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"},
			[]string{"AKIA", "AKIAIOSFODNN7EXAMPL", "AKIAIOSFODNN7EXAMPLE1", "xAKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example"},
		},
		"github_token": {
			[]string{"ghp_" + a[:36], "gho_" + a[:36], "ghu_" + a[:36], "ghs_" + a[:36], "ghr_" + a[:76], "github_pat_" + a[:22] + "_" + a[:59]},
			[]string{"ghp_short", "ghx_" + a[:36], "my_ghp_" + a[:36], "github_pat_", "github_pattern_matcher_for_everything"},
		},
		"gitlab_token": {[]string{"glpat-" + a[:20]}, []string{"glpat-x", "glpath-" + a[:20]}},
		"slack_token": {
			[]string{"xoxb-123456789012-" + a[:24], "xoxp-1-" + a[:20], "xapp-1-A012-345-" + a[:20], "xoxe.xoxp-1-" + a[:20], strings.Repeat("xoxb-", 200) + "1"},
			[]string{"xoxb-", "xox-1-abcdefghijk", "xoxb-the-bot-token-prefix", "foxoxb-1234567890123"},
		},
		"slack_webhook": {[]string{"T00000000/B00000000/" + a[:24]}, []string{"hooks.slack.com/services/"}},
		"anthropic_key": {[]string{"sk-ant-api03-" + a[:95]}, []string{"sk-ant-", "sk-ant-api-key-goes-right-here", "task-ant-" + a[:30]}},
		"openai_key": {
			[]string{"sk-" + a[:48], "sk-proj-" + a[:100], "sk-svcacct-" + a[:30]},
			[]string{"sk-", "sk-folding-cube-container-x", "task-1234567890-1234567890-x", "risk-" + a[:30], "sk-123"},
		},
		"google_key":   {[]string{"AIza" + a[:35]}, []string{"AIza" + a[:20], "xAIza" + a[:35]}},
		"google_token": {[]string{"ya29." + a[:40]}, []string{"ya29.x"}},
		"stripe_key":   {[]string{"sk_live_" + a[:24], "rk_test_" + a[:24]}, []string{"sk_live_x", "task_live_" + a[:24]}},
		"npm_token":    {[]string{"npm_" + a[:36]}, []string{"npm_config_registry", "npm_" + a[:40]}},
		"jwt": {
			[]string{jwt, "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", jwt + ".12345.67890"},
			[]string{"eyJhbGciOiJIUzI1NiJ9", "eyJ.a.b", "keyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"},
		},
		"private_key": {
			[]string{"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nMIIEabc", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nx\n-----END PGP PRIVATE KEY BLOCK-----"},
			[]string{"-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----"},
		},
		"bearer": {
			[]string{a[:30], "abcdefgh1", "ab.cd_ef~gh+ij/12=="},
			[]string{"token", "authentication", "realm=", "for-authorization", "abc1", "resource_metadata="},
		},
		"basic": {[]string{"dXNlcjpwYXNz", "dTpwYXNzdw==", strings.Repeat("dXNlcjpwYXNz", 100)}, []string{"authentication", "auth", "realm="}},
		"url_password": {
			[]string{"s3cret", "p%40ss", "x:y"},
			[]string{},
		},
	} {
		before := map[string]string{"bearer": "use Bearer ", "basic": "or basic ", "url_password": "https://user:", "slack_webhook": "https://hooks.slack.com/services/"}[name]
		after := map[string]string{"url_password": "@host/"}[name]
		for _, secret := range test.yes {
			matches(t, name, before, secret, after)
		}
		for _, secret := range test.no {
			matchesNot(t, before+secret+after)
		}
	}
	for _, text := range []string{"https://host:8080/@x", "https://user@host/", "http://a/b:c@d", "mailto:a@b", "see http://[::1]:80/ and a@b"} {
		matchesNot(t, text)
	}
}

// matches puts a secret into some surroundings.
func matches(t *testing.T, name, before, secret, after string) {
	t.Helper()
	for _, around := range [][2]string{{"", ""}, {"see ", " now"}, {"(", ")"}, {`"`, `"`}} {
		if name == "private_key" && around[0] != "" && !strings.Contains(secret, "-----END") {
			continue
		}
		text := around[0] + before + secret + after + around[1]
		want := around[0] + before + "[redacted:" + name + ":1]" + after + around[1]
		if got := string(parse(t, "preset:common").document([]byte(text))); got != want {
			t.Errorf("of %s\nit makes %s\nand not %s", text, got, want)
		}
	}
}

func matchesNot(t *testing.T, text string) {
	t.Helper()
	if got := string(parse(t, "preset:common").document([]byte(text))); got != text {
		t.Errorf("of %s, which is no secret, it makes %s", text, got)
	}
}

func TestCommonKeys(t *testing.T) {
	for _, name := range append(slices.Collect(maps.Keys(commonKeys)),
		"Authorization", "api_key", "apikey", "apiKey", "X-Api-Key", "token", "access_token", "accessToken", "refresh_token",
		"password", "passwd", "secret", "client_secret", "private_key", "privateKey", "cookie", "Set-Cookie", "session", "session_id", "sid",
		"GITHUB_TOKEN", "OPENAI_API_KEY", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY", "credentials", "code_verifier", "connectionString", "API Key",
	) {
		line := `{"params":{"` + name + `":"a b"}}`
		if got := said(parse(t, "preset:common"), line); !strings.HasPrefix(got, `{"params":{"`+name+`":"[redacted:`) || strings.Contains(got, "a b") {
			t.Errorf("of %s it makes %s", line, got)
		}
	}
	for _, name := range []string{
		"progressToken", "nextCursor", "cursor", "requestState", "taskId", "id", "key", "keys", "tokens", "max_tokens", "maxTokens", "nextPageToken",
		"keyword", "author", "method", "name", "uri", "sessions", "secretary", "tokenizer", "PATH", "TOKEN_COUNT", "public_key",
	} {
		line := `{"params":{"` + name + `":"a b","` + name + `":12,"_meta":{"` + name + `":"c"}}}`
		if got := said(parse(t, "preset:common"), line); got != line {
			t.Errorf("of %s it makes %s", line, got)
		}
	}
}

// TestSpelledApart: nothing but its name need tell that a member is secret, whatever
// stands between its words.
func TestSpelledApart(t *testing.T) {
	words := regexp.MustCompile(`proxy|authorization|auth|api|access|refresh|session|security|bearer|bot|amz|csrf|personal|token|user|db|pass|word|wd|phrase|client|secret|aws|signing|webhook|private|ssh|encryption|key|set|cookie|mcp|sid|id|credentials?|code|verifier|connection|string|x`)
	for name := range commonKeys {
		parts := words.FindAllString(name, -1)
		if strings.Join(parts, "") != name {
			t.Errorf("%s has words that this test does not know", name)
		}
		for _, between := range []string{"", "_", "-", ".", " "} {
			told(t, strings.Join(parts, between))
		}
	}
}

// told has a value of this name found wherever it may stand.
func told(t *testing.T, name string) {
	t.Helper()
	texts := []string{`{"` + name + `":"a b"}`, `{"` + strings.ToUpper(name) + `" : "a b"}`}
	if !strings.Contains(name, " ") {
		texts = append(texts, name+"='a b'", name+" = 'a b'", name+"\t=\t'a b'", "{'"+name+"': 'a b'}", "<"+name+">a b</"+name+">", "--"+name+" 'a b'", "-H '"+name+": ab'")
	}
	for _, text := range texts {
		if got := said(parse(t, "preset:common"), text); strings.Contains(got, "a b") || !strings.Contains(got, "[redacted:") {
			t.Errorf("of %s it makes %s", text, got)
		}
	}
}

// TestSpared: the preset leaves alone what a session cannot do without, whatever
// shape it has.
func TestSpared(t *testing.T) {
	key := "ghp_" + letters[:36]
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":"` + key + `","method":"` + jwt + `"}`,
		`[{"jsonrpc":"2.0","id":"` + key + `","result":{}}]`,
		`{"id":1,"result":{"nextCursor":"` + jwt + `","requestState":"token=` + jwt + `","taskId":"` + key + `","x":{"taskId":"{\"token\":\"` + key + `\"}"}}}`,
		`{"id":1,"method":"m","params":{"_meta":{"progressToken":"` + jwt + `"},"cursor":"` + jwt + `","requestId":"` + key + `"}}`,
		`{"id":1,"result":{"tools":[{"name":"t","inputSchema":{"properties":{"token":{"type":"string"},"password":{"anyOf":[{"type":"null"}]}},"required":["token"]}}]}}`,
	} {
		if line = strings.ReplaceAll(line, `{\"token\":`, `{\"t\":`); said(parse(t, "preset:common"), line) != line {
			t.Errorf("of %s it makes %s", line, said(parse(t, "preset:common"), line))
		}
	}
}

// TestLinesOfPrivateKey: on stderr a key comes line by line.
func TestLinesOfPrivateKey(t *testing.T) {
	r := parse(t, "preset:common")
	var got strings.Builder
	for _, line := range []string{
		"loading\n", "key: -----BEGIN RSA PRIVATE KEY-----\n", "Proc-Type: 4,ENCRYPTED\n", "\n", "MIIEabcdefgh\r\n", "x=\n", "-----END RSA PRIVATE KEY-----\n",
		"done\n", "-----BEGIN PRIVATE KEY-----\n", "MIIEabcdefgh\n", "an error: none\n", "MIIEzz\n", "-----BEGIN CERTIFICATE-----\n", "MIIEyy\n",
	} {
		got.WriteString(wrote(r, line))
	}
	p := func(n string) string { return "[redacted:private_key:" + n + "]" }
	want := "loading\nkey: " + p("1") + "\n" + p("2") + "\n\n" + p("3") + "\r\n" + p("4") + "\n" + p("5") + "\ndone\n" + p("6") + "\n" + p("3") + "\nan error: none\nMIIEzz\n-----BEGIN CERTIFICATE-----\nMIIEyy\n"
	if got.String() != want {
		t.Errorf("it makes\n%s\nwant\n%s", got.String(), want)
	}
}

// TestLoggedPrivateKey: before each line of a key a log writes the same, but for digits.
func TestLoggedPrivateKey(t *testing.T) {
	for _, prefix := range []string{"2026-11-22 20:05:%d INFO [main] ", "%d: ", "%d|", "[srv] "} {
		r := parse(t, "preset:common")
		var got, want strings.Builder
		for i, line := range [][2]string{
			{"-----BEGIN RSA PRIVATE KEY-----", "[redacted:private_key:1]"}, {"Proc-Type: 4,ENCRYPTED", "[redacted:private_key:2]"}, {"", ""}, {"MIIEabcdefgh", "[redacted:private_key:3]"}, {"x=", "[redacted:private_key:4]"},
			{"-----END RSA PRIVATE KEY-----", "[redacted:private_key:5]"}, {"MIIE", "MIIE"},
			{"-----BEGIN PRIVATE KEY-----", "[redacted:private_key:6]"}, {"MIIEabcdefgh", "[redacted:private_key:3]"}, {"not a key", "not a key"}, {"MIIE", "MIIE"},
		} {
			before := strings.ReplaceAll(prefix, "%d", strconv.Itoa(i+7))
			got.WriteString(wrote(r, before+line[0]+"\r\n"))
			want.WriteString(before + line[1] + "\r\n")
		}
		if got.String() != want.String() {
			t.Errorf("it makes\n%s\nwant\n%s", got.String(), want.String())
		}
	}
}
