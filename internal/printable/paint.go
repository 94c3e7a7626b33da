package printable

// Style is how text is painted on a terminal.
type Style string

// The styles, as ECMA-48 numbers them. Two of them are joined by ";".
const (
	Bold     Style = "1"
	Faint    Style = "2"
	Reversed Style = "7"
	Red      Style = "31"
	Green    Style = "32"
	Yellow   Style = "33"
	Blue     Style = "34"
	Violet   Style = "35"
	Cyan     Style = "36"
)

// Paint gives text in a style, as it is if there is nothing to paint.
func Paint(how Style, text string) string {
	if how == "" || text == "" {
		return text
	}
	return "\x1b[" + string(how) + "m" + text + "\x1b[0m"
}
