package findings

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

// What a recording holds was said by strangers. All that is printed of it goes
// through escape, cut or cutPair: nothing in it can move the cursor, change
// colours, or reverse the text.

// escape writes what no terminal should see as Go would write it: control
// characters, text direction, bytes that are not UTF-8.
func escape(what string) string { return cut(what, 0) }

// cut escapes text, and ends it with "…" where it would be wider than width
// columns. A width of 0 is none.
func cut(what string, width int) string {
	var b strings.Builder
	used, fits := 0, 0 // columns used; bytes that leave room for "…"
	for len(what) > 0 {
		piece, size, columns := cell(what)
		if width > 0 && used+columns > width {
			return b.String()[:fits] + "…"
		}
		b.WriteString(piece)
		used += columns
		if used < width {
			fits = b.Len()
		}
		what = what[size:]
	}
	return b.String()
}

// cell is the first character of what as it is shown, the bytes it takes in
// what, and the columns it takes on the screen.
func cell(what string) (piece string, size, columns int) {
	if c := what[0]; c >= ' ' && c <= '~' {
		return what[:1], 1, 1
	}
	r, size := utf8.DecodeRuneInString(what)
	if r == utf8.RuneError && size == 1 {
		piece = fmt.Sprintf(`\x%02x`, what[0])
		return piece, size, len(piece)
	}
	if strconv.IsGraphic(r) {
		return what[:size], size, text.RuneWidth(r)
	}
	quoted := strconv.QuoteRune(r)
	piece = quoted[1 : len(quoted)-1]
	return piece, size, len(piece)
}

// columns is how wide text is when it is escaped, at most limit.
func columns(what string, limit int) int {
	used := 0
	for len(what) > 0 && used < limit {
		_, size, wide := cell(what)
		used += wide
		what = what[size:]
	}
	return min(used, limit)
}

// cutPair cuts two texts to width columns, both at the same place, so that
// their first difference is seen with some of what stands before it.
func cutPair(a, b string, width int) (string, string) {
	if columns(a, width+1) <= width && columns(b, width+1) <= width {
		return escape(a), escape(b)
	}
	same := commonPrefix(a, b)
	if columns(a[:same], width) < width*2/3 {
		return cut(a, width), cut(b, width)
	}
	rest := max(columns(a[same:], width), columns(b[same:], width))
	from := before(a, same, max(width/3, width-1-rest))
	return "…" + cut(a[from:], width-1), "…" + cut(b[from:], width-1)
}

// commonPrefix is how many bytes two texts begin with alike, without the
// beginning of a character that ends in two ways.
func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for k := 1; k < utf8.UTFMax && n > 0 && (continues(a, n) || continues(b, n)); k++ {
		n--
	}
	return n
}

// continues reports whether the byte at n belongs to the character before it.
func continues(what string, n int) bool { return n < len(what) && !utf8.RuneStart(what[n]) }

// before goes back from at over as many characters as fit into width columns.
func before(what string, at, width int) int {
	used := 0
	for at > 0 {
		_, size := utf8.DecodeLastRuneInString(what[:at])
		_, _, wide := cell(what[at-size : at])
		if used+wide > width {
			break
		}
		used += wide
		at -= size
	}
	return at
}
