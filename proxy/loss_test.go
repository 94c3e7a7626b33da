package proxy_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"wiretape/internal/wire"
	"wiretape/record"
)

const inFlight = 64

func TestEveryCallIsRecordedInOrder(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		calls := count(100_000, 5_000)
		w := through(t, server("echo"), flags...)
		makeCalls(w, calls)
		w.in.Close()
		if status := w.status(); status != 0 {
			w.fatalf("wiretape ended with %d", status)
		}
		wantCalls(t, w.file, calls)
	})
}

// makeCalls makes calls, numbered from 1, many of them at once, and checks the
// answers.
func makeCalls(w *tap, calls int) {
	w.t.Helper()
	free := make(chan struct{}, inFlight)
	failed := make(chan error, 1)
	// Ends when all are sent, or cannot be.
	go func() {
		out := bufio.NewWriter(w.in)
		for i := 1; i <= calls; i++ {
			select {
			case free <- struct{}{}:
			default:
				out.Flush() // the server may be waiting for these
				free <- struct{}{}
			}
			fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"n":%d}}}`+"\n", i, i)
		}
		failed <- out.Flush()
	}()
	for i := 1; i <= calls; i++ {
		want := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"name":"echo","arguments":{"n":%d}}}`, i, i)
		if got := w.next(); got != want {
			w.fatalf("answer %d is %q", i, got)
		}
		<-free
	}
	if err := <-failed; err != nil {
		w.fatalf("%v", err)
	}
}

// wantCalls checks that a recording has each of the calls, once, and no answer
// before its request.
func wantCalls(t *testing.T, file string, calls int) {
	t.Helper()
	asked, answered := make([]int64, calls+1), make([]int64, calls+1)
	read(t, file, func(e record.Event) {
		m := wire.Parse(e.Line)
		id, err := strconv.Atoi(string(m.ID))
		if err != nil || id < 1 || id > calls {
			return
		}
		seqs := asked
		if m.Kind == wire.Response {
			seqs = answered
		}
		if seqs[id] != 0 {
			t.Errorf("call %d stands there twice", id)
		}
		seqs[id] = e.Seq
	})
	for id := 1; id <= calls; id++ {
		if asked[id] == 0 || answered[id] <= asked[id] {
			t.Fatalf("call %d: the request is event %d, the answer event %d", id, asked[id], answered[id])
		}
	}
}

// read gives all events of a recording, which must be complete.
func read(t *testing.T, file string, each func(record.Event)) {
	t.Helper()
	r, err := record.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		each(e)
	}
}

func TestBurstsOfNotificationsAreRecordedInOrder(t *testing.T) {
	modes(t, func(t *testing.T, flags ...string) {
		n := count(200_000, 10_000)
		w := through(t, server("echo"), flags...)
		sent := make(chan error, 1)
		// Ends when all are sent, or cannot be.
		go func() {
			out := bufio.NewWriterSize(w.in, 64<<10)
			fmt.Fprintf(out, `{"jsonrpc":"2.0","id":"burst","method":"burst","params":%d}`+"\n", n)
			for i := range n {
				fmt.Fprintf(out, `{"jsonrpc":"2.0","method":"tock","params":%d}`+"\n", i)
			}
			sent <- out.Flush()
		}()
		for i := range n {
			if got, want := w.next(), fmt.Sprintf(`{"jsonrpc":"2.0","method":"tick","params":%d}`, i); got != want {
				w.fatalf("the host heard %q, want %q", got, want)
			}
		}
		w.answer(`"burst"`)
		if err := <-sent; err != nil {
			w.fatalf("%v", err)
		}
		w.in.Close()
		if status := w.status(); status != 0 {
			w.fatalf("wiretape ended with %d", status)
		}
		ticks, tocks := 0, 0
		read(t, w.file, func(e record.Event) {
			m := wire.Parse(e.Line)
			for method, next := range map[string]*int{"tick": &ticks, "tock": &tocks} {
				if m.Method == method {
					if string(m.Params) != strconv.Itoa(*next) {
						t.Fatalf("%s %s stands where %d should", method, m.Params, *next)
					}
					*next++
				}
			}
		})
		if ticks != n || tocks != n {
			t.Errorf("%d and %d notifications are in the recording, want %d", ticks, tocks, n)
		}
	})
}
