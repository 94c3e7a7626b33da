package wire

import "iter"

// Minted goes through what a server mints in a result for the host to give back:
// raw strings, each with the name of the member of params in which it comes back.
// An empty one may mean that there is none.
func Minted(result []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for name, value := range Members(result) {
			switch name {
			case "requestState", "taskId":
			case "nextCursor":
				name = "cursor"
			case "task":
				name, value = "taskId", Get(value, "taskId")
			default:
				continue
			}
			if Is(value, '"') && !yield(name, value) {
				return
			}
		}
	}
}
