package redact

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// commonKeys are names, without "_", "-" and the like, and in lower case.
var commonKeys = map[string]string{
	"authorization": "authorization", "proxyauthorization": "authorization", "xauthorization": "authorization",
	"apikey": "api_key", "xapikey": "api_key", "apitoken": "api_token", "xapitoken": "api_token", "apisecret": "api_secret",
	"token": "token", "accesstoken": "access_token", "refreshtoken": "refresh_token", "idtoken": "id_token",
	"authtoken": "auth_token", "xauthtoken": "auth_token", "bearertoken": "bearer_token", "bottoken": "bot_token",
	"sessiontoken": "session_token", "securitytoken": "security_token", "xamzsecuritytoken": "security_token",
	"csrftoken": "csrf_token", "xcsrftoken": "csrf_token", "personalaccesstoken": "access_token",
	"password": "password", "passwd": "password", "passphrase": "passphrase", "userpassword": "password", "dbpassword": "password",
	"secret": "secret", "clientsecret": "client_secret", "secretkey": "secret_key", "secretaccesskey": "secret_key",
	"awssecretaccesskey": "secret_key", "awssessiontoken": "session_token", "signingsecret": "secret", "webhooksecret": "secret",
	"privatekey": "private_key", "sshkey": "private_key", "encryptionkey": "encryption_key",
	"cookie": "cookie", "setcookie": "cookie", "session": "session", "sessionid": "session", "sid": "session", "mcpsessionid": "session",
	"credential": "credentials", "credentials": "credentials", "codeverifier": "code_verifier", "accesskey": "access_key",
	"connectionstring": "connection_string",
}

