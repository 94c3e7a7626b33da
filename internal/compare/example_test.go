package compare_test

import (
	"fmt"

	"wiretape/internal/compare"
)

func ExampleCanonical() {
	mask, err := compare.ParsePointers("/_meta/progressToken")
	if err != nil {
		fmt.Println(err)
		return
	}
	params := []byte(`{"name": "add", "arguments": {"b": 2.50, "a": 1e0}, "_meta": {"progressToken": 7}}`)
	fmt.Printf("%s\n", compare.Canonical(nil, params, compare.Ignore{}))
	fmt.Printf("%s\n", compare.Canonical(nil, params, compare.Ignore{Mask: mask}))
	// Output:
	// {"_meta":{"progressToken":7},"arguments":{"a":1,"b":25e-1},"name":"add"}
	// {"_meta":{"progressToken":*},"arguments":{"a":1,"b":25e-1},"name":"add"}
}

func ExampleEqual() {
	drop, err := compare.ParsePointers("/content/*/annotations")
	if err != nil {
		fmt.Println(err)
		return
	}
	a := []byte(`{"content":[{"type":"text","text":"caf\u00e9","annotations":{"priority":1}}]}`)
	b := []byte(`{"content":[{"text":"café","type":"text"}]}`)
	fmt.Println(compare.Equal(a, b, compare.Ignore{}))
	fmt.Println(compare.Equal(a, b, compare.Ignore{Drop: drop}))
	// Output:
	// false
	// true
}

func ExampleDifferences() {
	a := []byte(`{"tools":[{"name":"add"},{"name":"echo"}],"ttl":60}`)
	b := []byte(`{"tools":[{"name":"add"},{"name":"Echo"}],"next":"x"}`)
	for _, d := range compare.Differences(a, b, compare.Ignore{}, 0) {
		fmt.Printf("%s: was %q, is %q\n", d.Pointer, d.A, d.B)
	}
	// Output:
	// /tools/1/name: was "\"echo\"", is "\"Echo\""
	// /ttl: was "60", is ""
	// /next: was "", is "\"x\""
}
