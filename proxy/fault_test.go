package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"tools/call:delay=2s":      {Method: "tools/call", Act: ActDelay, Delay: 2 * time.Second},
		"tools/call:delay=1m0.5s":  {Method: "tools/call", Act: ActDelay, Delay: 60_500 * time.Millisecond},
		"*:error":                  {Method: "*", Act: ActError, Code: -32603},
		"tools/*:error=-32000":     {Method: "tools/*", Act: ActError, Code: -32000},
		"ping:error=0":             {Method: "ping", Act: ActError},
		"tools/list:drop":          {Method: "tools/list", Act: ActDrop},
		"x:truncate":               {Method: "x", Act: ActTruncate},
		"x:garbage":                {Method: "x", Act: ActGarbage},
		"x:hang":                   {Method: "x", Act: ActHang},
		"x:exit":                   {Method: "x", Act: ActExit},
		"tools/call(echo):drop":    {Method: "tools/call", Name: "echo", Act: ActDrop},
		"tools/call#3:drop":        {Method: "tools/call", Nth: 3, Act: ActDrop},
		"tools/call#3+:drop":       {Method: "tools/call", Nth: 3, Onwards: true, Act: ActDrop},
		"tools/call@0.25:drop":     {Method: "tools/call", Probability: 0.25, Act: ActDrop},
		"tools/call@10%:drop":      {Method: "tools/call", Probability: 0.1, Act: ActDrop},
		"tools/call@1:drop":        {Method: "tools/call", Probability: 1, Act: ActDrop},
		"a(b)#2+@50%:error=7":      {Method: "a", Name: "b", Nth: 2, Onwards: true, Probability: 0.5, Act: ActError, Code: 7},
		"a(b:c@d#e(f)=é):delay=1h": {Method: "a", Name: "b:c@d#e(f)=é", Act: ActDelay, Delay: time.Hour},
	} {
		f, err := ParseFault(text)
		if err != nil || f != want {
			t.Errorf("ParseFault(%q) = %+v, %v", text, f, err)
		}
		if back, err := ParseFault(f.String()); err != nil || back != f {
			t.Errorf("%q became %q and then %+v, %v", text, f, back, err)
		}
	}
	if got := (Fault{Act: ActDrop}).String(); got != "*:drop" {
		t.Errorf("a fault without a method is %q", got)
	}
}

func TestFaultsThatAreNone(t *testing.T) {
	for text, wrong := range map[string]string{
		"":                               `"" is no method`,
		":drop":                          `"" is no method`,
		"tools call:drop":                `"tools call" is no method`,
		"*/call:drop":                    `"*/call" is no method`,
		"**:drop":                        `"**" is no method`,
		"tools/call":                     "there is no :ACT",
		"tools/call(echo)":               "there is no :ACT",
		"tools/call(echo:drop":           "there is no (NAME)",
		"tools/call():drop":              "there is no (NAME)",
		"tools/call(a)b:drop":            `"b" does not say which request`,
		"tools/call#:drop":               `"#" does not say`,
		"tools/call#0:drop":              `"#0" does not say`,
		"tools/call#-1:drop":             `"#-1" does not say`,
		"tools/call#+3:drop":             `"#+3" does not say`,
		"tools/call#99999999999:":        `"#99999999999" does not say`,
		"tools/call@:drop":               `"" is no probability`,
		"tools/call@0:drop":              `"0" is no probability`,
		"tools/call@101%:drop":           `"101%" is no probability`,
		"tools/call@NaN:drop":            `"NaN" is no probability`,
		"tools/call@50%#2:drop":          `"50%#2" is no probability`,
		"notifications/progress:drop":    "a notification is no request",
		"notifications/*:delay=1s":       "a notification is no request",
		"tools/call:":                    `there is no ACT ""`,
		"tools/call:crash":               `there is no ACT "crash"`,
		"tools/call:delay":               `"" is no time to be late`,
		"tools/call:delay=2":             `"2" is no time to be late`,
		"tools/call:delay=-2s":           `"-2s" is no time to be late`,
		"tools/call:delay=0s":            `"0s" is no time to be late`,
		"tools/call:error=":              `"" is no error code`,
		"tools/call:error=E":             `"E" is no error code`,
		"tools/call:error=1e400":         `"1e400" is no error code`,
		"tools/call:error=9999999999999": "is no error code",
		"tools/call:drop=":               "drop takes no value",
		"tools/call:hang=2s":             "hang takes no value",
	} {
		f, err := ParseFault(text)
		if err == nil || f != (Fault{}) {
			t.Errorf("ParseFault(%q) = %+v, %v", text, f, err)
			continue
		}
		for _, part := range []string{fmt.Sprintf("fault %q: ", text), wrong, "METHOD[(NAME)]", "truncate, garbage, hang or exit"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %v, want %s", text, err, part)
			}
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, text := range []string{
		"tools/call:delay=2s", "a(b:c@d#e(f)=é)#2+@50%:error=-7", "*@.1:garbage", "x#1:exit", "(", "a()", "a(b)):c", "a@0x1p-2:drop", "a@1e-320%:drop",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := ParseFault(text)
		if err != nil {
			if fault != (Fault{}) {
				t.Errorf("ParseFault(%q) = %+v, %v", text, fault, err)
			}
			return
		}
		if back, err := ParseFault(fault.String()); err != nil || back != fault {
			t.Errorf("ParseFault(%q) = %+v, but as %q it is %+v, %v", text, fault, fault, back, err)
		}
	})
}

