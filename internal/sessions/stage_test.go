package sessions_test

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"wiretape/internal/cli"
	"wiretape/internal/peers"
)

// TestMain makes the test binary a wiretape or a server if it is called by that name, so that nothing in its environment
// tells.
func TestMain(m *testing.M) {
	switch strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") {
	case "paged-server":
		if err := pagedServer(); err != nil {
			log.Fatal(err)
		}
		os.Exit(0)
	case "wiretape":
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	flag.Parse()
	if limit := flag.Lookup("test.parallel"); limit.Value.String() == limit.DefValue {
		// Sessions wait far more than they work.
		if err := flag.Set("test.parallel", strconv.Itoa(max(4, runtime.GOMAXPROCS(0)))); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// limit is far more than any session takes.
const limit = 60 * time.Second

// stage is where one session is played: a folder to work in, programs by their plain names, and an environment that
// tells nothing of the machine.
type stage struct {
	bin, work string
	env       []string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	dir := t.TempDir()
	s := &stage{bin: filepath.Join(dir, "bin"), work: filepath.Join(dir, "work")}
	for _, folder := range []string{s.bin, s.work} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.link(t, self(t), "wiretape")
	path := []string{s.bin}
	if node, err := exec.LookPath("node"); err == nil {
		path = append(path, filepath.Dir(node))
	}
	s.env = []string{"HOME=" + s.work, "PATH=" + strings.Join(path, string(filepath.ListSeparator))}
	s.env = append(s.env, raceEnv...)
	if runtime.GOOS == "windows" {
		s.env = append(s.env, "SystemRoot="+os.Getenv("SystemRoot"))
	}
	return s
}

// self is the test binary.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// link gives a program a plain name.
func (s *stage) link(t *testing.T, program, name string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(s.bin, name)
	if err := os.Symlink(program, path); err == nil {
		return
	}
	if err := os.Link(program, path); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
}

// wiretape is the command line that puts a wiretape in front of a server; it records to the plain file that is named.
func (s *stage) wiretape(recording string) []string {
	return []string{filepath.Join(s.bin, "wiretape"), "-o", recording, "--cwd", ".", "--"}
}

func (s *stage) recording(name string) string { return filepath.Join(s.work, name) }

// server gives the command line of a server. It names programs without their folders, and no folder but the present
// one, so that it is the same on every machine.
func (s *stage) server(t *testing.T, name string) []string {
	t.Helper()
	switch name {
	case "everything":
		return s.named(t, "mcp-server-everything", peers.Everything(t))
	case "filesystem":
		return s.named(t, "mcp-server-filesystem", peers.Filesystem(t, "."))
	case "memory":
		s.env = append(s.env, "MEMORY_FILE_PATH="+filepath.Join(s.work, "graph.jsonl"))
		return s.named(t, "mcp-server-memory", peers.Memory(t))
	case "go-sdk":
		return s.named(t, "go-sdk-everything", peers.GoSDK(t))
	case "mcp-go":
		return s.named(t, "mcp-go-everything", peers.MCPGo(t))
	case "paged":
		return s.named(t, "paged-server", []string{self(t)})
	case "demo":
		return []string{"wiretape", "demo-server"}
	}
	t.Fatalf("there is no server %q", name)
	return nil
}

// named gives the program of a command line a plain name, and does without node, which the program names itself. On
// Windows that cannot be.
func (s *stage) named(t *testing.T, name string, command []string) []string {
	t.Helper()
	if len(command) > 1 && strings.HasSuffix(command[1], ".js") {
		if runtime.GOOS == "windows" {
			return command
		}
		command = command[1:]
	}
	s.link(t, command[0], name)
	return append([]string{name}, command[1:]...)
}

func host(t *testing.T, name string) []string {
	t.Helper()
	if mode, ok := strings.CutPrefix(name, "v2-"); ok {
		return peers.TypeScriptHostV2(t, mode)
	}
	if era, ok := strings.CutPrefix(name, "go-sdk-"); ok {
		return peers.GoSDKHost(t, era)
	}
	return peers.TypeScriptHost(t)
}

// command gives a command on the stage that does not outlive the test.
func (s *stage) command(t *testing.T, line []string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	program := line[0]
	if !filepath.IsAbs(program) {
		program = filepath.Join(s.bin, program)
	}
	cmd := exec.CommandContext(ctx, program, line[1:]...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.work, s.env, time.Second
	return cmd
}
