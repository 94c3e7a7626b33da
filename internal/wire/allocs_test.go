//go:build !race

package wire

import "testing"

// Looking at a message costs no memory but the name of its method. (Under the
// race detector, pools forget what they hold.)
func TestAllocations(t *testing.T) {
	for _, test := range []struct {
		line string
		most float64
	}{
		{`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hello"}]}}`, 0},
		{`{"result":{"content":[]},"jsonrpc":"2.0","id":1}`, 0},
		{`[{"id":1,"method":"ping"}]`, 0},
		{`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":"b"}}}`, 1},
	} {
		line := []byte(test.line)
		if n := testing.AllocsPerRun(100, func() { Parse(line) }); n > test.most {
			t.Errorf("Parse(%s) allocates %v times", line, n)
		}
		if n := testing.AllocsPerRun(100, func() { Peek(line) }); n > test.most {
			t.Errorf("Peek(%s) allocates %v times", line, n)
		}
	}
}
