package wire

import (
	"fmt"
	"strings"
	"testing"
)

// benched gives lines of a size as the servers of the Go and the TypeScript SDK
// say them: with the id first, and with the id last.
func benched(size int) (first, last []byte) {
	text := strings.Repeat("all work and no play makes a dull line\\n", size/40+1)[:size-100]
	result := `"result":{"content":[{"type":"text","text":"` + strings.TrimRight(text, `\`) + `"}]}`
	first = []byte(`{"jsonrpc":"2.0","id":12345,` + result + "}\n")
	last = []byte(`{` + result + `,"jsonrpc":"2.0","id":12345}` + "\n")
	return first, last
}

func BenchmarkParse(b *testing.B) { bench(b, func(line []byte) { Parse(line) }) }

func BenchmarkPeek(b *testing.B) { bench(b, func(line []byte) { Peek(line) }) }

func BenchmarkValid(b *testing.B) { bench(b, func(line []byte) { Valid(line[:len(line)-1]) }) }

func bench(b *testing.B, look func([]byte)) {
	for _, size := range []int{200, 10 << 20} {
		first, last := benched(size)
		b.Run(fmt.Sprintf("%d/id first", size), func(b *testing.B) { repeat(b, first, look) })
		b.Run(fmt.Sprintf("%d/id last", size), func(b *testing.B) { repeat(b, last, look) })
	}
}

func repeat(b *testing.B, line []byte, look func([]byte)) {
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		look(line)
	}
}

func BenchmarkRequest(b *testing.B) {
	line := []byte(`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"echo","arguments":{"message":"hello"}}}` + "\n")
	repeat(b, line, func(line []byte) { Parse(line) })
}
