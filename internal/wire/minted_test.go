package wire

import (
	"fmt"
	"strings"
	"testing"
)

func TestMinted(t *testing.T) {
	for result, want := range map[string]string{
		`{"tools":[],"nextCursor":"2"}`:                           `cursor "2"`,
		`{"nextCursor":""}`:                                       `cursor ""`,
		`{"nextCursor":null,"taskId":7,"task":"t"}`:               ``,
		`{"task":{"status":"working","taskId":"t"}}`:              `taskId "t"`,
		`{"taskId":"t","requestState":"s","x":{"taskId":"none"}}`: `taskId "t" requestState "s"`,
		`[{"taskId":"t"}]`:                                        ``,
		``:                                                        ``,
	} {
		var got []string
		for name, raw := range Minted([]byte(result)) {
			got = append(got, fmt.Sprintf("%s %s", name, raw))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("in %s is minted %v, want %s", result, got, want)
		}
	}
}