// commonClues are texts one of which stands in each name that commonKey knows, with
// or without something between its words; "sid" is told by what follows it.
var commonClues = append([]string{
	"auth", "token", "passw", "secret", "cookie", "session", "credential", "verifier", "connection",
	`sid"`, `sid'`, `sid\`, "sid=", "sid:", "sid ", "sid\t", "sid>",
}, apart("api key", "private key", "ssh key", "encryption key", "access key", "pass phrase", "pass word", "pass wd")...)

// apart gives all spellings of names of two words.
func apart(names ...string) []string {
	var all []string
	for _, name := range names {
		for _, between := range [...]string{"", "_", "-", ".", " "} {
			all = append(all, strings.ReplaceAll(name, " ", between))
		}
	}
	return all
}

// commonVariable matches the names that variables of the environment have.
var commonVariable = regexp.MustCompile(`^[A-Z0-9_]+_(TOKEN|PASSWORD|PASSWD|SECRET|API_KEY|SECRET_KEY|PRIVATE_KEY|ACCESS_KEY)$`)

var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// commonKey tells how a value is named whose name the preset knows.
func commonKey(name string) string {
	if len(name) > longestName {
		return ""
	}
	if found := commonKeys[separators.Replace(strings.ToLower(name))]; found != "" {
		return found
	}
	if m := commonVariable.FindStringSubmatch(name); m != nil {
		return strings.ToLower(m[1])
	}
	return ""
}

// pattern is the shape of a secret.
type pattern struct {
	name     string
	triggers string // texts with spaces between, one of which it begins with
	shape    string // a regular expression from there; its group is the secret
	before   string // what must not stand before it: "w" letters and digits, "-", "."
	holds    func(secret []byte) bool
	likely   func(text []byte) bool // tells from what follows whether to try, where trying each of many triggers would take long
	re       *regexp.Regexp
}

// patterns are the shapes that the preset knows. If two match, the later one
// gives the name.
var patterns = []pattern{
	{name: "aws_key", triggers: "AKIA ASIA ABIA ACCA", shape: `[A-Z0-9]{20}\b`, before: "w"},
	{name: "github_token", triggers: "ghp_ gho_ ghu_ ghs_ ghr_", shape: `gh[pousr]_[A-Za-z0-9]{30,}`, before: "w"},
	{name: "github_token", triggers: "github_pat_", shape: `github_pat_[A-Za-z0-9_]{22,}`, before: "w"},
	{name: "gitlab_token", triggers: "glpat-", shape: `glpat-[A-Za-z0-9_.-]{20,}`, before: "w"},
	{name: "slack_token", triggers: "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.", shape: `xox[abeoprs][.-][A-Za-z0-9.-]{10,}`, before: "w", holds: digit},
	{name: "slack_token", triggers: "xapp-", shape: `xapp-[0-9]+-[A-Za-z0-9-]{10,}`, before: "w"},
	{name: "slack_webhook", triggers: "hooks.slack.com/services/", shape: `hooks\.slack\.com/services/([A-Za-z0-9/]{20,})`},
	{name: "openai_key", triggers: "sk-", shape: `sk-[A-Za-z0-9_-]{20,}`, before: "w-", holds: digit},
	{name: "anthropic_key", triggers: "sk-ant-", shape: `sk-ant-[A-Za-z0-9_-]{20,}`, before: "w-", holds: digit},
	{name: "google_key", triggers: "AIza", shape: `AIza[A-Za-z0-9_-]{35}`, before: "w-"},
	{name: "google_token", triggers: "ya29.", shape: `ya29\.[A-Za-z0-9_-]{20,}`, before: "w"},
	{name: "stripe_key", triggers: "sk_live_ sk_test_ rk_live_ rk_test_", shape: `[rs]k_(?:live|test)_[A-Za-z0-9]{16,}`, before: "w"},
	{name: "npm_token", triggers: "npm_", shape: `npm_[A-Za-z0-9]{36}\b`, before: "w"},
	{name: "jwt", triggers: "eyJ", shape: `eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}`, before: "w-."},
	{name: "private_key", triggers: "-----BEGIN", shape: `-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z0-9 ]{0,40}-----|[\s\S]*)`},
	{name: "bearer", triggers: "Bearer bearer BEARER", shape: `(?i:bearer)[ +]+([A-Za-z0-9._~+/-]{8,}=*)`, before: "w", holds: opaque},
	{name: "basic", triggers: "Basic basic BASIC", shape: `(?i:basic)[ +]+([A-Za-z0-9+/]{6,}=*)`, before: "w", likely: pair},
	{name: "url_password", triggers: "://", shape: "://[^\\s/?#@:\"'<>\\\\]*:([^\\s/?#@\"'<>\\\\]+)@"},
}

// digit reports whether a token has one; names of classes and the like do not.
func digit(token []byte) bool { return strings.ContainsAny(string(token), "0123456789") }

// opaque reports whether a token is more than a word.
func opaque(token []byte) bool { return digit(token) || len(token) >= 24 }

// pair reports whether behind "Basic" a user and a password stand, or the first
// of what may be longer.
func pair(text []byte) bool {
	text = text[len("basic"):]
	token := bytes.TrimLeft(text, " +")
	if len(token) == len(text) {
		return false
	}
	to := 0
	for to < min(len(token), 512) && base64Byte(token[to]) && token[to] != '=' && token[to] != '-' && token[to] != '_' {
		to++
	}
	_, _, ok := basic(string(token[:to]))
	return ok
}

// compiled gives the patterns ready for use. Most commands need none.
var compiled = sync.OnceValue(func() []pattern {
	for i, p := range patterns {
		patterns[i].re = regexp.MustCompile(`\A` + p.shape)
	}
	return patterns
})

// addCommon adds the preset.
func (r *Redactor) addCommon() {
	if r.rules.preset {
		return
	}
	r.rules.preset = true
	for _, text := range commonClues {
		r.vault.search.add(needle{text: text, kind: clue})
	}
	all := compiled()
	for i := range all {
		p := &all[i]
		for text := range strings.FieldsSeq(p.triggers) {
			r.vault.search.add(needle{text: text, name: p.name, kind: trigger, pattern: p})
		}
	}
}

// find looks whether the pattern matches where its trigger stands. If it does, but
// that is no secret, it still gives where.
func (p *pattern) find(text []byte, at int) (span, bool) {
	if at > 0 && p.follows(text[at-1]) || p.likely != nil && !p.likely(text[at:]) {
		return span{}, false
	}
	m := p.re.FindSubmatchIndex(text[at:])
	if m == nil {
		return span{}, false
	}
	from, to := group(m)
	s := span{from: at + from, to: at + to, name: p.name}
	return s, p.holds == nil || p.holds(text[s.from:s.to])
}

// follows reports whether a token does not begin behind c.
func (p *pattern) follows(c byte) bool {
	if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' {
		return strings.HasPrefix(p.before, "w")
	}
	return (c == '-' || c == '.') && strings.IndexByte(p.before, c) >= 0
}
