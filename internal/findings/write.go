package findings

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Options is how a set is printed. The zero value prints without colour, for
// no terminal.
type Options struct {
	Color bool // the format "text" is painted
	Width int  // columns that lines of "text" are cut to; 0 means 120, and less than 40 means 40
}

const (
	defaultWidth = 120
	leastWidth   = 40
)

func (o Options) width() int {
	if o.Width == 0 {
		return defaultWidth
	}
	return max(o.Width, leastWidth)
}

// Formats are the names that Write knows.
var Formats = []string{"text", "json", "junit", "sarif", "github"}

// Write prints s to w. An unknown format is an error before anything is written.
func Write(w io.Writer, format string, s *Set, o Options) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var err error
	switch format {
	case "text":
		page{out, o.Color, o.width()}.set(s)
	case "json":
		err = writeJSON(out, document(s))
	case "junit":
		err = writeJUnit(out, s)
	case "sarif":
		err = writeJSON(out, sarifOf(s))
	case "github":
		writeGitHub(out, s)
	default:
		return unknown(format)
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", format, err)
	}
	return nil
}

func unknown(format string) error {
	names := slices.Clone(Formats)
	last := len(names) - 1
	return fmt.Errorf("unknown format %q: there are %s and %s", format, strings.Join(names[:last], ", "), names[last])
}
