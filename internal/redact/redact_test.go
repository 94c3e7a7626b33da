package redact

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
)

// parse makes a Redactor of rules with white space between.
func parse(t testing.TB, words ...string) *Redactor {
	t.Helper()
	r, err := Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// said gives what becomes of a line of the host.
func said(r *Redactor, line string) string {
	return string(r.Event(record.Event{From: record.Host, To: record.Target, Line: []byte(line)}).Line)
}

// wrote gives what becomes of a line on stderr.
func wrote(r *Redactor, line string) string {
	return string(r.Event(record.Event{From: record.Target, Stderr: true, Line: []byte(line)}).Line)
}

func TestForms(t *testing.T) {
	t.Setenv("THE_SECRET", `s3cr"t/ü`)
	for _, test := range []struct{ rule, line, want string }{
		{"key:pin", `{"params":{"PIN":"x","pin2":"y"}}`, `{"params":{"PIN":"[redacted:pin:1]","pin2":"y"}}`},
		{"key:*_token", `{"a_Token":"x","token":"y"}`, `{"a_Token":"[redacted:token:1]","token":"y"}`},
		{"key:p?n", `{"a":[{"pan":"x"},{"pin":"y","pon":"x"}]}`, `{"a":[{"pan":"[redacted:p_n:1]"},{"pin":"[redacted:p_n:2]","pon":"[redacted:p_n:1]"}]}`},
		{"key:p[ai]n", `{"pan":"x","pen":"y"}`, `{"pan":"[redacted:p_ai_n:1]","pen":"y"}`},
		{"key:a/b", `{"A/b":"x"}`, `{"A/b":"[redacted:a_b:1]"}`},
		{"key:pin", `{"p\u0069n":"x"}`, `{"p\u0069n":"[redacted:pin:1]"}`},
		{"key:pin", `{"pin":1,"a":{"pin":1.0,"pin":1}}`, `{"pin":"[redacted:pin:1:json]","a":{"pin":"[redacted:pin:2:json]","pin":"[redacted:pin:1:json]"}}`},
		{"key:pin", `{"pin": {"a":1,"b":[2]},"x":{"pin":{"b":[2], "a":1.0} }}`, `{"pin": "[redacted:pin:1:json]","x":{"pin":"[redacted:pin:1:json]" }}`},
		{"key:pin", `{"pin":null,"x":{"pin":true,"pin":"","pin":[ ],"pin":{}}}`, `{"pin":null,"x":{"pin":true,"pin":"","pin":[ ],"pin":{}}}`},
		{"key:id", `{"jsonrpc":"2.0","id":"abc123","method":"m","params":{"id":"x"}}`, `{"jsonrpc":"2.0","id":"abc123","method":"m","params":{"id":"[redacted:id:1]"}}`},
		{"key:*", `[{"jsonrpc":"2.0","id":7,"method":"m","params":[1]}]`, `[{"jsonrpc":"2.0","id":7,"method":"m","params":"[redacted:secret:1:json]"}]`},
		{"key:pin", `{"pin":"Bearer abc"}`, `{"pin":"Bearer [redacted:pin:1]"}`},
		{"key:pin", `{"t":"{\"pin\": \"x\", \"n\":[1]}"}`, `{"t":"{\"pin\": \"[redacted:pin:1]\", \"n\":[1]}"}`},
		{"key:pin", `{"t":"[{\"pin\": 12}]"}`, `{"t":"[{\"pin\": \"[redacted:pin:1:json]\"}]"}`},
		{"key:pin", `{"t":"[\"{\\\"p\\u0069n\\\":\\\"x\\ny\\\"}\"]"}`, `{"t":"[\"{\\\"p\\u0069n\\\":\\\"[redacted:pin:1]\\\"}\"]"}`},
		{"key:pin", `{"t":"see {\"pin\": \"x\"} or pin=y&a=b"}`, `{"t":"see {\"pin\": \"[redacted:pin:1]\"} or pin=[redacted:pin:2]&a=b"}`},
		{"key:pin", `{"t":"see {\"a\":\"{\\\"pin\\\":\\\"x\\\"}\"}"}`, `{"t":"see {\"a\":\"{\\\"pin\\\":\\\"[redacted:pin:1]\\\"}\"}"}`},
		{"key:pin", `{"t":"a\npin: x\nthe pin: y\npin: a sentence"}`, `{"t":"a\npin: [redacted:pin:1]\nthe pin: y\npin: a sentence"}`},
		{"key:pin", `{"t":"pin == x; pin=$PIN pin=null pin= pin=${A}"}`, `{"t":"pin == x; pin=$PIN pin=null pin= pin=${A}"}`},
		{"key:pin", `{"inputSchema":{"properties":{"pin":{"type":"string","default":"x"},"n":{"default":"y"}},"required":["pin"]}}`,
			`{"inputSchema":{"properties":{"pin":{"type":"string","default":"[redacted:pin:1]"},"n":{"default":"y"}},"required":["pin"]}}`},
		{"key:user_pin", "debug --user-pin=x USER_PIN='a b' user_pin: $USER_PIN, user-pin=$x1", "debug --user-pin=[redacted:user_pin:1] USER_PIN='[redacted:user_pin:2]' user_pin: $USER_PIN, user-pin=[redacted:user_pin:3]"},
		{"path:/params/*/pin", `{"params":{"a":{"pin":"x"},"pin":"y","b":[{"pin":"z"}]}}`, `{"params":{"a":{"pin":"[redacted:pin:1]"},"pin":"y","b":[{"pin":"z"}]}}`},
		{"path:/params/1/a~1b~0", `{"params":[0,{"a/b~":"x"}]}`, `{"params":[0,{"a/b~":"[redacted:a_b:1]"}]}`},
		{"path:/params/*", `{"params":[0,"a"],"x":1}`, `{"params":["[redacted:params:1:json]","[redacted:params:2]"],"x":1}`},
		{"path:$.params.a[*].b", `{"params":{"a":[{"b":"x"},{"b":"x"}]},"b":"x"}`, `{"params":{"a":[{"b":"[redacted:b:1]"},{"b":"[redacted:b:1]"}]},"b":"x"}`},
		{"path:$..b", `{"b":"x","a":[{"b":"y","c":{"b":{"b":1}}}]}`, `{"b":"[redacted:b:1]","a":[{"b":"[redacted:b:2]","c":{"b":"[redacted:b:3:json]"}}]}`},
		{"path:$['params']..[1]['a b']", `{"params":{"x":[[0,{"a b":"x"}],0]}}`, `{"params":{"x":[[0,{"a b":"[redacted:a_b:1]"}],0]}}`},
		{"path:$.result.*", `[{"result":{"a":"x"}},{"result":["y"]}]`, `[{"result":{"a":"[redacted:result:1]"}},{"result":["[redacted:result:2]"]}]`},
		{"value:[0-9]{3}-[0-9]{4}", `{"a":"call 555-1234!","b":"555\u002d1234","555-1235":555}`, `{"a":"call [redacted:value:1]!","b":"[redacted:value:1]","[redacted:value:2]":555}`},
		{"value:user (\\w+)", `{"a":"user ann, user bob"}`, `{"a":"user [redacted:value:1], user [redacted:value:2]"}`},
		{"value:x*", `{"a":"yxxy"}`, `{"a":"y[redacted:value:1]y"}`},
		{"env:THE_SECRET", `{"a":"is s3cr\"t/ü.","s\u0033cr\u0022t\/\u00fc":1}`, `{"a":"is [redacted:the_secret:1].","[redacted:the_secret:1]":1}`},
		{"env:THE_SECRET", `{"a":"{\"b\":\"s3cr\\\"t/ü\"}","c":"?q=s3cr%22t%2F%C3%BC&"}`, `{"a":"{\"b\":\"[redacted:the_secret:1]\"}","c":"?q=[redacted:the_secret_encoded:1]&"}`},
		{"env:THE_SECRET", `{"a":"debug: \"s3cr\\\"t/ü\""}`, `{"a":"debug: \"[redacted:the_secret:1]\""}`},
	} {
		r := parse(t, test.rule)
		got := said(r, test.line+"\r\n")
		if got != test.want+"\r\n" {
			t.Errorf("%s\n    of %s\ngives %s want %s", test.rule, test.line, got, test.want)
		}
		if again := said(r, got); again != got {
			t.Errorf("%s, once more, makes of %s%s", test.rule, got, again)
		}
	}
}

// TestAssignments: what counts as a member in text that is not JSON. In each text,
// « and » stand around what is secret.
func TestAssignments(t *testing.T) {
	for _, text := range []string{
		"[default]\npin = «wJalr/+x»\nx = 1", "pin=«x»", "pin =«x»", "pin= «x»", "\tpin\t=\t«x»", "pin = «x» # mine", "pin = «x1»;", `pin = "«a b»"`, `let pin = '«a b»';`, `if x { pin := "«a b»" }`,
		"a:\n  pin: «x»\n  b: c", "  - pin: «x»", "- pin: «x» \r\n", "-\tpin: '«a b»' # mine", `  pin: "«x»",`, "\tMY-PIN: «x»", "pin:«x»", "pin: «a.b(c)»", "  pin: «a.b9(c»",
		`{pin: '«a b»', n: 1}`, `f(pin: "«x»")`, `'pin' => '«x»'`, `pin => "«x»"`, `:pin=>"«x»"`, `"pin"="«x»"`, `"pin": «x», 'pin' : '«x»'`,
		"<a><pin>«x y»</pin></a>", "run --pin «x1» now", "run --pin '«a b»'", `sh -c "run --my-pin «hunter2»"`, "run --pin=«x»", "curl -H 'pin: «x»' -H \"my-pin: Bearer «x»\"", `{"cut off":"curl -H \"pin: «x»\"`,

		"pin = a sentence", "the pin = x", "a pin: y", "pin: a sentence", "- pin: a sentence", "pin = $PIN", "  pin: ${PIN}", "pin = getenv(\"PIN\")", "pin = os.environ['PIN']", "pin = get(", "  pin = self?.pin", "  pin: z.String;", "  pin: thePIN,", "pin := thePIN", "  pin: &PIN{", "  pin: *anchor", "  pin = ':'", `pin == "x"`, `pin != "x"`, `pin === "x"`,
		"  pin: string;", "- pin: required", "pin: |", "pin = None", "<pin>", "<pin></pin>", "<pin>x</pan>", "a <pin> b", "pin>x</pin>", "run --pin $PIN", "run --pin <pin>", "--pin PIN", "use --pin to enter", "--pin --x1", "--pinx x1", "---",
		`ask("pin:", "x")`, `ask("pin: ") + " "`, `'pin: a sentence'`, `"pin: `, `pin: "`, "pin: \"\n\"", "the pin: \"a\nb\"", "'pin: $PIN'", "'pin:x'", "pin: [redacted:pin:1]", `pin: x"[redacted:pin:1]"0`, "--pin [redacted:pin:1]", "pin = '[redacted:pin:1]'",
	} {
		line := strings.NewReplacer("«", "", "»", "").Replace(text)
		want := regexp.MustCompile("«.*?»").ReplaceAllString(text, "[redacted]")
		got := regexp.MustCompile(`\[redacted:[a-z_0-9]+:[1-9]\]`).ReplaceAllString(said(parse(t, "key:pin", "key:my_pin"), line), "[redacted]")
		if want := strings.ReplaceAll(want, "[redacted:pin:1]", "[redacted]"); got != want {
			t.Errorf("of  %s\nit makes %s\nand not %s", line, got, want)
		}
	}
}

func TestWrongRules(t *testing.T) {
	t.Setenv("SHORT", "abc")
	for word, want := range map[string]string{
		"":                 "not of the form",
		"pin":              "not of the form",
		"key:":             "not of the form",
		"keys:a":           "the kinds are",
		"key:[a":           "syntax error",
		"value:(":          "missing closing",
		"env:NO_SUCH_NAME": "not set",
		"env:SHORT":        "at least 4 bytes",
		"preset:all":       "the presets are",
		"path:a":           `begins with "/" or "$"`,
		"path:$":           "a whole message",
		"path:/a~2":        "~2",
		"path:$.":          "is no name",
		"path:$a":          "neither",
		"path:$.a b":       "is no name",
		"path:$.[0]":       `"." before`,
		"path:$[-1]":       "not supported",
		"path:$[1:2]":      "not supported",
		"path:$[?@.a]":     "not supported",
		"path:$['a','b']":  "one name",
		"path:$['a":        "does not end",
		"path:$['\\n']":    `"\" goes before`,
		"path:$[0":         `"]" is missing`,
	} {
		if _, err := Parse([]string{word}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", word)) {
			t.Errorf("%s: %v, want %s", word, err, want)
		}
	}
}

// TestLearned: what a rule has found is found everywhere from then on, and in the
// same line before.
func TestLearned(t *testing.T) {
	r := parse(t, "key:pin")
	const secret = `hunter2&"z`
	for i, test := range []struct{ line, want string }{
		{`{"before":"my hunter2&\"z","pin":"hunter2&\"z"}`, `{"before":"my [redacted:pin:1]","pin":"[redacted:pin:1]"}`},
		{`{"result":{"text":"is hunter2\u0026\"z!"}}`, `{"result":{"text":"is [redacted:pin:1]!"}}`},
		{`junk hunter2&"z` + "\xff", "junk [redacted:pin:1]\xff"},
		{`{"url":"/?a=hunter2%26%22z&b"}`, `{"url":"/?a=[redacted:pin_encoded:1]&b"}`},
		{`{"basic":"dXNlcjpodW50ZXIyJiJ6"}`, `{"basic":"[redacted:pin_base64:1]"}`},
		{`{"aHVudGVyMiYieg==":1}`, `{"[redacted:pin_base64:2]":1}`},
		{`{"pin":["protocolVersion","2025-11-25"],"protocolVersion":"2025-11-25"}`, `{"pin":"[redacted:pin:2:json]","protocolVersion":"2025-11-25"}`},
		{`{"pin":"ab","x":"ab"}`, `{"pin":"[redacted:pin:3]","x":"ab"}`},
		{`{"pin":"password","password":"x"}`, `{"pin":"[redacted:pin:4]","password":"x"}`},
		{`{"pin":1234567890123,"x":[1234567890123,12345678901234],"t":"1234567890123"}`, `{"pin":"[redacted:pin:5:json]","x":["[redacted:pin:5:json]",12345678901234],"t":"[redacted:pin:5]"}`},
		{`{"pin":{"a":"deep1secret","name9":["x",{"b":"multi1line\nlast2line"}]}}`, `{"pin":"[redacted:pin:6:json]"}`},
		{`{"name9":"deep1secret last2line"}`, `{"name9":"[redacted:pin:7] [redacted:pin:8]"}`},
	} {
		if got := said(r, test.line); got != test.want {
			t.Errorf("%d: %s\nwant %s", i, got, test.want)
		}
	}
	if got := wrote(r, "login with "+secret); got != "login with [redacted:pin:1]" {
		t.Error(got)
	}
}

// TestPercent: any byte may be written as %XX, as each language has its own list.
func TestPercent(t *testing.T) {
	for secret, texts := range map[string][]string{
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCY": {"wJalrXUtnFEMI/K7MDENG%2BbPxRfiCY", "wJalrXUtnFEMI%2fK7MDENG%2bbPxRfiCY", "wJalrXUtnFEMI%2FK7MDENG+bPxRfiCY", "%77JalrXUtnFEMI/K7MDENG+bPxRfiCY"},
		"Tr0ub4dor & 3!x":                {"Tr0ub4dor%20%26%203!x", "Tr0ub4dor%20%26%203%21x", "Tr0ub4dor%20&%203!x", "Tr0ub4dor+%26+3%21x", "Tr0ub4dor+&+3!x"},
		"a+b c+d 12":                     {"a%2Bb+c%2Bd+12", "a%2bb%20c%2bd%2012", "a+b%20c+d%2012"},
		"100%41 sure":                    {"100%2541%20sure", "100%2541+sure"},
		"pässwörd1":                      {"p%C3%A4ssw%c3%b6rd1", "p%C3%A4sswörd1"},
	} {
		t.Setenv("PW", secret)
		for _, text := range texts {
			percent(t, text)
		}
	}
}

// percent finds an encoded secret in all kinds of lines.
func percent(t *testing.T, text string) {
	t.Helper()
	for _, line := range [][2]string{
		{`{"url":"/?a=`, `&c=%41%zz%"}`}, {"junk %41 ", " %2"}, {`{"t":"{\"u\":\"`, `\"}"}`}, {`{"t":"cut off {\"u\":\"`, `\",`}, {"% ", "%"},
	} {
		want := line[0] + "[redacted:pw_encoded:1]" + line[1]
		if got := said(parse(t, "env:PW"), line[0]+text+line[1]); got != want {
			t.Errorf("of %s%s%s\nit makes %s\nand not %s", line[0], text, line[1], got, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	r := parse(t, "key:pin", "key:pin_2")
	said(r, `{"pin":"[redacted:pin:7]","a":{"pin":"x","pin":1,"pin_2":"z"}}`)
	said(r, `{"pin":"x"}`)
	want := []Placeholder{
		{"[redacted:pin:8]", "WIRETAPE_SECRET_PIN_8"},
		{"[redacted:pin:9:json]", "WIRETAPE_SECRET_PIN_9"},
		{"[redacted:pin_2x:1]", "WIRETAPE_SECRET_PIN_2X"},
	}
	if got := r.Placeholders(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestHeader(t *testing.T) {
	t.Setenv("MINE", "env1value")
	r := parse(t, "preset:common", "env:MINE")
	h := record.Header{
		Label: "srv abcdef123456",
		Target: record.Endpoint{
			Command: []string{"srv", "--api-key", "abcdef123456", "--token=t0k3n-value", "-H", "X-Api-Key: zz1234567", "--header", "Authorization: Bearer qq12345678",
				"--password", "-v", `--config={"password":"deep1pass"}`, `{"secret":"whole1json"}`, "postgres://u:p4ssw0rd@db/x", "GITHUB_TOKEN=gh1234"},
			URL: "https://u:pw@h/?apikey=env1value&x", Cwd: "/home/env1value", Env: []string{"HOME", "SECRET=abc"}, Extra: []byte(`"token":"t0k3n-value"`),
		},
		Extra: []byte(`"x":"abcdef123456"`),
	}
	old := string(h.Append(nil))
	got := r.Header(h)
	want := record.Header{
		Label: "srv [redacted:api_key:1]",
		Target: record.Endpoint{
			Command: []string{"srv", "--api-key", "[redacted:api_key:1]", "--token=[redacted:token:1]", "-H", "X-Api-Key: [redacted:api_key:2]",
				"--header", "Authorization: Bearer [redacted:bearer:1]", "--password", "-v", `--config={"password":"[redacted:password:1]"}`,
				`{"secret":"[redacted:secret:1]"}`, "postgres://u:[redacted:url_password:2]@db/x", "GITHUB_TOKEN=[redacted:token:2]"},
			URL: "https://u:[redacted:url_password:1]@h/?apikey=[redacted:mine:1]&x", Cwd: "/home/[redacted:mine:1]",
			Env: []string{"HOME", "SECRET=[redacted:secret:2]"}, Extra: []byte(`"token":"[redacted:token:1]"`),
		},
		Extra: []byte(`"x":"[redacted:api_key:1]"`),
	}
	if a, b := string(got.Append(nil)), string(want.Append(nil)); a != b {
		t.Errorf("the header is\n%s\nwant\n%s", a, b)
	}
	if string(h.Append(nil)) != old {
		t.Error("the caller's header was changed")
	}
}

// TestEnvironment: what variables hold whose names a rule knows is known before it
// is said.
func TestEnvironment(t *testing.T) {
	r := parse(t, "preset:common", "key:pin")
	r.Environment([]string{"PIN=hunter2x", "GITHUB_TOKEN=gh-12345", "HOME=/home/me-12345", "AUTHORIZATION=Bearer qq12345678", "TOKEN=abc", "PASSWORD=", "ODD"})
	if len(r.Placeholders()) != 0 {
		t.Error(r.Placeholders())
	}
	if got, want := wrote(r, "gh-12345 hunter2x /home/me-12345 qq12345678 abc"), "[redacted:token:1] [redacted:pin:1] /home/me-12345 [redacted:authorization:1] abc"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestBytesStay: what is not secret stays byte for byte, and it is the caller's own
// line if nothing is.
func TestBytesStay(t *testing.T) {
	r := parse(t, "key:pin", "key:id")
	said(r, `{"pin":"hunter2"}`)
	for _, test := range [][2]string{
		{`{"a":"\ud83d\ude00\/hunter2\ud800\u00e9","n":1.50e+1,"n":9007199254740993}` + "\r\n", `{"a":"\ud83d\ude00\/[redacted:pin:1]\ud800\u00e9","n":1.50e+1,"n":9007199254740993}` + "\r\n"},
		{"\t{\"pin\" :\t\"hunter2\" , \"x\":\"\xff hunter2\xfe\"} \n", "\t{\"pin\" :\t\"[redacted:pin:1]\" , \"x\":\"\xff [redacted:pin:1]\xfe\"} \n"},
		{`{"pin":"a","pin":"b","pin":"a"}`, `{"pin":"[redacted:pin:2]","pin":"[redacted:pin:3]","pin":"[redacted:pin:2]"}`},
		{`[{"id":1,"result":{"id":1}},{"id":"hunter2","id":"x"}]`, `[{"id":1,"result":{"id":"[redacted:id:1:json]"}},{"id":"[redacted:pin:1]","id":"x"}]`},
		{`{"hunter2":{"hunter2hunter2":null}}`, `{"[redacted:pin:1]":{"[redacted:pin:1][redacted:pin:1]":null}}`},
		{`"hunter2"`, `"[redacted:pin:1]"`},
		{`{"a":"\u0068unter2`, `{"a":"[redacted:pin:1]`},
		{"", ""}, {"\n", "\n"}, {"\r\n", "\r\n"}, {"\\", "\\"}, {"{", "{"}, {`{"pin":`, `{"pin":`}, {`{"pin":"`, `{"pin":"`}, {`{"pin":"\`, `{"pin":"[redacted:pin:4]`},
	} {
		if got := said(r, test[0]); got != test[1] {
			t.Errorf("of %q\nit makes %q\nand not %q", test[0], got, test[1])
		}
	}
	line := []byte(`{"a":"nothing","pin2":[]}`)
	if got := r.Event(record.Event{Line: line}).Line; &got[0] != &line[0] {
		t.Error("a line without secrets was copied")
	}
}

// TestSecretJSON: a secret that is JSON is known as a whole, and so is what it
// holds.
func TestSecretJSON(t *testing.T) {
	t.Setenv("CREDENTIALS", `{"type":"service","key":"abc123def"}`)
	r := parse(t, "env:CREDENTIALS")
	for _, test := range [][2]string{
		{`{"a":"{\"type\":\"service\",\"key\":\"abc123def\"}"}`, `{"a":"[redacted:credentials:1]"}`},
		{`{"a":{"key":"abc123def","type":"service"}}`, `{"a":{"key":"[redacted:credentials:2]","type":"service"}}`},
		{`{"a":"{\"b\":{\"key\": \"abc123def\"}}"}`, `{"a":"{\"b\":{\"key\": \"[redacted:credentials:2]\"}}"}`},
		{`is {"type":"service","key":"abc123def"}`, `is [redacted:credentials:1]`},
		{`{"type":"service","key":"abc123def"}`, `{"type":"service","key":"[redacted:credentials:2]"}`},
	} {
		if got := said(r, test[0]); got != test[1] {
			t.Errorf("of %s\nit makes %s\nand not %s", test[0], got, test[1])
		}
	}
}

// TestParts: the secrets within secrets are known too.
func TestParts(t *testing.T) {
	r := parse(t, "preset:common")
	said(r, `{"cookie":"sid=abc123def; theme=dark","authorization":"Basic dXNlcjpwYXNzLTEyMw=="}`)
	if got, want := wrote(r, "abc123def dark pass-123 dXNlcjpwYXNzLTEyMw=="), "[redacted:cookie:2] dark [redacted:authorization:2] [redacted:authorization:1]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestLearn: with it, what stands before the place where a secret is found is
// redacted as well, and numbers are given as without.
func TestLearn(t *testing.T) {
	r := parse(t, "key:pin")
	r.Learn(record.Event{Line: []byte("echo hunter2")})
	r.Learn(record.Event{Line: []byte(`{"pin":"hunter2"}`)})
	if got := wrote(r, "echo hunter2"); got != "echo [redacted:pin:1]" || len(r.Placeholders()) != 1 {
		t.Error(got, r.Placeholders())
	}
}

// TestManySecrets: there is an end to what is searched for, not to what is
// replaced.
func TestManySecrets(t *testing.T) {
	r := parse(t, "key:pin")
	for i := range most + 10 {
		secret := fmt.Sprintf("secret-%04d", i)
		want := fmt.Sprintf(`{"pin":"[redacted:pin:%d]"}`, i+1)
		if got := said(r, `{"pin":"`+secret+`"}`); got != want {
			t.Fatal(got)
		}
	}
	if got := wrote(r, "secret-1023. secret-1024."); got != "[redacted:pin:1024]. secret-1024." {
		t.Error(got)
	}
}

// TestLinear: lines that are made to be slow are not. One that took the square of
// its length would take longer than a test may.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads many megabytes")
	}
	r := parse(t, "preset:common", "key:pin", "path:$..a..a..a..b", `value:a+b`)
	said(r, `{"pin":"aaaaaaaaaaaaaaaaaa"}`)
	said(r, `{"pin":"abcabcabc123"}`)
	units := []string{
		"eyJhbGciOi.", "sk-a ", "://a:", "pin=", "pin=$A", `"pin":'`, `"pin":'{`, `\"pin\":\"`, "pin:\n", "pin: ", `\`, `\u`, `\\u005c`, "=", ":", `":`,
		"-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "a", "aaaaaaaaaaaaaaaab ", "YWJjYWJjYWJjMTIz", "Bearer ", "[redacted:pin:1]", "[redacted:", "[redacted:pin:", "hunter2a ", "{", `"`,
		"/basic+", "-xoxe.", ".Bearer+", "--pin ", `--pin "`, "<pin>", "<pin></", "pin = ", "pin => '", "\n - pin: ", "'pin: ", `\\'pin: a`, " pin\t:=\t", "%41", "%2", "%61%62",
	}
	for _, p := range patterns {
		units = append(units, strings.Fields(p.triggers)...)
	}
	const size = 512 << 10
	for _, unit := range units {
		text := strings.Repeat(unit, size/len(unit))
		quoted := string(wire.Quote(text))
		for _, line := range []string{text, `{"x":` + quoted + `}`, `{"x":` + quoted, `{"pin":` + quoted + `}`} {
			said(r, line)
		}
	}
	for _, open := range []string{`{"a":`, `[`, `{"pin":`, `{"x":"{\"a\":`} {
		close := map[byte]string{'{': "}", '[': "]"}[open[0]]
		said(r, strings.Repeat(open, 9000)+"1"+strings.Repeat(close, 9000))
	}
}
