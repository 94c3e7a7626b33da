package compare

import (
	"fmt"
	"strings"
	"testing"
)

// params is what a typical tools/call says, 200 bytes of it.
const params = `{"name":"search_issues","arguments":{"repository":"octo/demo","query":"is:open label:bug \"stack overflow\"",` +
	`"limit":20,"page":1,"include":["title","body"],"since":"2025-11-05"},"_meta":{"progressToken":7}}`

// large is a value of about 1 MB.
func large() string {
	return `{"content":[` + strings.Repeat(params+",", 1<<20/len(params)) + params + `]}`
}

func benched(b *testing.B, do func(value []byte)) {
	for _, text := range []string{params, large()} {
		b.Run(fmt.Sprint(len(text)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			value := []byte(text)
			for b.Loop() {
				do(value)
			}
		})
	}
}

func BenchmarkCanonical(b *testing.B) {
	var dst []byte
	benched(b, func(value []byte) { dst = Canonical(dst[:0], value, Ignore{}) })
}

func BenchmarkCanonicalIgnoring(b *testing.B) {
	drop, _ := ParsePointers("/_meta/progressToken", "/content/*/_meta")
	var dst []byte
	benched(b, func(value []byte) { dst = Canonical(dst[:0], value, Ignore{Drop: drop}) })
}

func BenchmarkDifferences(b *testing.B) {
	benched(b, func(value []byte) {
		other := append([]byte(" "), value...)
		if found := Differences(value, other, Ignore{}, 0); len(found) > 0 {
			b.Fatal(found)
		}
	})
}
