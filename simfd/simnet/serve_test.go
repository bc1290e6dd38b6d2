package simnet_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// echo sends back what comes, to the end of it.
func echo(_ *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	io.Copy(c, c)
}

func TestAnEchoOfFiveLinesIsRight(t *testing.T) {
	properties.Check(t, &properties.Program{Name: "net-echo", Main: simnet.Coroutines(simnet.Serve(echo)), Gets: properties.Echoed})
}

func TestAnEchoInABubbleIsRight(t *testing.T) {
	properties.Check(t, &properties.Program{
		Name: "bubble-echo", Main: simnet.Goroutines(simnet.Serve(echo)), Within: simnet.Bubble(t), Gets: properties.Echoed,
	})
}

// talk is a line protocol with a timeout, as people write them.
func talk(_ *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(c, "you said %s", strings.ToUpper(line)); err != nil {
			return
		}
	}
}

func drawTalk(r *sim.Rand, t *traces.Trace) {
	properties.DrawNetwork(r, &t.Settings)
	for i := range sim.Of(r, 1, 2, 4) {
		s := traces.Script{}
		for k := range sim.Of(r, 1, 2, 3) {
			s = append(s, properties.Say(fmt.Sprintf("line %d of %d\n", k, i)), properties.Expect(fmt.Sprintf("you said LINE %d OF %d\n", k, i)))
		}
		s = append(s, traces.Act{Verb: traces.ShutW}, traces.Act{Verb: traces.EOF}, properties.Quiet(), traces.Act{Verb: traces.Close})
		t.Sessions = append(t.Sessions, traces.Session{Client: s})
	}
}

func TestATalkWithADeadlineIsRight(t *testing.T) {
	properties.Check(t, &properties.Program{
		Name: "talk", Main: simnet.Coroutines(simnet.Serve(talk)), Within: simnet.Bubble(t), Draw: drawTalk, Leaves: true,
	})
	properties.Check(t, &properties.Program{
		Name: "bubble-talk", Main: simnet.Goroutines(simnet.Serve(talk)), Within: simnet.Bubble(t), Draw: drawTalk, Leaves: true,
	})
}

// quiet is a log that nobody reads.
var quiet = log.New(io.Discard, "", 0)
