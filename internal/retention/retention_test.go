package retention_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wiretape/internal/retention"
	"wiretape/record"
)

const day = 24 * time.Hour

var now = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// tapes is a folder of recordings.
type tapes struct {
	*testing.T
	dir string
}

func newTapes(t *testing.T) tapes { return tapes{t, t.TempDir()} }

// add makes a recording that began and was written some time ago; a torn one
// has no end event. All have the same size.
func (t tapes) add(name string, ago time.Duration, torn bool) record.Info {
	t.Helper()
	h := record.Header{Version: record.Version, ID: name, Session: "session of " + name, Started: now.Add(-ago)}
	events := `{"seq":1,"at":0,"event":"end","reason":"host","statistics":{}}`
	if torn {
		events = `{"seq":1,"at":0,"from":"host","to":"target","raw":"` + strings.Repeat("x", len(events)-len(`{"seq":1,"at":0,"from":"host","to":"target","raw":""}`)) + `"}`
	}
	path := t.path(name)
	if err := os.WriteFile(path, append(append(h.Append(nil), '\n'), events+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return t.age(name, ago)
}

// age sets when a recording was written to last, and looks at it.
func (t tapes) age(name string, ago time.Duration) record.Info {
	t.Helper()
	if err := os.Chtimes(t.path(name), now.Add(-ago), now.Add(-ago)); err != nil {
		t.Fatal(err)
	}
	info, err := record.Stat(t.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func (t tapes) path(name string) string { return filepath.Join(t.dir, name+".jsonl") }

// left gives the names of the files that are there.
func (t tapes) left() string {
	t.Helper()
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".jsonl"))
	}
	return strings.Join(names, " ")
}

func names(infos []record.Info) string {
	var all []string
	for _, i := range infos {
		all = append(all, i.Header.ID)
	}
	return strings.Join(all, " ")
}

// told sums up what a sweep says that it deleted.
func told(r retention.Result) string {
	var all []string
	for _, d := range r.Deleted {
		all = append(all, fmt.Sprintf("%s:%d", d.Header.ID, d.Why))
	}
	return strings.Join(all, " ")
}

// knows reports whether the system tells who writes to a file in t's folder.
func (t tapes) knows() bool {
	torn := t.add("probe", 30*day, true)
	result := retention.Sweep{Limits: retention.Limits{Age: day}, Now: now}.Run([]record.Info{torn})
	_ = os.Remove(torn.Path)
	return len(result.Deleted) == 1
}

// TestKnowsWriters is for those systems that promise it.
func TestKnowsWriters(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "windows" {
		t.Skip("on this system it cannot be known who writes to a file")
	}
	if !newTapes(t).knows() {
		t.Skip("the file system of the tests does not tell who writes to a file")
	}
}

func TestLimits(t *testing.T) {
	size := newTapes(t).add("x", 0, false).Size
	for _, test := range []struct {
		name string
		retention.Sweep
		deleted, left string
	}{
		{"none", retention.Sweep{}, "", "a b c d"},
		{"age", retention.Sweep{Limits: retention.Limits{Age: 2 * day}}, "a:1 b:1", "c d"},
		{"just old enough", retention.Sweep{Limits: retention.Limits{Age: 4 * day}}, "", "a b c d"},
		{"size", retention.Sweep{Limits: retention.Limits{Bytes: 3 * size}}, "a:2", "b c d"},
		{"a byte too much", retention.Sweep{Limits: retention.Limits{Bytes: 3*size - 1}}, "a:2 b:2", "c d"},
		{"size that is not reached", retention.Sweep{Limits: retention.Limits{Bytes: 4 * size}}, "", "a b c d"},
		{"both", retention.Sweep{Limits: retention.Limits{Age: 3 * day, Bytes: 2 * size}}, "a:1 b:2", "c d"},
		{"everything", retention.Sweep{Limits: retention.Limits{Bytes: 1}}, "a:2 b:2 c:2 d:2", ""},
		{"dry run", retention.Sweep{Limits: retention.Limits{Age: 3 * day, Bytes: 2 * size}, DryRun: true}, "a:1 b:2", "a b c d"},
		{"spared", retention.Sweep{Limits: retention.Limits{Age: 3 * day, Bytes: 2 * size}, Spare: func(r record.Info) bool {
			return r.Header.Session == "session of a"
		}}, "b:2 c:2", "a d"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tapes := newTapes(t)
			infos := []record.Info{tapes.add("c", 2*day, false), tapes.add("a", 4*day, false), tapes.add("d", 0, false), tapes.add("b", 3*day, false)}
			order := names(infos)
			test.Now = now
			result := test.Run(infos)
			if told(result) != test.deleted || tapes.left() != test.left {
				t.Errorf("deleted %q, left %q; want %q, %q", told(result), tapes.left(), test.deleted, test.left)
			}
			left := 4 - len(result.Deleted)
			if result.Left != left || result.Bytes != int64(left)*size || result.InUse != nil || result.Failed != nil {
				t.Errorf("%+v", result)
			}
			if names(infos) != order {
				t.Errorf("the caller's recordings are in another order: %s", names(infos))
			}
		})
	}
}

