package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wiretape/internal/retention"
	"wiretape/record"
)

// keeping gives a keeper, what it says, and what makes recordings of a session
// in its folder.
func keeping(t *testing.T) (*keeper, *bytes.Buffer, func(session string) *record.Writer) {
	var said bytes.Buffer
	k := &keeper{console: console{err: &said}, dir: t.TempDir(), limits: retention.Limits{Bytes: 1}}
	return k, &said, func(session string) *record.Writer {
		t.Helper()
		h := record.Header{ID: record.NewID(), Session: session, Started: time.Now()}
		w, err := record.Create(filepath.Join(k.dir, record.FileName(h)), h, record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
}

func finish(t *testing.T, w *record.Writer) {
	t.Helper()
	if _, err := w.Close("host"); err != nil {
		t.Error(err)
	}
}

// TestKeepAtTheEnd has the recordings of a session stay, the one that another
// line is writing, and nothing else.
func TestKeepAtTheEnd(t *testing.T) {
	k, said, tape := keeping(t)
	finish(t, tape("other"))
	live := tape("other")
	synctest.Test(t, func(*testing.T) { // time stands still while something is done
		open := k.beside(func(int) (*record.Writer, error) { return tape("mine"), nil })
		for n := range 3 {
			w, err := open(n)
			if err != nil {
				t.Fatal(err)
			}
			finish(t, w)
		}
		k.end()
	})
	finish(t, live)
	f, err := openFolder(k.dir)
	if err != nil || len(f.recordings) != 4 || said.Len() > 0 {
		t.Errorf("%d recordings are left, %v: %s", len(f.recordings), err, said)
	}
	for _, r := range f.recordings {
		if r.Path != live.Path() && r.Header.Session != "mine" {
			t.Errorf("%s was left", r.Path)
		}
	}
}

// TestKeepHoldsNothingUp has a line end while pruning does not.
func TestKeepHoldsNothingUp(t *testing.T) {
	k, _, tape := keeping(t)
	w := tape("mine")
	open := k.beside(func(int) (*record.Writer, error) { return w, nil })
	k.pruning.Lock()
	defer k.pruning.Unlock()
	if _, err := open(1); err != nil {
		t.Error(err)
	}
	k.end()
	finish(t, w)
}

func TestKeepWarnsOnce(t *testing.T) {
	k, said, _ := keeping(t)
	k.dir = filepath.Join(k.dir, "file")
	if err := os.WriteFile(k.dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k.prune()
	k.prune()
	if strings.Count(said.String(), "\n") != 1 || !strings.HasPrefix(said.String(), "wiretape: the limits of --keep are not kept: ") {
		t.Errorf("it said %q", said)
	}
}

// TestNoKeep is the line without limits.
func TestNoKeep(t *testing.T) {
	var k *keeper
	if k.beside(nil) != nil {
		t.Error("nothing is to be recorded, and yet something is")
	}
	k.end()
}
