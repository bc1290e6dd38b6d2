package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// weighed is how many sessions are weighed together, and burst how many of them are opened at a
// time where that is not one by one.
var weighed = flag.Int("weighed", 2048, "`sessions` whose memory is measured together; a multiple of 256")

const burst = 256

// weigh says how many bytes of the heap are in use.
func weigh() {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	fmt.Printf("msg=weighed heap=%d\n", m.HeapAlloc)
}

// TestIdleSessionsWeighLittle says what memory a session takes that is established and has
// nothing to do, on the heap and of the machine (go test -v), and that this is not more than
// it has to be:
//
//	one by one     each client speaks when its server is there
//	in bursts      clients speak, and then their servers begin to listen; some lulls later
//
// The machine's part has the heap's in it, what the heap has in reserve, and what was garbage.
func TestIdleSessionsWeighLittle(t *testing.T) {
	for _, c := range []struct {
		name string
		open func(t *testing.T, p *process, o *lateOrigin)
		args []string
		heap int // bytes a session, at most
	}{
		{"one by one", oneByOne, []string{"-record-size", "0"}, mostHeap},
		{"in bursts", inBursts, []string{"-record-size", "0"}, mostHeap},
		{"one by one, recorded", oneByOne, nil, mostHeap + mostRecorded},
		{"one by one, two workers", oneByOne, []string{"-record-size", "0", "-workers", "2"}, mostHeap + mostElsewhere},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newLateOrigin(t)
			p := weighable(t, append(c.args, "-to", o.addr, "-maxconn", strconv.Itoa(2**weighed))...)
			o.listen(t)
			client, server := o.pair(t, p)
			defer client.Close()
			defer server.Close()
			heap, all := p.heap(t), p.resident(t)
			c.open(t, p, o)
			all = p.resident(t) - all
			var each int
			for deadline := time.Now().Add(patience / 10); ; time.Sleep(100 * time.Millisecond) { // some lulls
				if each = (p.heap(t) - heap) / *weighed; each <= c.heap || time.Now().After(deadline) {
					break
				}
			}
			t.Logf("%d idle sessions, each: %d bytes of the heap, %d of the machine", *weighed, each, all / *weighed)
			require.LessOrEqual(t, each, c.heap)
		})
	}
}

// What a session may take on the heap: itself, two descriptors, two sockets and its places in
// lists; what its last calls are recorded with; and the records that each other worker has of its
// descriptors' numbers, which are the process's. Records of numbers come by 32 KiB, of which two
// may be there for a single one, 32 bytes a session here.
const (
	mostHeap      = 544
	mostRecorded  = 100
	mostElsewhere = 260
)

// weighable starts a relay that tells what is on its heap.
func weighable(t *testing.T, args ...string) *process { return special(t, "weigh", args...) }

// special starts a relay that breaks nothing.
func special(t *testing.T, how string, args ...string) *process {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, append([]string{"-listen", "127.0.0.1:0"}, args...)...)
	// Nobody tells its collector how to work: that is the relay's to decide.
	cmd.Env = append(os.Environ(), breakVariable+"="+how, "GOGC=", "GOMEMLIMIT=")
	return launchCmd(t, cmd)
}

// heap asks for the bytes that are in use.
func (p *process) heap(t *testing.T) int {
	before := len(p.find("msg=weighed"))
	p.signal(t, syscall.SIGUSR1)
	require.Eventually(t, func() bool { return len(p.find("msg=weighed")) > before }, patience, time.Millisecond)
	n, err := strconv.Atoi(field(p.find("msg=weighed")[before], "heap"))
	require.NoError(t, err)
	return n
}

// resident is how much of the machine's memory is the process's own.
func (p *process) resident(t *testing.T) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); f[0] == "RssAnon:" {
			n, err := strconv.Atoi(f[1])
			require.NoError(t, err)
			return n << 10
		}
	}
	require.FailNow(t, "the kernel does not tell")
	return 0
}

// lateOrigin is a server that listens now and then, on one address.
type lateOrigin struct {
	addr string
	l    *net.TCPListener
}

func newLateOrigin(t *testing.T) *lateOrigin {
	o := &lateOrigin{addr: "127.0.0.1:0"}
	o.listen(t)
	o.addr = o.l.Addr().String()
	require.NoError(t, o.l.Close())
	t.Cleanup(func() { o.l.Close() })
	return o
}

func (o *lateOrigin) listen(t *testing.T) {
	l, err := net.Listen("tcp", o.addr)
	require.NoError(t, err)
	o.l = l.(*net.TCPListener)
	require.NoError(t, o.l.SetDeadline(time.Now().Add(patience)))
}

// pair opens a session through which some bytes have gone.
func (o *lateOrigin) pair(t *testing.T, p *process) (client, server net.Conn) {
	client = p.dial(t)
	server, err := o.l.Accept()
	require.NoError(t, err)
	_, err = io.WriteString(client, "hello")
	require.NoError(t, err)
	expect(t, server, "hello")
	return client, server
}

func oneByOne(t *testing.T, p *process, o *lateOrigin) {
	for range *weighed {
		_, server := o.pair(t, p)
		t.Cleanup(func() { server.Close() })
	}
}

// inBursts opens sessions whose first attempt to connect is refused. The next comes a second
// later.
func inBursts(t *testing.T, p *process, o *lateOrigin) {
	for range *weighed / burst {
		require.NoError(t, o.l.Close())
		for range burst {
			_, err := io.WriteString(p.dial(t), "hello")
			require.NoError(t, err)
		}
		time.Sleep(100 * time.Millisecond) // the relay has read all of it
		o.listen(t)
		for range burst {
			server, err := o.l.Accept()
			require.NoError(t, err)
			t.Cleanup(func() { server.Close() })
			expect(t, server, "hello")
		}
	}
}
