package demo

import (
	"io"
	"strings"
	"testing"
)

// playAgainst has the host play against serve, and gives what it told.
func playAgainst(serve func(io.Reader, io.Writer) error) (told []string, err error) {
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	go func() { // ends with the host's input
		serve(fromHost, toHost)
		toHost.Close()
		fromHost.Close()
	}()
	host := Host{In: fromServer, Out: toServer, Tell: func(r Remark) {
		told = append(told, r.Text)
	}}
	err = host.Play()
	return told, err
}

// The demo server alone has no control tools: the host plays up to the first
// of them and says what is wrong.
func TestHostStopsWhereTheScriptDoes(t *testing.T) {
	told, err := playAgainst(Serve)
	if err == nil || !strings.Contains(err.Error(), "Unknown tool: wiretape_status") {
		t.Errorf("the host ended with %v", err)
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{
		"wiretape-demo speaks 2025-11-25",
		"echo, add, fail, countdown, ask, wait",
		"hello, wire",
		"42",
		"out of coffee",
		"progress: 1 …",
		"Lift-off!",
		"the server asks: Who is there?",
		"Hello, Ada!",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the commentary lacks %q:\n%s", want, all)
		}
	}
}

func TestHostSaysThatTheServerWentAway(t *testing.T) {
	_, err := playAgainst(func(in io.Reader, _ io.Writer) error {
		in.Read(make([]byte, 1<<16))
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "went away") {
		t.Errorf("the host ended with %v", err)
	}
}
