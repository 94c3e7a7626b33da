package replaytest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"wiretape/internal/demo"
)

// TestMain makes the test binary a server if it is told to.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "demo-server" {
		if err := demo.Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		if path := os.Getenv("WIRETAPE_TEST_GONE"); path != "" {
			_ = os.WriteFile(path, nil, 0o600)
		}
		os.Exit(0)
	}
	if len(os.Args) == 2 && os.Args[1] == "broken-server" {
		fmt.Fprintln(os.Stderr, "out of order")
		os.Exit(3)
	}
	// Nothing here depends on how it is tested; and a server with the race
	// detector is not to wait for a second when it ends.
	if err := errors.Join(os.Unsetenv("WIRETAPE_MODE"), os.Setenv("GORACE", "atexit_sleep_ms=0")); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// fake is a test of which the outcome is looked at.
type fake struct {
	testing.TB
	ctx context.Context

	mu       sync.Mutex
	cleanups []func()
	errors   []string
	logs     []string
	skipped  bool
}

// try runs a test to its end.
func try(t *testing.T, test func(f *fake)) *fake {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{TB: t, ctx: ctx}
	in := func(part func()) {
		done := make(chan struct{})
		// Ends with the part, or when that gives up.
		go func() {
			defer close(done)
			part()
		}()
		<-done
	}
	in(func() { test(f) })
	cancel()
	for len(f.cleanups) > 0 {
		last := f.cleanups[len(f.cleanups)-1]
		f.cleanups = f.cleanups[:len(f.cleanups)-1]
		in(last)
	}
	return f
}

func (f *fake) Helper()                  {}
func (f *fake) Name() string             { return "TestFake" }
func (f *fake) Context() context.Context { return f.ctx }
func (f *fake) Cleanup(c func())         { f.cleanups = append(f.cleanups, c) }

func (f *fake) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

func (f *fake) Logf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

func (f *fake) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.errors) > 0
}

func (f *fake) SkipNow() {
	f.skipped = true
	runtime.Goexit()
}

func (f *fake) Skipped() bool { return f.skipped }

// passed wants that the test has passed.
func (f *fake) passed(t *testing.T) {
	t.Helper()
	for _, e := range f.errors {
		t.Errorf("the test failed: %s", e)
	}
}

// failed wants that the test has failed with these errors, of each of which a
// part is given.
func (f *fake) failed(t *testing.T, want ...string) {
	t.Helper()
	for i := range max(len(want), len(f.errors)) {
		if i >= len(want) {
			t.Errorf("the test also failed with %q", f.errors[i])
		} else if i >= len(f.errors) || !strings.Contains(f.errors[i], want[i]) {
			t.Errorf("error %d of %q is not %q", i+1, f.errors, want[i])
		}
	}
}
