package compare

import (
	"strings"
	"testing"
)

func TestCanonicalStrings(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{`""`, `""`},
		{`"\u0061\u00e9\u00E9\u20ac"`, `"aéé€"`},
		{`"\/ / \" \\ \u0022\u005c\u002f"`, `"/ / \" \\ \"\\/"`},
		{`"\b\f\n\r\t\u0008\u000c\u000A\u000d\u0009"`, `"\b\f\n\r\t\b\f\n\r\t"`},
		{`"\u0000\u001F\u007f"`, `"\u0000\u001f` + "\x7f" + `"`},
		{`"\uD83D\ude00😀"`, `"😀😀"`},
		{`"\ud800"`, `"\ud800"`},
		{`"\uD800x"`, `"\ud800x"`},
		{`"\udc00\ud800"`, `"\udc00\ud800"`},
		{`"\ud83d\ud83d\ude00"`, `"\ud83d😀"`},
		{`"\ud800\u0041\ud800\\udc00"`, `"\ud800A\ud800\\udc00"`},
		{`"\ufffd` + "\ufffd" + `"`, "\"\ufffd\ufffd\""},
		{"\"\\u0061\xff\xed\xa0\x80\"", "\"a\xff\xed\xa0\x80\""},
	} {
		canonical(t, test.value, test.want)
		canonical(t, `{`+test.value+`:0}`, `{`+test.want+`:0}`)
	}
}

func TestCanonicalNumbers(t *testing.T) {
	nines, zeros := strings.Repeat("9", 40), strings.Repeat("0", 40)
	for _, test := range []struct {
		want   string
		values []string
	}{
		{`0`, []string{`-0`, `0.0`, `-0.00`, `0e5`, `0E-` + nines, `-0e+00`}},
		{`1`, []string{`1.0`, `1e0`, `10e-1`, `0.1e1`, `1E+0`, `1e-0`, `0.001e3`, `1.000`, `1e000`}},
		{`-15e-1`, []string{`-1.5`, `-1.50`, `-15E-01`, `-0.15e+1`}},
		{`12e2`, []string{`1200`, `1.2e3`, `1200.0`, `120000e-2`}},
		{`105`, []string{`105.0`, `1.05e2`, `0.00105e5`}},
		{`1e-1`, []string{`0.1`, `0.10`, `0.01e1`}},
		{`9007199254740993`, []string{`9007199254740993.0`, `9.007199254740993e15`}},
		{`9007199254740992`, []string{`9007199254740992000e-3`}},
		{`123e-42`, []string{`0.` + zeros[1:] + `123`, `0.000123e-36`}},
		// Where an exponent becomes too long to be reckoned with as an int64.
		{`1e999999999999999`, []string{`0.1e1000000000000000`, `10e999999999999998`, `0.01e0001000000000000001`}},
		{`1e1000000000000000`, []string{`10e999999999999999`, `0.1e1000000000000001`}},
		{`1e-1000000000000000`, []string{`0.1e-999999999999999`, `10e-1000000000000001`, `1e-01000000000000000`}},
		{`1e-999999999999999`, []string{`10e-1000000000000000`}},
		{`1e` + nines, []string{`1E+00` + nines, `10e` + nines[1:] + `8`, `0.1e1` + zeros}},
		{`1e-` + nines, []string{`1E-00` + nines, `0.1e-` + nines[1:] + `8`, `10e-1` + zeros}},
		{`1e1` + zeros, []string{`10e` + nines, `0.1e1` + zeros[1:] + `1`}},
	} {
		canonical(t, test.want, test.want)
		for _, value := range test.values {
			canonical(t, value, test.want)
		}
	}
}
