package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wiretape/internal/wire"
)

// servers are what the test binary can be behind wiretape. Each gives the
// process's exit status.
var servers = map[string]func(args []string) int{
	"bench":      benched,
	"echo":       echo,
	"relay":      relay,
	"exits":      exits,
	"dies":       dies,
	"deaf":       deaf,
	"blabbing":   blabbing,
	"grandchild": grandchild,
	"holder":     holder,
	"single":     single,
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// echo answers every request with its params, and does what some methods say.
// With an argument, that is its exit status at the end of its input.
func echo(args []string) int {
	in, out := bufio.NewReaderSize(os.Stdin, 64<<10), bufio.NewWriterSize(os.Stdout, 64<<10)
	for {
		if in.Buffered() == 0 {
			out.Flush()
		}
		line, err := in.ReadSlice('\n')
		for err == bufio.ErrBufferFull {
			var more []byte
			line = bytes.Clone(line)
			more, err = in.ReadSlice('\n')
			line = append(line, more...)
		}
		if err != nil {
			out.Flush()
			if len(args) > 0 {
				return number(args[0])
			}
			return 0
		}
		respond(out, wire.Parse(line))
	}
}

func respond(out *bufio.Writer, m wire.Message) {
	if m.Kind == wire.Notification && m.Method == "burst" {
		burst(out, m.Params)
	}
	if m.Kind != wire.Request {
		return
	}
	result := m.Params
	switch m.Method {
	case "initialize":
		result = []byte(`{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}`)
	case "pid":
		result = strconv.AppendInt(nil, int64(os.Getpid()), 10)
	case "burst":
		burst(out, m.Params)
	case "big":
		result = append(append([]byte{'"'}, bytes.Repeat([]byte("0123456789abcdef"), number(string(m.Params))/16)...), '"')
	case "say":
		// To stderr, and no answer before that is said.
		fmt.Fprintln(os.Stderr, string(m.Params))
	case "tear":
		// Ends in the middle of a line, which is the params.
		torn, _ := wire.Text(m.Params)
		out.WriteString(torn)
		out.Flush()
		os.Exit(3)
	case "die":
		out.Flush()
		die(string(m.Params))
	}
	fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%s,"result":%s}`+"\n", m.ID, result)
}

func burst(out *bufio.Writer, params []byte) {
	for i := range number(string(params)) {
		fmt.Fprintf(out, `{"jsonrpc":"2.0","method":"tick","params":%d}`+"\n", i)
	}
}

// die ends the process with an exit status, or by a signal: "3", "-9".
func die(how string) {
	n := number(how)
	if n >= 0 {
		os.Exit(n)
	}
	process, _ := os.FindProcess(os.Getpid())
	process.Signal(syscall.Signal(-n))
	stay()
}

// exits ends at once.
func exits(args []string) int {
	die(args[0])
	return 0
}

// dies ends when it is spoken to.
func dies(args []string) int {
	bufio.NewReader(os.Stdin).ReadSlice('\n')
	fmt.Fprintln(os.Stderr, "cannot find my configuration")
	die(args[0])
	return 0
}

// deaf answers initialize, then never reads again. What its arguments name it
// ignores: the end of its input anyway, "term".
func deaf(args []string) int {
	if len(args) > 0 {
		signal.Ignore(syscall.SIGTERM)
	}
	line, _ := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadSlice('\n')
	out := bufio.NewWriter(os.Stdout)
	respond(out, wire.Parse(line))
	out.Flush()
	fmt.Fprintln(os.Stderr, "deaf")
	stay()
	return 0
}

// blabbing answers initialize, then fills its stdout or stderr, with as many
// bytes as it is told, and does not read meanwhile. Then it ends if it is told.
func blabbing(args []string) int {
	line, _ := bufio.NewReader(os.Stdin).ReadSlice('\n')
	out := bufio.NewWriter(os.Stdout)
	respond(out, wire.Parse(line))
	out.Flush()
	to := map[string]*os.File{"stdout": os.Stdout, "stderr": os.Stderr}[args[0]]
	words := []byte(strings.Repeat(`{"jsonrpc":"2.0","method":"blah"}`+"\n", 100))
	for n := number(args[1]); n > 0; n -= len(words) {
		to.Write(words)
	}
	if len(args) > 2 {
		return number(args[2])
	}
	return echo(nil)
}

// relay writes a file to stdout, and stdin to another file, in small and large
// pieces. Its arguments are both files and a seed.
func relay(args []string) int {
	say, err := os.ReadFile(args[0])
	if err != nil {
		panic(err)
	}
	heard, err := os.Create(args[1])
	if err != nil {
		panic(err)
	}
	done := make(chan struct{})
	// Ends when all is said.
	go func() {
		defer close(done)
		writeChunks(os.Stdout, say, uint64(number(args[2])))
	}()
	io.Copy(heard, os.Stdin)
	<-done
	if heard.Close() != nil {
		return 1
	}
	return 0
}

// writeChunks writes data in pieces of random sizes, of which many are small.
func writeChunks(to io.Writer, data []byte, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 1))
	for i := 0; len(data) > 0; i++ {
		n := 1 + r.IntN(40)
		switch {
		case i > 3000: // that was enough of small ones
			n = 1 << 20
		case i%8 == 0:
			n = r.IntN(200_000)
		}
		n = min(n, len(data))
		if _, err := to.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// grandchild starts a holder of its own stdout and then is an echo. "apart" has
// it in a session of its own; "exit" has this process end right after initialize.
func grandchild(args []string) int {
	how := strings.Join(args, " ")
	cmd := exec.Command(os.Args[0], "holder", how)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if strings.Contains(how, "apart") {
		cmd.SysProcAttr = apart()
	}
	ready, err := cmd.StdinPipe() // the holder's input ends with this process
	if err != nil || cmd.Start() != nil {
		panic(err)
	}
	defer ready.Close()
	fmt.Fprintf(os.Stderr, "holder %d\n", cmd.Process.Pid)
	if strings.Contains(how, "exit") {
		line, _ := bufio.NewReader(os.Stdin).ReadSlice('\n')
		out := bufio.NewWriter(os.Stdout)
		respond(out, wire.Parse(line))
		out.Flush()
		return 3
	}
	return echo(nil)
}

// holder holds stdout open and does not end; "chatty" has it talk all the time.
func holder(args []string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
	if !strings.Contains(args[0], "chatty") {
		stay()
	}
	for range time.Tick(10 * time.Millisecond) {
		fmt.Println(`{"jsonrpc":"2.0","method":"chat"}`)
	}
	return 0
}

// stay does not return. A server that nobody ends must not outlive its test by
// much, though.
func stay() {
	time.Sleep(2 * patience)
	os.Exit(98)
}

// single is an echo the first time, and says nothing at all from then on. Its
// argument is a file by which it knows.
func single(args []string) int {
	if os.Mkdir(args[0], 0o700) == nil {
		return echo(nil)
	}
	signal.Ignore(syscall.SIGTERM)
	fmt.Fprintln(os.Stderr, "deaf")
	stay()
	return 0
}