// TestTorn has recordings that have no end, and that nobody writes to.
func TestTorn(t *testing.T) {
	knows := newTapes(t).knows()
	for _, torn := range []bool{false, true} {
		tapes := newTapes(t)
		infos := []record.Info{tapes.add("old", 10*day, true), tapes.add("recent", 10*day, true)}
		infos[1] = tapes.age("recent", retention.Settled-time.Second)
		result := retention.Sweep{Limits: retention.Limits{Bytes: 1}, Now: now, Torn: torn}.Run(infos)
		want := "recent"
		if !torn && !knows {
			want = "old recent"
		}
		if tapes.left() != want || names(result.InUse) != want {
			t.Errorf("torn %v: %q is left, %q is in use; want %q", torn, tapes.left(), names(result.InUse), want)
		}
	}
}

// TestLive has recordings that are being written, by a session which has said
// nothing for weeks.
func TestLive(t *testing.T) {
	for _, ending := range []string{".jsonl", ".jsonl.zst"} {
		tapes := newTapes(t)
		path := filepath.Join(tapes.dir, "live"+ending)
		w, err := record.Create(path, record.Header{Started: now.Add(-60 * day)}, record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sweep := retention.Sweep{Limits: retention.Limits{Age: day, Bytes: 1}, Now: now}
		for _, sweep.Torn = range []bool{false, tapes.knows()} {
			if err := os.Chtimes(path, now.Add(-50*day), now.Add(-50*day)); err != nil {
				t.Fatal(err)
			}
			info, err := record.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if result := sweep.Run([]record.Info{info}); len(result.InUse) != 1 || result.Left != 1 {
				t.Fatalf("%s, torn %v: %+v", ending, sweep.Torn, result)
			}
		}
		w.Line(record.Host, record.Target, []byte("{}\n"))
		if _, err := w.Close("host"); err != nil {
			t.Errorf("the writer was disturbed: %v", err)
		}
		info, err := record.Stat(path)
		if err != nil || info.End == nil {
			t.Fatal(info, err)
		}
		if result := sweep.Run([]record.Info{info}); len(result.Deleted) != 1 {
			t.Errorf("%s: once it has ended: %+v", ending, result)
		}
	}
}

// TestEndThatIsOpen has an end event, and a writer that has not closed the file.
func TestEndThatIsOpen(t *testing.T) {
	tapes := newTapes(t)
	if !tapes.knows() {
		t.Skip("it cannot be known who writes to a file")
	}
	info := tapes.add("a", 2*day, false)
	f, err := os.OpenFile(info.Path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	result := retention.Sweep{Limits: retention.Limits{Age: day}, Now: now, Torn: true}.Run([]record.Info{info})
	if names(result.InUse) != "a" || tapes.left() != "a" {
		t.Errorf("%+v", result)
	}
}

// TestReplaced has a file that is another by the time it would be deleted, and
// one that is gone.
func TestReplaced(t *testing.T) {
	tapes := newTapes(t)
	infos := []record.Info{tapes.add("gone", 4*day, false), tapes.add("longer", 4*day, false), tapes.add("newer", 4*day, false)}
	if err := os.Remove(tapes.path("gone")); err != nil {
		t.Fatal(err)
	}
	tapes.add("newer", 3*day, false)
	f, err := os.OpenFile(tapes.path("longer"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("{}\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	result := retention.Sweep{Limits: retention.Limits{Age: day}, Now: now}.Run(infos)
	if tapes.left() != "longer newer" || names(result.InUse) != "longer newer" || result.Deleted != nil || result.Failed != nil || result.Left != 2 {
		t.Errorf("%q is left: %+v", tapes.left(), result)
	}
}

// TestNoStart has a recording that does not say when it started, and a fixture,
// which does not mean it: they are as old as their files are.
func TestNoStart(t *testing.T) {
	tapes := newTapes(t)
	silent, fixture := tapes.add("a", day, false), tapes.add("b", day, false)
	silent.Header.Started = time.Time{}
	fixture.Header.ID, fixture.Header.Started = "", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, info := range []record.Info{silent, fixture} {
		for age, want := range map[time.Duration]int{2 * day: 0, day / 2: 1} {
			result := retention.Sweep{Limits: retention.Limits{Age: age}, Now: now, DryRun: true}.Run([]record.Info{info})
			if len(result.Deleted) != want {
				t.Errorf("%s, %v: %+v", info.Path, age, result)
			}
		}
	}
}

func TestLinksStay(t *testing.T) {
	tapes, other := newTapes(t), newTapes(t)
	other.add("a", 2*day, false)
	if err := os.Symlink(other.path("a"), tapes.path("a")); err != nil {
		t.Skip(err)
	}
	info, err := record.Stat(tapes.path("a"))
	if err != nil {
		t.Fatal(err)
	}
	result := retention.Sweep{Limits: retention.Limits{Age: day, Bytes: 1}, Now: now}.Run([]record.Info{info})
	if tapes.left() != "a" || other.left() != "a" || result.Left != 0 || result.InUse != nil {
		t.Errorf("%+v", result)
	}
}

func TestFailures(t *testing.T) {
	tapes := newTapes(t)
	infos := []record.Info{tapes.add("a", 2*day, false), tapes.add("b", 0, false)}
	if err := os.Chmod(tapes.dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(tapes.dir, 0o700)
	if f, err := os.Create(tapes.path("c")); err == nil {
		f.Close()
		t.Skip("this user may write everywhere")
	}
	result := retention.Sweep{Limits: retention.Limits{Age: day}, Now: now}.Run(infos)
	if len(result.Failed) != 1 || result.Left != 2 || result.Deleted != nil {
		t.Errorf("%+v", result)
	}
}

// TestTogether has several that sweep one folder of many recordings.
func TestTogether(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes many files")
	}
	const many, sweepers = 10_000, 4
	tapes := newTapes(t)
	infos := make([]record.Info, many)
	for i := range infos {
		infos[i] = tapes.add(fmt.Sprintf("%05d", i), time.Duration(many-i)*time.Minute, false)
	}
	limits := retention.Limits{Bytes: infos[0].Size * 100}
	results := make(chan retention.Result)
	begun := time.Now()
	for range sweepers {
		go func() { // ends with its sweep
			results <- retention.Sweep{Limits: limits, Now: now}.Run(infos)
		}()
	}
	deleted := 0
	for range sweepers {
		result := <-results
		deleted += len(result.Deleted)
		if result.Failed != nil || result.InUse != nil || result.Left < 100 {
			t.Errorf("%d deleted, %d left, failed: %v", len(result.Deleted), result.Left, result.Failed)
		}
	}
	t.Logf("%d recordings in %v", many, time.Since(begun))
	if left := strings.Fields(tapes.left()); len(left) != 100 || left[0] != "09900" || deleted != many-100 {
		t.Errorf("%d are left from %s on, %d deleted", len(left), left[0], deleted)
	}
}
