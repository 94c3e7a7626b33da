package findings

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestStatus(t *testing.T) {
	note := []Finding{{Rule: Latency}}
	changed := []Finding{{Rule: Latency}, {Rule: ResultChanged}}
	tests := []struct {
		name    string
		files   []File
		status  int
		summary string
	}{
		{"nothing", nil, 2, "no files were compared"},
		{"no calls", []File{{}}, 0, "1 file, 0 calls compared: all the same"},
		{"same", []File{{Calls: []Call{{}}}, {Calls: []Call{{}, {}}}}, 0, "2 files, 3 calls compared: all the same"},
		{"a note", []File{{Calls: []Call{{Findings: note}}}}, 0, "1 file, 1 call compared: all the same, 1 note"},
		{"a call", []File{{Calls: []Call{{Findings: changed}, {}}}}, 1, "1 file, 2 calls compared: 1 different in 1 file, 1 note"},
		{"no call", []File{{Findings: changed}}, 1, "1 file, 0 calls compared: 1 file different, 1 note"},
		{"a note that matters", []File{{Findings: []Finding{{Rule: Latency, Severity: Warning}}}}, 1, "1 file, 0 calls compared: 1 file different"},
		{"a warning that does not", []File{{Findings: []Finding{{Rule: ToolAdded, Severity: Note}}}}, 0, "1 file, 0 calls compared: all the same, 1 note"},
		{"breaking", []File{{Findings: []Finding{{Rule: Latency, Breaking: true}}}}, 1, "1 file, 0 calls compared: 1 file different, callers break in 1 place"},
		{"a rule of nobody", []File{{Findings: []Finding{{Rule: "x"}}}}, 1, "1 file, 0 calls compared: 1 file different"},
		{"stopped", []File{{Problem: "gone"}, {}}, 2, "2 files, 0 calls compared: 1 file could not be run to the end"},
		{
			"stopped and different", []File{{Problem: "gone"}, {Calls: []Call{{Findings: changed}}}, {Findings: changed}}, 2,
			"3 files, 1 call compared: 1 different in 2 files, 1 file could not be run to the end, 2 notes",
		},
		{"many", []File{{Calls: make([]Call, 12345)}}, 0, "1 file, 12,345 calls compared: all the same"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &Set{Files: test.files}
			if got := s.Status(); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			if got := s.tally().String(); got != test.summary {
				t.Errorf("summary %q, want %q", got, test.summary)
			}
			for i := range s.Files {
				if s.Files[i].Same() && test.status != 0 && len(s.Files) == 1 {
					t.Error("the only file is the same")
				}
			}
		})
	}
}

func TestRules(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, r := range Rules {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("the id %q is not one, or stands twice", r.ID)
		}
		seen[r.ID] = true
		if r.Text != sentence(r.Text) || len(r.Text) < 10 || r.Severity == "" {
			t.Errorf("%+v", r)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d rules", len(seen))
	}
}

func TestUnknownFormatWritesNothing(t *testing.T) {
	var out strings.Builder
	err := Write(&out, "yaml", sample(), Options{})
	if err == nil || err.Error() != `unknown format "yaml": there are text, json, junit, sarif and github` || out.Len() > 0 {
		t.Errorf("%v, written %q", err, out.String())
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorIsGiven(t *testing.T) {
	for _, format := range Formats {
		if err := Write(fullDisk{}, format, sample(), Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
		if err := Write(io.Discard, format, &Set{}, Options{}); err != nil {
			t.Errorf("%s, empty: %v", format, err)
		}
	}
}
