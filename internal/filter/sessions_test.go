package filter_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/filter"
	"wiretape/internal/wire"
	"wiretape/record"
)

// writeLines writes the first events of a recording.
func writeLines(t *testing.T, path string, r *record.Recording, events int) {
	part := *r
	part.Events = r.Events[:events]
	var text bytes.Buffer
	if _, err := part.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// everyRecording gives the sessions and the vectors of the format.
func everyRecording(t testing.TB) (paths []string) {
	for _, pattern := range []string{"sessions/*.jsonl", "format/*.jsonl", "format/*.jsonl.zst", "scripts/recordings/*.jsonl"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "fixtures", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("there are no fixtures/%s: %v", pattern, err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// choose gives nil if nothing can be read.
func choose(t *testing.T, path string, words ...string) *filter.Choice {
	t.Helper()
	f, err := filter.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	choice, _ := f.Choose(path)
	return choice
}

// TestEveryRecording holds, for each word that could fit anything in a recording,
// what is true of all words.
func TestEveryRecording(t *testing.T) {
	chosen := int64(0)
	for _, path := range everyRecording(t) {
		r, _ := record.Load(path)
		if r == nil || len(r.Events) == 0 {
			continue
		}
		if all := choose(t, path); int(all.Len()) != len(distinct(r.Events)) {
			t.Errorf("%s: of %d events, %d are chosen without words", path, len(r.Events), all.Len())
		}
		chosen += checkWords(t, path, r)
	}
	if chosen == 0 {
		t.Error("nothing was ever chosen")
	}
}

// checkWords gives how many events the words chose.
func checkWords(t *testing.T, path string, r *record.Recording) (chosen int64) {
	words := wordsFor(r)
	for i, word := range words {
		with, without := choose(t, path, word), choose(t, path, "-"+word)
		both := choose(t, path, word, words[(i*7+1)%len(words)])
		chosen += with.Len()
		checkCounts(t, path, word, r, with)
		checkTogether(t, path+" "+word, r, with)
		checkTogether(t, path+" -"+word, r, without)
		for _, e := range r.Events {
			with, without := with.Has(e.Seq), without.Has(e.Seq)
			if !with && !without || with && without && isCall(&e) && fitsCallsOnly(word) {
				t.Errorf("%s: event %d is chosen by %s: %v, by -%s: %v", path, e.Seq, word, with, word, without)
			}
			if both.Has(e.Seq) && !with {
				t.Errorf("%s: event %d is chosen by %s only with another word", path, e.Seq, word)
			}
		}
	}
	return chosen
}

func distinct(events []record.Event) map[int64]bool {
	seqs := make(map[int64]bool)
	for _, e := range events {
		seqs[e.Seq] = true
	}
	return seqs
}

// isCall reports whether an event is a single request or response.
func isCall(e *record.Event) bool {
	kind := wire.Parse(e.Line).Kind
	return !e.Stderr && (kind == wire.Request || kind == wire.Response)
}

// fitsCallsOnly reports whether a word never fits a notification.
func fitsCallsOnly(word string) bool {
	key, value, _ := strings.Cut(word, ":")
	return key == "tool" || key == "id" || key == "is" && value != "notification" && value != "batch"
}

// wordsFor gives words that may fit something in a recording.
func wordsFor(r *record.Recording) []string {
	words := []string{
		"from:host", "from:target", "from:proxy", "is:error", "is:request", "is:response", "is:notification", "is:junk", "is:stderr",
		"is:unanswered", "is:batch", "method:*/list", "method:notifications/*", "tool:*e*", "a", "ERROR", `""` + `name":"`, "id:1", `id:"1"`,
	}
	for _, call := range r.Calls {
		words = append(words, "method:"+call.Method, "id:"+string(call.ID))
		if call.Tool != "" {
			words = append(words, "tool:"+call.Tool)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// checkTogether sees that requests and their responses are chosen together. In
// a batch, what was not wanted comes along.
func checkTogether(t *testing.T, what string, r *record.Recording, c *filter.Choice) {
	batches := make(map[int64]bool)
	for _, e := range r.Events {
		batches[e.Seq] = wire.Parse(e.Line).Kind == wire.Batch
	}
	for _, call := range r.Calls {
		if call.Response == 0 || batches[call.Response] {
			continue
		}
		if c.Has(call.Request) != c.Has(call.Response) {
			t.Errorf("%s: of %+v only one is chosen", what, call)
		}
	}
}

// checkCounts compares what is chosen with the calls of the recording.
func checkCounts(t *testing.T, path, word string, r *record.Recording, c *filter.Choice) {
	key, value, _ := strings.Cut(word, ":")
	for _, call := range r.Calls {
		fits := false
		switch {
		case key == "tool" && !strings.Contains(value, "*"):
			fits = call.Tool == value
		case key == "method" && !strings.Contains(value, "*"):
			fits = call.Method == value
		case word == "is:error":
			fits = call.Error
		case word == "is:unanswered":
			fits = call.Response == 0 && call.To != record.Proxy
		}
		if fits && !c.Has(call.Request) {
			t.Errorf("%s: %s does not choose %+v", path, word, call)
		}
	}
}
