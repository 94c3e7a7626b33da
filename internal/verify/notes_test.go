package verify

import (
	"testing"

	"wiretape/internal/wire"
)

// A subscription may have a progress token besides: what comes by either belongs to it.
func TestNotesOfASubscription(t *testing.T) {
	by := newCallers()
	by.add(7, &call{id: []byte(`"s"`), token: []byte(`1`), listens: true})
	for _, line := range []string{
		`{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}`,
		`{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"s"}}}`,
	} {
		if n, ok := by.tokens[noteKey(wire.Parse([]byte(line)))]; n != 7 || !ok {
			t.Errorf("%s belongs to call %d, %v", line, n, ok)
		}
	}
	if n, ok := by.answered([]byte(`"s"`)); n != 7 || !ok {
		t.Errorf("%d, %v", n, ok)
	}
	if _, ok := by.answered([]byte(`"s"`)); ok {
		t.Error("it is answered twice")
	}
}
