package findings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"wiretape/internal/printable"
	"wiretape/internal/wire"
)

// row is one line of what shows how two values differ. Its text is escaped.
type row struct {
	sign byte // see below
	text string
	twin string // what the text stands against: "" if nothing like it
}

// The signs of rows.
const (
	recorded = '-'
	live     = '+'
	both     = ' '
	remark   = '@' // neither says it
)

const (
	mostRows  = 40      // of one finding
	mostBytes = 1 << 20 // of values that are laid out in lines
	mostDepth = 64      // of the same: indenting costs the square
)

// rows shows a finding's values in lines of at most width columns.
func (f *Finding) rows(width int) []row {
	switch a, b := f.Recorded, f.Live; {
	case a == nil && b == nil:
		return nil
	case b == nil:
		return few(oneSide(recorded, a, width))
	case a == nil:
		return few(oneSide(live, b, width))
	default:
		if rows := byLine(a, b, width); rows != nil {
			return few(rows)
		}
		return inline(a, b, width)
	}
}

// few leaves out what is too much to read.
func few(rows []row) []row {
	if len(rows) <= mostRows {
		return rows
	}
	left := len(rows) - (mostRows - 1)
	return append(rows[:mostRows-1:mostRows-1], row{sign: remark, text: "… " + number(left) + " more lines"})
}

// oneSide shows a value that has none on the other side.
func oneSide(sign byte, value []byte, width int) (rows []row) {
	text, ok := wire.Text(value)
	if !ok || !strings.Contains(text, "\n") {
		return []row{{sign: sign, text: printable.Cut(spell(value), width)}}
	}
	for line := range strings.Lines(text) {
		rows = append(rows, row{sign: sign, text: printable.Cut(strings.TrimSuffix(line, "\n"), width)})
	}
	return rows
}

// inline shows two values on a line each.
func inline(a, b []byte, width int) []row {
	x, y := spell(a), spell(b)
	if x == y {
		x, y = string(a), string(b) // such as two lone surrogates
	}
	x, y = cutPair(x, y, width)
	return []row{{recorded, x, y}, {live, y, x}}
}

// spell writes strings without the escapes that they can do without, and
// everything else as it stands.
func spell(value []byte) string {
	if text, ok := wire.Text(value); ok {
		return string(wire.Quote(text))
	}
	return string(value)
}

// byLine shows two values line by line: strings of which one has several, and
// objects or arrays that do not fit on one. It gives nil for all others, and if
// their lines are the same.
func byLine(a, b []byte, width int) []row {
	x, y, ok := layOut(a, b, width)
	if !ok || x == y {
		return nil
	}
	unified := diff.Diff("", []byte(x), "", []byte(y))
	lines := strings.Split(strings.TrimSuffix(string(unified), "\n"), "\n")
	const head = 3 // lines that name the files
	if len(lines) <= head {
		return nil
	}
	var rows []row
	for _, line := range lines[head:] {
		if r := rowOf(line); r.sign != remark || r.text != "" {
			rows = append(rows, r)
		}
	}
	cutRows(rows, width)
	return rows
}

// layOut gives the lines of two values, if they are of a kind that has any. A
// string that holds JSON is taken for what it holds.
func layOut(a, b []byte, width int) (x, y string, ok bool) {
	if len(a)+len(b) > mostBytes {
		return "", "", false
	}
	fit := columns(string(a), width+1) <= width && columns(string(b), width+1) <= width
	x, isText := wire.Text(a)
	y, areTexts := wire.Text(b)
	if isText && areTexts {
		if strings.Contains(x+y, "\n") {
			x, y = endLines(x, y)
			return x, y, true
		}
		a, b = []byte(x), []byte(y)
	}
	if fit || !bothAre('{', a, b) && !bothAre('[', a, b) {
		return "", "", false
	}
	if x, ok = indent(a); ok {
		y, ok = indent(b)
	}
	return x, y, ok
}

func bothAre(kind byte, a, b []byte) bool { return wire.Is(a, kind) && wire.Is(b, kind) }

// endLines ends the last lines of two texts if both are without an end: that is
// no difference.
func endLines(x, y string) (string, string) {
	if strings.HasSuffix(x, "\n") || strings.HasSuffix(y, "\n") {
		return x, y
	}
	return x + "\n", y + "\n"
}

// indent lays out JSON, if it is JSON and not too deep.
func indent(value []byte) (string, bool) {
	var b bytes.Buffer
	if depth(value) > mostDepth || json.Indent(&b, value, "", "  ") != nil {
		return "", false
	}
	b.WriteByte('\n')
	return b.String(), true
}

// depth is how deep JSON is nested, or more if there are brackets in its strings.
func depth(value []byte) int {
	now, most := 0, 0
	for _, c := range value {
		switch c {
		case '{', '[':
			now++
		case '}', ']':
			now--
		}
		most = max(most, now)
	}
	return most
}

// rowOf reads a line of a unified diff. That it begins with the first line needs
// no remark.
func rowOf(line string) row {
	switch {
	case strings.HasPrefix(line, "@@"):
		var from int
		if _, err := fmt.Sscanf(line, "@@ -%d", &from); err != nil || from <= 1 {
			return row{sign: remark}
		}
		return row{sign: remark, text: "… line " + number(from)}
	case strings.HasPrefix(line, `\`):
		return row{sign: remark, text: "(no line end)"}
	}
	return row{sign: line[0], text: line[1:]}
}

// cutRows cuts the rows of a diff to width. Where as many lines come as go, each
// stands against one of the others.
func cutRows(rows []row, width int) {
	for len(rows) > 0 {
		gone := run(rows, recorded)
		come := run(rows[gone:], live)
		if gone == come {
			pair(rows[:gone], rows[gone:gone+come], width)
		} else {
			cutEach(rows[:gone+come], width)
		}
		rows = rows[gone+come:]
		rest := min(len(rows), 1)
		cutEach(rows[:rest], width)
		rows = rows[rest:]
	}
}

func cutEach(rows []row, width int) {
	for i := range rows {
		rows[i].text = printable.Cut(rows[i].text, width)
	}
}

func pair(as, bs []row, width int) {
	for i := range as {
		as[i].text, bs[i].text = cutPair(as[i].text, bs[i].text, width)
		as[i].twin, bs[i].twin = bs[i].text, as[i].text
	}
}

// run is how many rows of a sign stand first.
func run(rows []row, sign byte) int {
	n := 0
	for n < len(rows) && rows[n].sign == sign {
		n++
	}
	return n
}
