//go:build !race

package compare

import "testing"

// The spelling of a message costs no memory but for where it is appended, and
// for what is ignored. (Under the race detector, pools forget what they hold.)
func TestAllocations(t *testing.T) {
	value := []byte(params)
	dst := make([]byte, 0, 2*len(value))
	for _, test := range []struct {
		name   string
		dst    []byte
		ignore Ignore
		most   float64
	}{
		{"nothing ignored", dst, Ignore{}, 0},
		{"no room", nil, Ignore{}, 1},
		{"one member dropped", dst, Ignore{Drop: pointers(t, "/_meta/progressToken")}, 6},
	} {
		if n := testing.AllocsPerRun(100, func() { Canonical(test.dst, value, test.ignore) }); n > test.most {
			t.Errorf("%s: Canonical allocates %v times", test.name, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Equal(value, append(dst, params...), Ignore{}) }); n > 0 {
		t.Errorf("Equal of the same bytes allocates %v times", n)
	}
}
