package proxy

import (
	"bufio"
	"io"
	"testing"

	"wiretape/internal/demo"
)

// demoServer is the built-in server as a target.
func demoServer(_ int, in *bufio.Reader, out, _ io.Writer) Exit {
	if err := demo.Serve(in, out); err != nil {
		return Exit{Code: 1}
	}
	return Exit{}
}

func TestLegacySessionSurvivesAReconnect(t *testing.T) {
	r := newRig(t, &pipes{serve: demoServer}, nil)
	r.open()
	list := r.ask("tools/list", `{}`)
	wantContains(t, list.Result, `"echo"`, `"wiretape_connect"`, `"wiretape_disconnect"`, `"wiretape_status"`)
	wantContains(t, r.call("echo", `{"text":"one"}`).Result, "one")
	wantContains(t, structured(t, r.call("wiretape_status", `{}`)), `"connected":true`, `"tools_called":1`)

	gone := structured(t, r.call("wiretape_disconnect", `{}`))
	wantContains(t, gone, `"success":true`, `"was_connected":true`, `"tools_called":1`, `"complete":true`, `"sha256":"`)
	wantContains(t, r.call("echo", `{"text":"two"}`).Result, `"isError":true`, "wiretape_connect")
	wantContains(t, structured(t, r.call("wiretape_status", `{}`)), `"connected":false`, `"connection":null`)
	wantContains(t, r.ask("ping", `{}`).Result, `{}`)

	back := structured(t, r.call("wiretape_connect", `{}`))
	wantContains(t, back, `"success":true`, `"server_info":{"name":"wiretape-demo"`)
	wantContains(t, r.call("echo", `{"text":"three"}`).Result, "three")
	if status := r.end(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if n := len(r.files()); n != 2 {
		t.Fatalf("%d recordings", n)
	}
	for n, reason := range []string{"disconnect", "host"} {
		rec := r.load(n + 1)
		if rec.End == nil || rec.End.Reason != reason {
			t.Errorf("recording %d ended with %+v, want %s", n+1, rec.End, reason)
		}
	}
}
