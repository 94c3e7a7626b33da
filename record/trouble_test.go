package record

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func hashOf(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// slow is a file whose writes wait for leave.
type slow struct {
	memory
	leave chan struct{}
}

func (s *slow) Write(p []byte) (int, error) {
	<-s.leave
	return s.memory.Write(p)
}

func TestFullQueueWaitsAndDropsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &slow{leave: make(chan struct{}, 1)}
		file.leave <- struct{}{} // for the header
		w := newWriter("x.jsonl", Header{}, Options{QueueBytes: 10 * (entrySize + 100)})
		if err := w.begin(file); err != nil {
			t.Fatal(err)
		}
		handed := atomic.Int64{}
		line := func(n int64) []byte { return fmt.Appendf(nil, "%-99d\n", n) }
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := range int64(1000) {
				w.Line(Host, Target, line(n))
				handed.Add(1)
			}
			w.Close("eof")
		}()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := handed.Load(); n != 10 {
			t.Errorf("%d lines were taken into a queue that has room for 10", n)
		}
		if w.queue.held > w.queue.limit {
			t.Errorf("the queue holds %d of %d", w.queue.held, w.queue.limit)
		}
		close(file.leave)
		<-done
		s, err := w.Close("eof")
		if err != nil || s.Events != 1001 {
			t.Fatalf("%+v, %v", s, err)
		}
		events := all(file.Bytes()).recording.Events
		for n, e := range events[:1000] {
			if string(e.Line) != string(line(int64(n))) {
				t.Fatalf("event %d is %q", e.Seq, e.Line)
			}
		}
	})
}

func TestLineLargerThanTheQueuePasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file memory
		w := newWriter("x.jsonl.zst", Header{}, Options{QueueBytes: 1000})
		if err := w.begin(&file); err != nil {
			t.Fatal(err)
		}
		w.Line(Host, Target, []byte("{}\n"))
		w.Line(Host, Target, []byte(strings.Repeat("x", 5000)+"\n"))
		w.Line(Host, Target, []byte("{}\n"))
		if s, err := w.Close("eof"); err != nil || s.Events != 4 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}

// full is a disk that has room for some bytes.
type full struct {
	memory
	room int
}

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	f.memory.Write(p[:n])
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestFullDiskEndsTheRecordingAndNotTheCount(t *testing.T) {
	for _, name := range []string{"x.jsonl", "x.jsonl.zst"} {
		synctest.Test(t, func(t *testing.T) {
			var told []error
			file := &full{room: 2000}
			w := newWriter(name, Header{}, Options{QueueBytes: 5000, OnError: func(err error) { told = append(told, err) }})
			if err := w.begin(file); err != nil {
				t.Fatal(err)
			}
			for n := range 1000 {
				request, response := echo(n)
				w.Line(Host, Target, request)
				w.Line(Target, Host, response)
			}
			time.Sleep(5 * time.Millisecond)
			synctest.Wait()
			if len(told) != 1 || !errors.Is(told[0], errFull) || !errors.Is(w.Err(), errFull) {
				t.Errorf("told %v, Err %v", told, w.Err())
			}
			s, err := w.Close("eof")
			if !errors.Is(err, errFull) || s.Complete || s.Statistics.ToolsCalled != 1000 || s.Statistics.Unanswered != 0 {
				t.Errorf("%+v, %v", s, err)
			}
			if s.FileBytes != 2000 || s.SHA256 != hashOf(file.Bytes()) || w.queue.held > 2*entrySize || len(told) != 1 {
				t.Errorf("%+v, %d held, told %v", s, w.queue.held, told)
			}
			got := all(file.Bytes())
			if got.recording == nil || int64(len(got.recording.Events)) < s.Events {
				t.Errorf("what was written cannot be read: %v", got.err)
			}
		})
	}
}

func TestFileTakenAway(t *testing.T) {
	away := map[string]func(path string) error{
		"deleted": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, []byte("x"), 0o600))
		},
	}
	for name, take := range away {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.jsonl.zst")
			told := make(chan error, 10)
			w := create(t, path, Options{OnError: func(err error) { told <- err }})
			w.Line(Host, Target, []byte("{}\n"))
			if err := w.Err(); err != nil {
				t.Fatal(err)
			}
			if err := take(path); err != nil {
				w.Close("eof")
				t.Skipf("an open file cannot be %s here: %v", name, err)
			}
			if err := w.Err(); err == nil {
				t.Error("not noticed")
			}
			w.Line(Host, Target, []byte("{}\n"))
			s, err := w.Close("eof")
			if err == nil || s.Complete || s.Statistics.Messages.HostToTarget != 2 || len(told) != 1 {
				t.Errorf("%+v, %v, told %d times", s, err, len(told))
			}
		})
	}
}

func TestFileTakenAwayIsNoticedWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	synctest.Test(t, func(t *testing.T) {
		told := 0
		w := create(t, path, Options{OnError: func(error) { told++ }})
		if err := os.Remove(path); err != nil {
			w.Close("eof")
			t.Skip("an open file cannot be deleted here")
		}
		time.Sleep(time.Second)
		w.Line(Host, Target, []byte("{}\n"))
		time.Sleep(5 * time.Millisecond)
		synctest.Wait()
		if told != 1 {
			t.Errorf("told %d times", told)
		}
		w.Close("eof")
	})
}

func TestCloseAgainAndAmidWriters(t *testing.T) {
	both(t, func(t *testing.T, path string) {
		w := create(t, path, Options{QueueBytes: 1000})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for n := range 500 {
					request, _ := echo(n)
					w.Line(Host, Target, request)
					w.Statistics()
					w.Err()
				}
			})
		}
		summaries := make([]Summary, 3)
		for i := range summaries {
			all.Go(func() { summaries[i], _ = w.Close(fmt.Sprint(i)) })
		}
		all.Wait()
		w.Line(Host, Target, []byte("late\n"))
		w.Stderr([]byte("late\n"))
		w.Exit(Exit{})
		s, err := w.Close("again")
		for _, other := range summaries {
			if !reflect.DeepEqual(s, other) {
				t.Errorf("one Close gives %+v, another %+v", s, other)
			}
		}
		if err != nil || !reflect.DeepEqual(w.Statistics(), s.Statistics) {
			t.Error(err, w.Statistics())
		}
		if r := load(t, path); int64(len(r.Events)) != s.Events || r.Events[len(r.Events)-1].End == nil {
			t.Errorf("%d events, want %d", len(r.Events), s.Events)
		}
	})
}

func TestDiscardCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Discard(Header{}, Options{QueueBytes: 1000})
		for n := range 100 {
			request, response := echo(n)
			w.Line(Host, Target, request)
			w.Line(Target, Host, response)
		}
		s, err := w.Close("eof")
		if err != nil || w.Err() != nil || s.Complete || s.Path != "" || s.Events != 0 || s.Statistics.ToolsCalled != 100 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
