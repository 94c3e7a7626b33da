package redact

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"

	"github.com/go-json-experiment/json/jsontext"
)

// valid reports whether text is JSON, with white space around it and bytes that
// are no UTF-8 allowed, that is more than one number or word.
func valid(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && bytes.IndexByte([]byte(`{["`), text[0]) >= 0 &&
		jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func FuzzEvent(f *testing.F) {
	rules := []string{"preset:common", "key:p?n", "path:$.a..b[1]", "path:/c/*", "value:[0-9]{3}-[0-9]{4}"}
	h, events := planted()
	for _, e := range events[:60] {
		f.Add([]byte(e.Line), e.Stderr)
	}
	f.Add(h.Append(nil), false)
	for _, line := range []string{
		`{"a":{"b":[1,{"pin":"\ud800","pon":1e5}]},"c":[1,"x",{}],"token":"Bearer 555-1234","t":"{\"pin\":\"\\u0041\"}"}`,
		`password=\"abc\\\"def\" pin: "x\`, `{"cookie":"a=b1b1b1; c=d2d2d2","x":"b1b1b1 d2d2d2 YjFiMWIx"}`, "[redacted:pin:1] pin=[redacted:pin:2] \\u", `"pin=1"`, `{"\u0070in":{"x":12345678901234},"12345678901234":12345678901234}`,
		`-----BEGIN PRIVATE KEY-----`, `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_9 https://a:b@c`, `{"pin":"hunter2\n"}hunter2`,
		"a:\n  - pin: 'x y' # z\n\tpin = q1;\n", `f(pin: "x", 'pin' => 'y', "pin"="z", pin := "q")`, `<pin>x y</pin> run --pin 'a b' --pin x1 -H "pin: z"`, `{"a":"{\"x\":\"--pin \\\"a b\\\"`, "pin=hunter2/3 hunter2%2f3 %68unter2/3%",
	} {
		f.Add([]byte(line), false)
	}
	f.Fuzz(func(t *testing.T, line []byte, stderr bool) {
		r := parse(t, rules...)
		e := record.Event{From: record.Target, Line: line, Stderr: stderr}
		old := string(line)
		got := r.Event(e).Line
		if string(line) != old {
			t.Fatal("the caller's line was changed")
		}
		thorough := parse(t, rules...)
		thorough.rules.always = true
		if all := thorough.Event(e).Line; !bytes.Equal(all, got) {
			t.Errorf("of %q\nit makes %q\nand if it reads all %q", line, got, all)
		}
		body, eol := wire.Cut(got)
		if was, end := wire.Cut(line); string(end) != string(eol) || valid(was) && !valid(body) || wire.Valid(was) && valid(was) && !wire.Valid(body) {
			t.Errorf("of %q\nit makes %q", line, got)
		}
		for _, again := range []*Redactor{r, parse(t, rules...)} {
			again.open = nil
			e.Line = got
			if twice := again.Event(e).Line; !bytes.Equal(twice, got) {
				t.Errorf("of %q\nit makes %q\nand of that %q", line, got, twice)
			}
		}
		filled, err := Fill(got, func(string) (string, bool) { return "1", true })
		if err != nil || valid(body) && !valid(filled) {
			t.Errorf("of %q\nit makes %q\nfilled %q, %v", line, got, filled, err)
		}
	})
}

// FuzzSearch compares the search with looking for each needle.
func FuzzSearch(f *testing.F) {
	f.Add("some text with needles\x00needle", "needle text with needles")
	f.Add("AAAAAAAAA", "AAAA aaaa AAAAA")
	f.Fuzz(func(t *testing.T, text, words string) {
		var s search
		want := make(map[string]int)
		for word := range strings.FieldsSeq(words) {
			if _, ok := want[word]; len(word) >= window && !ok {
				s.add(needle{text: word})
				want[word] = 0
			}
		}
		got := make(map[string]int)
		for word := range want {
			for at := range len(text) {
				if strings.HasPrefix(text[at:], word) {
					want[word]++
				}
			}
			got[word] = 0
		}
		for at, n := range s.all([]byte(text)) {
			if !strings.HasPrefix(text[at:], n.text) {
				t.Errorf("%q is not at %d of %q", n.text, at, text)
			}
			got[n.text]++
		}
		for word, n := range want {
			if got[word] != n {
				t.Errorf("%q stands %d times in %q, not %d times", word, n, text, got[word])
			}
		}
	})
}

// FuzzSecret plants a secret that is known, spelled in some way, in every kind of
// place: it must be gone.
func FuzzSecret(f *testing.F) {
	f.Add("hunter2", "before ", " after", uint8(0))
	f.Add("\"&0\xdd", " ", "\"", uint8(0))
	f.Add("p\"q\\r1/\n", `{"x":"`, `"}`, uint8(5))
	f.Add("2/hunter2", " ", "?", uint8(9))
	f.Fuzz(func(t *testing.T, secret, before, after string, way uint8) {
		quoted, _ := json.Marshal(secret)
		if secret = ""; json.Unmarshal(quoted, &secret) != nil || !worthy(secret) || len(secret) > longest || strings.Contains(before+secret+after+string(mark), secret+"\x00") || overlaps(secret) {
			t.Skip()
		}
		r := parse(t, "key:pin")
		source, _ := json.Marshal(map[string]string{"pin": secret})
		if bytes.Contains([]byte(said(r, string(source))), []byte(secret)) && !strings.Contains(`{"pin":"[redacted:pin:1]"}`, secret) {
			t.Fatalf("the source still holds %q", secret)
		}
		text := before + secret + after
		line, _ := json.Marshal(map[string]string{"x": text})
		if way&1 != 0 {
			line, _ = json.Marshal(map[string]string{"x": string(line)})
		}
		if way&2 != 0 {
			line = []byte(strings.ReplaceAll(string(line), "1", `\u0031`))
		}
		if way&4 != 0 {
			line = append(line, "junk"...)
		}
		if way&8 != 0 {
			line = []byte(strings.ReplaceAll(strings.ReplaceAll(string(line), "2", "%32"), "/", "%2f"))
		}
		got := said(r, string(line)+"\n")
		plain := []byte(got)
		for range 4 {
			if bytes.Contains(plain, []byte(secret)) || bytes.Contains(unpercent(plain).said, []byte(secret)) {
				t.Fatalf("of %s it makes %s, which holds %q", line, got, secret)
			}
			plain = decode(plain)
		}
	})
}

// overlaps reports whether a placeholder, or what this test writes, may hold the
// secret.
func overlaps(secret string) bool {
	return strings.Contains(secret, "redacted") || strings.Contains(secret, "pin") || len(strings.Trim(secret, `\"{}:,[]x0123456789u `)) < 2 || strings.Contains(secret, `\`)
}
