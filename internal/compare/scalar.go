package compare

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"wiretape/internal/wire"
)

// spellString appends the string in raw with only those escapes that it needs.
func spellString(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		r, n := escaped(raw[i:])
		dst = spellRune(dst, r)
		raw = raw[i+n:]
	}
}

// The letters of the short escapes, and what they stand for.
const (
	letters  = "bfnrt"
	controls = "\b\f\n\r\t"
)

// escaped decodes the escape that raw begins with, and gives its length. What it
// gives for a surrogate that stands alone is the surrogate.
func escaped(raw []byte) (rune, int) {
	if raw[1] != 'u' {
		if i := strings.IndexByte(letters, raw[1]); i >= 0 {
			return rune(controls[i]), 2
		}
		return rune(raw[1]), 2
	}
	r := unit(raw)
	if !utf16.IsSurrogate(r) || len(raw) < 12 || raw[6] != '\\' || raw[7] != 'u' {
		return r, 6
	}
	if pair := utf16.DecodeRune(r, unit(raw[6:])); pair != utf8.RuneError {
		return pair, 12
	}
	return r, 6
}

// unit is the UTF-16 code unit that the escape \uXXXX says.
func unit(raw []byte) rune {
	n, _ := strconv.ParseUint(string(raw[2:6]), 16, 16) // jsontext has checked the digits
	return rune(n)
}

// spellRune appends r as it stands in a string. A lone surrogate stays an escape:
// no bytes of UTF-8 say the same.
func spellRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r < ' ':
		if i := strings.IndexByte(controls, byte(r)); i >= 0 {
			return append(dst, '\\', letters[i])
		}
		return fmt.Appendf(dst, `\u%04x`, r)
	case utf16.IsSurrogate(r):
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return utf8.AppendRune(dst, r)
}

// decode gives what a name says that spellString has spelled, as wire.Text does.
func decode(name []byte) string {
	if bytes.IndexByte(name, '\\') < 0 {
		return string(name)
	}
	text, _ := wire.Text(append(append([]byte{'"'}, name...), '"'))
	return text
}

// spellNumber appends the number in raw as an integer that ends in no zero and
// the power of ten it is multiplied with: 15e-1, 1e2, 7.
func spellNumber(dst, raw []byte) []byte {
	start := len(dst)
	raw, negative := bytes.CutPrefix(raw, []byte{'-'})
	if negative {
		dst = append(dst, '-')
	}
	mantissa, exponent := raw, []byte(nil)
	if i := bytes.IndexAny(raw, "eE"); i >= 0 {
		mantissa, exponent = raw[:i], raw[i+1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte{'.'})
	whole = bytes.TrimLeft(whole, "0")
	if len(whole) == 0 {
		dst = append(dst, bytes.TrimLeft(fraction, "0")...)
	} else {
		dst = append(append(dst, whole...), fraction...)
	}
	all := len(dst)
	for len(dst) > start && dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	if len(dst) == start || dst[len(dst)-1] == '-' {
		return append(dst[:start], '0')
	}
	return spellExponent(dst, exponent, all-len(dst)-len(fraction))
}

// spellExponent appends the exponent that text says, moved by some places, or
// nothing if that is 0.
func spellExponent(dst, text []byte, by int) []byte {
	text, negative := bytes.CutPrefix(text, []byte{'-'})
	text = bytes.TrimLeft(text, "+0")
	if len(text) <= 15 {
		n, _ := strconv.ParseInt("0"+string(text), 10, 64)
		if negative {
			n = -n
		}
		if n += int64(by); n != 0 {
			dst = strconv.AppendInt(append(dst, 'e'), n, 10)
		}
		return dst
	}
	// No text is as long as this exponent is large, so its sign stays.
	dst = append(dst, 'e')
	if negative {
		dst = append(dst, '-')
		by = -by
	}
	return append(dst, add(text, by)...)
}

// add gives the sum of the number in digits and by, which is the smaller one.
func add(digits []byte, by int) []byte {
	sum := append([]byte{'0'}, digits...)
	for i := len(sum) - 1; by != 0; i-- {
		by += int(sum[i] - '0')
		digit := (by%10 + 10) % 10
		sum[i] = byte('0' + digit)
		by = (by - digit) / 10
	}
	return bytes.TrimLeft(sum, "0")
}
