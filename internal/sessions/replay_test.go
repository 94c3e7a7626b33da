package sessions_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
	"wiretape/replay"
)

// TestReplayFixtures has each recording in fixtures/sessions stand in for its server. The host that it was made with
// gets what the script wants, and the answers are the recorded ones, byte for byte.
func TestReplayFixtures(t *testing.T) {
	for _, s := range loadScripts(t) {
		if s.controlled() {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			on := newStage(t)
			recorded := s.fixtures(t)
			s.beginWith(t, on, slices.Concat(on.wiretape("again.jsonl"), on.replay(recorded...)))()
			again := loadAll(t, []string{on.recording("again.jsonl")}, s.Unanswered)[0]
			sameAnswers(t, again, load(t, recorded[0]))
			on.played(t)
		})
	}
}

// fixtures gives the paths of the script's recordings.
func (s *script) fixtures(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, name := range s.recordings() {
		paths = append(paths, fixturePath(t, name))
	}
	return paths
}

// fixturePath gives the path of a recording.
func fixturePath(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(fixtures, name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReplayControl plays the recordings of a session in which the server was disconnected and connected again to the
// same host, which calls the same control tools.
func TestReplayControl(t *testing.T) {
	for _, s := range loadScripts(t) {
		if !s.controlled() {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			on := newStage(t)
			live := s.play(t, on, on.wiretape(s.Name+".jsonl"))
			replayed := s.beginWith(t, on, append(on.replay(s.recordings()...), "--control"))()
			for i, step := range s.Steps {
				if strings.Contains(string(step.raw), `"wiretape_`) {
					live.steps[i], replayed.steps[i] = outcome{}, outcome{} // they tell of processes and times
				}
			}
			verbatim(t, replayed, live)
			on.played(t)
			// Its wants are all that can be compared with a fixture.
			s.beginWith(t, on, append(on.replay(s.fixtures(t)...), "--control"))()
			on.played(t)
		})
	}
}

// replay is the command line of a server that plays recordings.
func (s *stage) replay(recordings ...string) []string {
	return slices.Concat([]string{"wiretape", "replay"}, recordings, []string{"--unused", "fail", "--report", "report.json"})
}

// played checks the reports of the replay: the recordings had every answer, and every answer was asked for.
func (s *stage) played(t *testing.T) {
	t.Helper()
	for _, r := range s.reports(t) {
		if r.Asked == 0 || r.Failed > 0 || r.UnusedSum > 0 || r.Matched["repeated"] > 0 || len(r.Mismatched) > 0 {
			t.Errorf("the report of the replay is %+v", r)
		}
	}
}

// reports gives what the last replay reported of each connection.
func (s *stage) reports(t *testing.T) []replay.Report {
	t.Helper()
	text, err := os.ReadFile(s.recording("report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []replay.Report
	for line := range strings.Lines(string(text)) {
		var r replay.Report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		t.Fatal("the replay reported nothing")
	}
	return all
}

// sameAnswers compares what a replayed server said with what it had said, whatever the order.
func sameAnswers(t *testing.T, got, want *record.Recording) {
	t.Helper()
	missing, more := said(t, want), []string(nil)
	for _, line := range said(t, got) {
		if i := slices.Index(missing, line); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else {
			more = append(more, line)
		}
	}
	for _, line := range missing {
		t.Errorf("the replay never said %s", line)
	}
	for _, line := range more {
		t.Errorf("the replay said besides %s", line)
	}
}

// said gives the lines of the server. What the host minted is replaced by what it stands for, and the ids of what the
// server asks are left out.
func said(t *testing.T, r *record.Recording) []string {
	t.Helper()
	minted := map[string][]byte{} // by raw id, and by raw token behind a space
	var lines []string
	for _, e := range r.Events {
		m := wire.Parse(e.Line)
		switch {
		case e.Stderr:
		case e.To == record.Target && m.Kind == wire.Request:
			name := wire.Quote(m.Method + " " + plainParams(t, m.Params))
			minted[string(m.ID)], minted[" "+string(wire.Get(m.Params, "_meta", "progressToken"))] = name, name
		case e.From == record.Target:
			lines = append(lines, string(unmint(m, e.Line, minted)))
		}
	}
	return lines
}

func unmint(m wire.Message, line []byte, minted map[string][]byte) []byte {
	put := func(kind string, path ...string) {
		raw := wire.Get(line, path...)
		if name := minted[kind+string(raw)]; raw != nil && name != nil {
			line = wire.Replace(line, raw, name)
		}
	}
	switch m.Kind {
	case wire.Request:
		return wire.Replace(line, m.ID, []byte(`"asked"`))
	case wire.Response:
		put("", "id")
		put("", "result", "_meta", "io.modelcontextprotocol/subscriptionId")
	case wire.Notification:
		put(" ", "params", "progressToken")
		put("", "params", "requestId")
		put("", "params", "_meta", "io.modelcontextprotocol/subscriptionId")
	}
	return line
}

// plainParams gives params without _meta.
func plainParams(t *testing.T, params []byte) string {
	t.Helper()
	if params == nil {
		return ""
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(params, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "_meta")
	return canonical(t, members)
}
