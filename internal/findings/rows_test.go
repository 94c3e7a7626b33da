package findings

import (
	"strings"
	"testing"
)

// TestRows shows each pair of values in 40 columns.
func TestRows(t *testing.T) {
	quote := func(lines ...string) string { return `"` + strings.Join(lines, `\n`) + `"` }
	deep := strings.Repeat("[", mostDepth+1)
	undeep := strings.Repeat("]", mostDepth+1)
	tests := []struct {
		name, recorded, live string
		want                 []string
	}{
		{"numbers", `1`, `2`, []string{"- 1", "+ 2"}},
		{"absent", ``, `null`, []string{"+ null"}},
		{"gone", `{"a":1}`, ``, []string{`- {"a":1}`}},
		{"neither", ``, ``, nil},
		{"kinds", `"1"`, `1`, []string{`- "1"`, `+ 1`}},
		{"needless escapes", `"caf\u00e9"`, `"cafe"`, []string{`- "café"`, `+ "cafe"`}},
		{"lone surrogates", `"\ud800"`, `"\udc00"`, []string{`- "\ud800"`, `+ "\udc00"`}},
		{"controls", `"\u001b[2J"`, `"\u202e"`, []string{`- "\u001b[2J"`, `+ "\u202e"`}},
		{"no JSON", "\x1b\xff", `{`, []string{`- \x1b\xff`, `+ {`}},
		{"lines", quote("a", "b", "c"), quote("a", "B", "c"), []string{"  a", "- b", "+ B", "  c"}},
		{"lines against one", `"a"`, quote("a", "b"), []string{"  a", "+ b"}},
		{"a last line end", quote("a", "b"), quote("a", "b", ""), []string{"  a", "- b", "@ (no line end)", "+ b"}},
		{"returns", quote("a\\r", "b"), quote("a", "b"), []string{`- a\r`, "+ a", "  b"}},
		{"lines that look like a diff", quote("--- a", "@@ -1 @@"), quote("--- a", `\\ x`), []string{"  --- a", "- @@ -1 @@", `+ \ x`}},
		{
			"far apart", quote("1", "2", "3", "4", "5", "6", "7", "8", "9", "x"), quote("y", "2", "3", "4", "5", "6", "7", "8", "9", "z"),
			[]string{"- 1", "+ y", "  2", "  3", "  4", "@ … line 7", "  7", "  8", "  9", "- x", "+ z"},
		},
		{"lines of which there is one side", quote("a", "", "b"), ``, []string{"- a", "- ", "- b"}},
		{
			"an object that does not fit", `{"name":"search","description":"Finds notes"}`, `{"name":"search","description":"Finds all"}`,
			[]string{"  {", `    "name": "search",`, `-   "description": "Finds notes"`, `+   "description": "Finds all"`, "  }"},
		},
		{
			"JSON in a string", `"{\"name\":\"search\",\"text\":\"some words\"}"`, `"{\"name\":\"search\",\"text\":\"other\"}"`,
			[]string{"  {", `    "name": "search",`, `-   "text": "some words"`, `+   "text": "other"`, "  }"},
		},
		{"JSON in a string, which fits", `"{\"a\":1}"`, `"{\"a\":2}"`, []string{`- "{\"a\":1}"`, `+ "{\"a\":2}"`}},
		{"too deep", deep + undeep, deep + "1" + undeep, []string{"- …" + strings.Repeat("[", 13) + strings.Repeat("]", 25) + "…", "+ …" + strings.Repeat("[", 13) + "1" + strings.Repeat("]", 24) + "…"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := Finding{Recorded: bytesOf(test.recorded), Live: bytesOf(test.live)}
			var got []string
			for _, r := range f.rows(40) {
				got = append(got, string(r.sign)+" "+r.text)
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func bytesOf(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

func TestRowsAreFew(t *testing.T) {
	f := Finding{Recorded: []byte(`"` + strings.Repeat(`line\n`, 1000) + `"`)}
	rows := f.rows(40)
	if last := rows[len(rows)-1]; len(rows) != mostRows || last.text != "… 961 more lines" {
		t.Errorf("%d rows, the last %+v", len(rows), last)
	}
}

// TestLargeValues takes a minute if something takes the square of the time.
func TestLargeValues(t *testing.T) {
	same := strings.Repeat(`word \"and\" word\n`, 300_000)
	f := Finding{Recorded: []byte(`"` + same + `a"`), Live: []byte(`"` + same + `b"`)}
	rows := f.rows(40)
	if len(rows) != 2 || !strings.HasSuffix(rows[0].text, `a"`) || !strings.HasSuffix(rows[1].text, `b"`) {
		t.Errorf("%+v", rows)
	}
}
