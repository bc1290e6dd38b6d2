package streamif_test

import (
	"bytes"
	"fmt"

	"millrace/properties"
	"millrace/streamif"
	"millrace/traces"
)

// upper is an applet with a state: it answers with the lines it gets, in capitals, and
// knows at the end how many there were.
type upper struct {
	lines *int // of all sessions
	mine  int
}

// New implements streamif.Maker: each session has its own.
func (u upper) New(*streamif.Session) streamif.Applet { return &upper{lines: u.lines} }

// Run takes whole lines, for as long as there is room for an answer. A line may go over
// the end of the ring.
func (u *upper) Run(si *streamif.StreamInterface) {
	for {
		text := append(bytes.Clone(si.Output()), si.OutputRest()...)
		n := bytes.IndexByte(text, '\n') + 1
		if n == 0 || len(si.Space()) < n {
			break
		}
		copy(si.Space(), bytes.ToUpper(text[:n]))
		si.Produced(n)
		si.Consumed(n)
		u.mine++
	}
	if si.OutputShut() {
		si.Finish()
	}
}

// End is told once, however the session ended.
func (u *upper) End(*streamif.Session) { *u.lines += u.mine }

// server is a proxy in a simulated world, with an applet for an upper layer.
type server struct {
	properties.Looping
	proxy *streamif.Proxy
}

func (s *server) Stop() { s.proxy.Stop() }

// An applet is the upper layer for who writes a server and not a proxy.
func ExampleMaker() {
	lines := 0
	p := &properties.Program{Name: "upper", Start: func(w *properties.World) properties.Running {
		s := &server{Looping: properties.NewLooping(w, 8)}
		cfg := streamif.Defaults()
		cfg.Applet = upper{lines: &lines}
		s.proxy = streamif.New(cfg, s.Loop, w.Dialer(), nil)
		s.proxy.Listen(w.Listener())
		return s
	}}
	properties.Register(p)
	t, err := traces.Parse("two", []byte(`millrace 1
world program=upper
session 0 client=say:"mill\nrace\n",expect:"MILL\nRACE\n",shutw,eof,close
session 1 client=say:"run\n",expect:"RUN\n",reset
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(properties.NewWorld(p).Replay(t, properties.Options{}), lines, "lines")
	// Output: <nil> 3 lines
}
