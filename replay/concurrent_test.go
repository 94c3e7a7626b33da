package replay_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"wiretape/replay"
)

// TestShuffledCalls asks for a thousand recorded calls in any order, from many goroutines, some of them by their twin.
func TestShuffledCalls(t *testing.T) {
	const calls, rounds, hosts = 1000, 50, 8
	var lines []string
	for i := range calls {
		id := fmt.Sprint(i)
		lines = append(lines, "> "+req(id, "tools/call", fmt.Sprintf(`{"name":"t","arguments":{"n":%d},"_meta":{"progressToken":%d}}`, i, i)))
		if i%8 == 7 {
			for j := i - 7; j <= i; j++ {
				lines = append(lines, "< "+note("notifications/progress", fmt.Sprintf(`{"progressToken":%d,"progress":%d}`, j, j)))
			}
			for j := i; j > i-8; j-- {
				lines = append(lines, "< "+res(fmt.Sprint(j), fmt.Sprintf(`{"n":%d}`, j)))
			}
		}
	}
	rec, err := replay.Open(recorded(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	for round := range rounds {
		s := rec.Start()
		order := rand.New(rand.NewPCG(1, uint64(round))).Perm(calls)
		var asking sync.WaitGroup
		for host := range hosts {
			asking.Go(func() {
				for i := host; i < calls; i += hosts {
					n := order[i]
					ask := req(fmt.Sprintf(`"%d"`, n), "tools/call", fmt.Sprintf(`{"_meta":{"progressToken":"p%d"},"arguments":{"n":%d.0},"name":"t"}`, n, n))
					if _, err := s.Write([]byte(ask + "\n")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		hearShuffled(t, bufio.NewReader(s), calls)
		asking.Wait()
		s.CloseInput()
		if r := s.Report(); r.Failed != 0 || r.UnusedSum != 0 {
			t.Fatalf("round %d: %+v", round, r)
		}
		s.Close()
	}
}

// hearShuffled hears the progress and then the answer of each call, once.
func hearShuffled(t *testing.T, in *bufio.Reader, calls int) {
	t.Helper()
	progress, answers := make(map[int]bool), make(map[int]bool)
	for range 2 * calls {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		line = strings.TrimSpace(line)
		var n, m int
		if _, err := fmt.Sscanf(line, `{"jsonrpc":"2.0","id":"%d","result":{"n":%d}}`, &n, &m); err == nil {
			if n != m || !progress[n] || answers[n] {
				t.Errorf("heard %s, progress before: %v, answered before: %v", line, progress[n], answers[n])
			}
			answers[n] = true
			continue
		}
		if _, err := fmt.Sscanf(line, `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p%d","progress":%d}}`, &n, &m); err != nil || n != m || progress[n] {
			t.Errorf("heard %s: %v", line, err)
		}
		progress[n] = true
	}
	if len(answers) != calls {
		t.Errorf("%d answers to %d calls", len(answers), calls)
	}
}

// Sessions of one recording do not know of each other.
func TestSessionsAreApart(t *testing.T) {
	rec, err := replay.Open(recorded(t, "> "+call("1", "a", `{}`), "< "+res("1", `1`), "> "+call("2", "a", `{}`), "< "+res("2", `2`)))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Close()
	var hosts sync.WaitGroup
	for range 20 {
		hosts.Go(func() {
			s := rec.Start()
			defer s.Close()
			in := bufio.NewReader(s)
			for _, want := range []string{res("7", `1`), res("7", `2`)} {
				if _, err := s.Write([]byte(call("7", "a", `{}`) + "\n")); err != nil {
					t.Error(err)
				}
				if got, err := in.ReadString('\n'); err != nil || got != want+"\n" {
					t.Errorf("heard %s, %v, want %s", got, err, want)
				}
			}
		})
	}
	hosts.Wait()
}
