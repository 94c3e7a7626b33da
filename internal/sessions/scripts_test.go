package sessions_test

import (
	"slices"
	"testing"
)

// TestHostsSeeTheSame plays each script without wiretape, behind it, and then with the recording in the place of the
// server.
func TestHostsSeeTheSame(t *testing.T) {
	for _, s := range loadScripts(t) {
		if s.controlled() {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			without := s.begin(t, newStage(t), nil)
			on := newStage(t)
			recording := on.recording(s.Name + ".jsonl")
			with := s.begin(t, on, on.wiretape(recording))
			live := with()
			replayed := s.beginWith(t, on, slices.Concat(on.wiretape("again.jsonl"), on.replay(recording)))()
			verbatim(t, replayed, live)
			on.played(t)
			same(t, live, without())
			r := loadAll(t, []string{recording}, s.Unanswered)[0]
			if r.End.Reason != "host" {
				t.Errorf("the recording ended for %q, want \"host\"", r.End.Reason)
			}
		})
	}
}