// parsed gives the faults that texts stand for.
func parsed(t *testing.T, texts ...string) []Fault {
	t.Helper()
	var faults []Fault
	for _, text := range texts {
		f, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, f)
	}
	return faults
}

// drawn puts requests, each "method name", to faults, and tells which faults
// they meet, "-" for none.
func drawn(faults []Fault, seed uint64, requests ...string) string {
	lots := newLots(faults, seed)
	var met []string
	for _, request := range requests {
		method, name, _ := strings.Cut(request, " ")
		line := fmt.Sprintf(`{"id":1,"method":%q,"params":{"arguments":{"name":"other"},"name":%q}}`, method, name)
		what := "-"
		if s := draw(lots, method, []byte(line)); s != nil {
			what = s.Act.String()
		}
		met = append(met, what)
	}
	return strings.Join(met, " ")
}

func TestWhatFaultsChoose(t *testing.T) {
	for _, test := range []struct {
		faults   []string
		requests []string
		want     string
	}{
		{[]string{"tools/call:drop"}, []string{"tools/call a", "tools/list", "tools/calls", "Tools/call", "x"}, "drop - - - -"},
		{[]string{"tools/*:drop"}, []string{"tools/call a", "tools/list", "tools/", "tools", "xtools/"}, "drop drop drop - -"},
		{[]string{"*:drop"}, []string{"initialize", "x"}, "drop drop"},
		{[]string{"tools/call(a):drop"}, []string{"tools/call b", "tools/call a", "prompts/get a", "tools/call"}, "- drop - -"},
		{[]string{"*(a):drop"}, []string{"tools/call b", "tools/call a", "prompts/get a"}, "- drop drop"},
		{[]string{"x#2:drop"}, []string{"x", "y", "x", "x"}, "- - drop -"},
		{[]string{"x#2+:drop"}, []string{"x", "y", "x", "x"}, "- - drop drop"},
		{[]string{"x(a)#2:drop"}, []string{"x a", "x b", "x b", "x a", "x a"}, "- - - drop -"},
		// The first one applies, but the second counts all the same.
		{[]string{"x#1:drop", "x#2:hang", "*:error"}, []string{"x", "x", "x", "y"}, "drop hang error error"},
		{[]string{"x:drop", "x:hang"}, []string{"x", "x"}, "drop drop"},
	} {
		if got := drawn(parsed(t, test.faults...), 1, test.requests...); got != test.want {
			t.Errorf("%s: %s meet %s, want %s", test.faults, test.requests, got, test.want)
		}
	}
	if got := drawn([]Fault{{Act: ActHang}}, 0, "x", "y"); got != "hang hang" {
		t.Errorf("a fault without a method: %s", got)
	}
}

func TestChanceIsSeeded(t *testing.T) {
	requests := make([]string, 1000)
	for i := range requests {
		requests[i] = "x"
	}
	rare := parsed(t, "x@10%:drop")
	first := drawn(rare, 42, requests...)
	if again := drawn(rare, 42, requests...); again != first {
		t.Error("the same seed chose others")
	}
	if other := drawn(rare, 43, requests...); other == first {
		t.Error("another seed chose the same")
	}
	if n := strings.Count(first, "drop"); n < 60 || n > 140 {
		t.Errorf("%d of 1000 were chosen at 10%%", n)
	}
	// Other requests do not matter, nor do the other faults.
	if got := drawn(parsed(t, "x@10%:drop", "x@30%:hang"), 42, requests...); strings.ReplaceAll(got, "hang", "-") != first {
		t.Error("a second fault changed what the first one chose")
	}
	mixed := drawn(rare, 42, strings.Fields(strings.Repeat("y x ", len(requests)))...)
	if want := "- " + strings.ReplaceAll(first, " ", " - "); mixed != want {
		t.Error("other requests changed what was chosen")
	}
}

func TestSpoiledAnswersAreNoMessages(t *testing.T) {
	for _, answer := range []string{
		`{"id":1,"result":0}` + "\n", "\t" + `{"jsonrpc":"2.0","id":1,"result":{}}` + strings.Repeat(" ", 100) + "\r\n",
		strings.Repeat(" ", 100) + `{"id":1,"result":"` + strings.Repeat("é", 101) + `"}`,
	} {
		got := half([]byte(answer))
		if json.Valid(got) || bytes.Count(got, []byte("\n")) != 1 || !bytes.HasSuffix(got, []byte("\n")) || !strings.Contains(answer, string(got[:len(got)-1])) {
			t.Errorf("half of %q is %q", answer, got)
		}
	}
	for seed := range uint64(200) {
		s := &strike{seed: seed}
		got := s.junk()
		if utf8.Valid(got) || json.Valid(got) || bytes.IndexByte(got, '\n') != junkLength || len(got) != junkLength+1 {
			t.Errorf("junk %q", got)
		}
		if !bytes.Equal(got, s.junk()) || bytes.Equal(got, (&strike{seed: seed + 1}).junk()) {
			t.Errorf("junk does not depend on its seed alone")
		}
	}
}
