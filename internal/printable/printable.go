// Package printable writes what strangers said such that it can be shown: nothing in
// it can move a terminal's cursor, change colours, or reverse the text. Colours are
// put on afterwards.
package printable

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Escape writes what no terminal should see as Go would write it: control
// characters, text direction, bytes that are not UTF-8.
func Escape(what string) string { return Cut(what, 0) }

// Cut escapes text, and ends it with "…" where it would be wider than width
// columns. A width of 0 is none.
func Cut(what string, width int) string {
	if harmless(what) && (width == 0 || len(what) <= width) {
		return what
	}
	var b strings.Builder
	used, fits := 0, 0 // columns used; bytes that leave room for "…"
	for len(what) > 0 {
		piece, size, columns := Cell(what)
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

// harmless reports whether every byte is one column, and shown as it is.
func harmless(what string) bool {
	for i := range len(what) {
		if what[i] < ' ' || what[i] > '~' {
			return false
		}
	}
	return true
}

// Cell gives the first character of what as it is shown, the bytes that it takes
// in what, and the columns that it takes on the screen. What must not be empty.
func Cell(what string) (piece string, size, columns int) {
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
