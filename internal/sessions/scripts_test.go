package sessions_test

import "testing"

// TestHostsSeeTheSame plays each script without wiretape and behind it.
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
			same(t, with(), without())
			r := loadAll(t, []string{recording}, s.Unanswered)[0]
			if r.End.Reason != "host" {
				t.Errorf("the recording ended for %q, want \"host\"", r.End.Reason)
			}
		})
	}
}
