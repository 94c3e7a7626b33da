//go:build unix

package proxy_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"wiretape/internal/wire"
	"wiretape/record"
)

// safe is how old a message may be and not yet be in the file. 5 ms are
// promised while the disk is fast; a busy machine may add to that, and under the
// race detector the recorder falls behind such a flood on one.
const safe = slower * slower * 50 * time.Millisecond

// TestKilledUnderLoad kills wiretape again and again. What is in the file must be
// whole every time; how little is missing must hold most times, as a process may be
// made to wait for longer than safe.
func TestKilledUnderLoad(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		var missing []time.Duration
		for round := range count(51, 9) {
			missing = append(missing, killOnce(t, uint64(round), flags...))
		}
		slices.Sort(missing)
		if most := missing[len(missing)/2]; most > safe {
			t.Errorf("most times a recording lacks answers that were heard %v and more before the kill: %v", most, missing)
		}
		t.Logf("the oldest answer that was missing was heard %v before the kill", missing)
	})
}

// killOnce kills wiretape at a random moment, and gives how long before the kill
// the oldest answer was heard that is not in the recording.
func killOnce(t *testing.T, seed uint64, flags ...string) time.Duration {
	t.Helper()
	w := through(t, server("echo"), flags...)
	stop := make(chan struct{})
	defer close(stop)
	free := make(chan struct{}, inFlight)
	// Ends when wiretape does, or when nothing more is heard.
	go func() {
		for i := 1; ; i++ {
			select {
			case free <- struct{}{}:
			case <-stop:
				return
			}
			_, err := fmt.Fprintf(w.in, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"n":%d}}}`+"\n", i, i)
			if err != nil {
				return
			}
		}
	}()
	var heard []time.Time // when each answer was, by id-1
	hear := func() bool {
		line, err := w.out.ReadSlice('\n')
		if err != nil {
			return false
		}
		<-free
		heard = append(heard, time.Now())
		if m := wire.Parse(line); string(m.ID) != strconv.Itoa(len(heard)) {
			w.fatalf("answer %d is %q", len(heard), line)
		}
		return true
	}
	if !hear() {
		w.fatalf("nothing was heard")
	}
	end := heard[0].Add(safe + time.Duration(rand.New(rand.NewPCG(seed, 2)).IntN(40))*time.Millisecond)
	for time.Now().Before(end) && hear() {
	}
	killed := time.Now()
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for hear() {
	}
	w.alone(killed)
	w.in.Close()
	if kept := answersIn(t, w); kept < len(heard) {
		return max(0, killed.Sub(heard[kept]))
	}
	return 0
}

// answersIn checks that the recording reads up to its tear, and gives the number of
// answers that it has.
func answersIn(t *testing.T, w *tap) int {
	t.Helper()
	r, err := record.Open(w.file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	kept := 0
	for {
		e, err := r.Next()
		if err != nil {
			var damage *record.DamageError
			if !errors.As(err, &damage) || !damage.Torn || damage.Count != 1 {
				t.Errorf("the recording is not just torn: %v", err)
			}
			return kept
		}
		if m := wire.Parse(e.Line); m.Kind == wire.Response {
			kept++
			if string(m.ID) != strconv.Itoa(kept) {
				t.Fatalf("answer %s stands where %d should", m.ID, kept)
			}
		}
	}
}
