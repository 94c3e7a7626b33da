package retention

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// ParseLimits reads limits as a user writes them: ages such as 30d, sizes such
// as 2GB, several with commas between. There can be one of each.
func ParseLimits(all ...string) (Limits, error) {
	var l Limits
	for _, texts := range all {
		for text := range strings.SplitSeq(texts, ",") {
			if err := l.add(strings.TrimSpace(text)); err != nil {
				return Limits{}, err
			}
		}
	}
	return l, nil
}

// add reads one limit. What ends in B is a size: 30m are minutes.
func (l *Limits) add(text string) (err error) {
	isSize := strings.HasSuffix(strings.ToUpper(text), "B")
	isAge := text != "" && units[text[len(text)-1]] > 0
	switch {
	case !isSize && !isAge:
		return fmt.Errorf("%q is neither an age such as 30d nor a size such as 2GB", text)
	case isSize && l.Bytes > 0:
		return fmt.Errorf("%q is a second size", text)
	case isAge && l.Age > 0:
		return fmt.Errorf("%q is a second age", text)
	case isSize:
		l.Bytes, err = ParseBytes(text)
	default:
		l.Age, err = ParseAge(text)
	}
	return err
}

var units = map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// ParseAge reads an age: a whole number of minutes, hours, days or weeks (90m,
// 12h, 30d, 2w). It is more than 0.
func ParseAge(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is no age such as 30d, 12h, 2w or 90m", text)
	if text == "" {
		return 0, wrong
	}
	last := len(text) - 1
	unit, known := units[text[last]]
	n, err := strconv.ParseUint(text[:last], 10, 63)
	if !known || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, wrong
	}
	switch {
	case n == 0:
		return 0, fmt.Errorf("an age of %s would delete everything", text)
	case err != nil || n > uint64(math.MaxInt64/unit):
		return 0, fmt.Errorf("%s is longer than can be counted", text)
	}
	return time.Duration(n) * unit, nil
}

// ParseBytes reads a size: a number and a unit that ends in B (500MB, 1.5GB,
// 2GiB). It is at least 1.
func ParseBytes(text string) (int64, error) {
	n, err := humanize.ParseBytes(text)
	switch {
	case err != nil || !strings.HasSuffix(strings.ToUpper(text), "B") || strings.Contains(text, ","):
		return 0, fmt.Errorf("%q is no size such as 2GB, 500MB or 1GiB", text)
	case n == 0:
		return 0, fmt.Errorf("a size of %s would delete everything", text)
	case n > math.MaxInt64:
		return 0, fmt.Errorf("%s is larger than can be counted", text)
	}
	return int64(n), nil
}
