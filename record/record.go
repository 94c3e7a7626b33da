// Package record keeps what was said on the line between an MCP host and an
// MCP server: it writes recordings and reads them back.
//
// A recording holds one connection, from its first byte to its statistics, as
// JSON Lines: a header, one event for each line that passed, an end event. It
// is compressed with zstd unless its name says otherwise. docs/FORMAT.md is the
// specification.
//
// What the package promises:
//
//   - The bytes of the wire come back exactly: ids with their spelling, CRLF,
//     blank lines, invalid UTF-8, a last line without end.
//   - Nothing that was handed to a Writer is dropped, and a Writer never says
//     that a recording is complete when it is not.
//   - A recording that was torn or damaged gives every event that is still
//     whole, and then one *DamageError.
//   - Statistics are counted by the same code while a recording is written and
//     when it is read.
//
// Writing:
//
//	h := record.Header{ID: record.NewID(), Label: "everything", Started: time.Now()}
//	w, err := record.Create(filepath.Join(dir, record.FileName(h)), h, record.Options{})
//	…
//	w.Line(record.Host, record.Target, line)
//	summary, err := w.Close("disconnect")
//
// Reading:
//
//	r, err := record.Load(path)
//	for _, call := range r.Calls {
//		fmt.Println(call.Method, call.Latency)
//	}
//
// [Open] reads a recording of any size event by event, [File] reads those that
// are wanted, in any order, and [Rewrite] writes one anew.
package record

// Version is the version of the format that this package writes. It reads no
// later one.
const Version = 1

// Party is who said something, or whom it was said to.
type Party string

// The parties of a connection. Other names, of later versions, may be read.
const (
	Host   Party = "host"   // the MCP client side
	Target Party = "target" // the MCP server side
	Proxy  Party = "proxy"  // wiretape itself, when it spoke or was spoken to
)
