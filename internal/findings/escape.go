package findings

import (
	"unicode/utf8"

	"wiretape/internal/printable"
)

// What a recording holds was said by strangers. All that is printed of it goes
// through package printable or cutPair: nothing in it can move the cursor, change
// colours, or reverse the text.

// columns is how wide text is when it is escaped, at most limit.
func columns(what string, limit int) int {
	used := 0
	for len(what) > 0 && used < limit {
		_, size, wide := printable.Cell(what)
		used += wide
		what = what[size:]
	}
	return min(used, limit)
}

// cutPair cuts two texts to width columns, both at the same place, so that
// their first difference is seen with some of what stands before it.
func cutPair(a, b string, width int) (string, string) {
	if columns(a, width+1) <= width && columns(b, width+1) <= width {
		return printable.Escape(a), printable.Escape(b)
	}
	same := commonPrefix(a, b)
	if columns(a[:same], width) < width*2/3 {
		return printable.Cut(a, width), printable.Cut(b, width)
	}
	rest := max(columns(a[same:], width), columns(b[same:], width))
	from := before(a, same, max(width/3, width-1-rest))
	return "…" + printable.Cut(a[from:], width-1), "…" + printable.Cut(b[from:], width-1)
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
		_, _, wide := printable.Cell(what[at-size : at])
		if used+wide > width {
			break
		}
		used += wide
		at -= size
	}
	return at
}
