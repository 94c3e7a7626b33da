package redact

import (
	"fmt"
	"strings"
	"testing"

	"wiretape/record"
)

// lines are messages without secrets.
func lines() map[string]string {
	var items strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&items, `{"name":"file-%d.go","size":%d,"modified":"2026-11-22T08:00:00Z","ok":true,"path":"/srv/project/internal/part"},`, i, i*37)
	}
	text := strings.Repeat(`func main() {\n\tfmt.Println(\"hello, world\")\n}\nThe quick brown fox jumps over the lazy dog. `, 80000)
	return map[string]string{
		"small":  `{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"name":"echo","arguments":{"message":"hello, how are you today?"}}}` + "\n",
		"items":  `{"jsonrpc":"2.0","id":12,"result":{"content":[` + strings.TrimSuffix(items.String(), ",") + "]}}\n",
		"text":   `{"jsonrpc":"2.0","id":12,"result":{"content":[{"type":"text","text":"` + text + `"}]}}` + "\n",
		"base64": `{"jsonrpc":"2.0","id":12,"result":{"content":[{"type":"image","data":"` + strings.Repeat("iVBORw0KGgoAAAANSUhEUgAAAAUA/+9k", 300000) + `"}]}}` + "\n",
		"walked": `{"jsonrpc":"2.0","id":12,"result":{"content":[` + items.String() + `"\u0000"]}}` + "\n",
	}
}

func BenchmarkEvent(b *testing.B) {
	many := []string{"preset:common", "key:pin_code", "path:/params/arguments/secret_place"}
	for name, line := range lines() {
		for rules, words := range map[string][]string{"key": {"key:pin_code"}, "preset": {"preset:common"}, "learned": many, "value": {`value:\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b`}} {
			b.Run(name+"/"+rules, func(b *testing.B) {
				r := parse(b, words...)
				for i := range 100 {
					if rules == "learned" {
						r.Event(record.Event{Line: fmt.Appendf(nil, `{"pin_code":"learned-secret-%d"}`, i*7919)})
					}
				}
				e := record.Event{From: record.Target, To: record.Host, Line: []byte(line)}
				b.SetBytes(int64(len(line)))
				b.ReportAllocs()
				for b.Loop() {
					r.Event(e)
				}
			})
		}
	}
}
