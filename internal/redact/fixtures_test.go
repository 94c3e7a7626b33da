package redact

import (
	"path/filepath"
	"testing"

	"wiretape/record"
)

// TestFixtures: the preset finds nothing in what real servers and hosts said,
// for there are no secrets in it.
func TestFixtures(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/sessions/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no fixtures", err)
	}
	for _, path := range paths {
		rec, err := record.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		r := parse(t, "preset:common")
		h := r.Header(rec.Header)
		if got, want := string(h.Append(nil)), string(rec.Header.Append(nil)); got != want {
			t.Errorf("%s: the header became %s", path, got)
		}
		for _, e := range rec.Events {
			redacted := r.Event(e)
			if got, want := string(redacted.Append(nil)), string(e.Append(nil)); got != want {
				t.Errorf("%s: event %d became %.3000s", path, e.Seq, got)
			}
		}
	}
}
