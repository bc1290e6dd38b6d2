package core

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
)

// scene is one connection over fakes, driven by lines such as these:
//
//	kernel send=3 recv=EAGAIN    how the calls to come are answered
//	chain proxy-out=W6 tls=W2R4  the handshakes of the next connection: what each
//	                             writes and reads
//	accept                       Conn.Attach
//	connect [5]                  Conn.Connect, with 5 bytes waiting to be sent
//	report IN|HUP                a round of the loop with this in the report
//	step                         a round without a report
//	give 5                       the upper layer has 5 bytes more to send
//	want R, stop R, shutw, close, reset, fail ECONNRESET, rehandshake tls=R4
//	                             the verb of that name
//	on recv close; look          what the next callback does instead of its work;
//	                             look prints the connection in the middle of it
type scene struct {
	*stage
	t       require.TestingT
	conn    Conn
	fd      *fakeFD
	chain   *Chain
	again   *Chain // asked for in the middle of the stream
	pending int    // bytes to be sent
	hooks   []string
	news    int // announcements of this connection
	state   string
}

func newScene(t require.TestingT, edge bool) *scene {
	s := &scene{stage: newStage(edge), t: t}
	s.poller.log = nil // what it is told is another test's matter
	s.fd = &fakeFD{num: 3, log: s.log}
	s.state = s.books()
	return s
}

// play runs a line and returns what it led to.
func (s *scene) play(line string) string {
	s.run(line)
	s.rest()
	if now := s.books(); now != s.state {
		s.state = now
		s.log.say("state", "%s", now)
	}
	return s.log.take()
}

func (s *scene) run(line string) {
	verb, args, _ := strings.Cut(line, " ")
	c := &s.conn
	switch verb {
	case "kernel":
		s.fd.script = append(s.fd.script, strings.Fields(args)...)
	case "chain":
		s.chain = s.parseChain(args)
	case "accept":
		s.news, s.again = 0, nil
		c.Attach(&s.Table, s.fd, s)
	case "connect":
		s.connect(args)
	case "report", "step":
		s.step(args)
	case "give":
		s.pending += s.number(args)
		c.Want(W)
	case "want":
		c.Want(s.wish(args))
	case "stop":
		c.Stop(s.wish(args))
	case "shutw":
		c.ShutW()
	case "close", "reset":
		c.Close(verb == "reset")
	case "fail":
		e, ok := ParseErrno(args)
		require.True(s.t, ok, line)
		c.Fail(e)
	case "rehandshake":
		s.again = s.parseChain(args)
		c.Rehandshake(ConnTLS, s.again[2].(*fakeShake).left[0].dir)
	case "on":
		s.hooks = append(s.hooks, args)
	case "look":
		s.log.say("look", "%s; told %v", s.books(), c.Desc().Active())
	default:
		require.Fail(s.t, "no such line: "+line)
	}
}

func (s *scene) connect(pending string) {
	if pending != "" {
		s.pending = s.number(pending)
	}
	s.news, s.again = 0, nil
	if e := s.conn.Connect(&s.Table, s.fd, s, s.pending > 0); e != 0 {
		s.log.say("upper", "cannot connect: %v", e)
	} else if s.pending > 0 {
		s.conn.Want(W)
	}
}

func (s *scene) step(events string) {
	if events != "" {
		ev, ok := ParseEvents(events)
		require.True(s.t, ok, events)
		s.poller.batch = []Ready{{Key: s.Table.At(s.fd.num).Key(), Events: ev}}
	}
	require.Zero(s.t, s.Step())
}

func (s *scene) number(text string) int {
	n, err := strconv.Atoi(text)
	require.NoError(s.t, err)
	return n
}

func (s *scene) wish(text string) Wish {
	w, ok := ParseFlags(text, wishNames)
	require.True(s.t, ok, text)
	return Wish(w)
}

// books prints the connection as it stands.
func (s *scene) books() string {
	c := &s.conn
	text := c.Flags().String()
	if c.Err() != 0 {
		text += " " + c.Err().String()
	}
	if !c.Open() {
		return text + "; closed"
	}
	data, sock, curr := c.Levels()
	return fmt.Sprintf("%s; data %v, sock %v, curr %v; ready %v", text, data, sock, curr, c.Desc().Ready())
}

// rest checks what must hold whenever no turn is running.
func (s *scene) rest() {
	c := &s.conn
	require.Empty(s.t, s.Table.Audit())
	require.False(s.t, c.Flags().Any(ConnTurn))
	require.LessOrEqual(s.t, s.news, 1, "announced twice")
	if c.Open() {
		require.Equal(s.t, c.effective(), c.curr, "a wish is not in force")
		require.Equal(s.t, c.curr, c.desc.Active(), "the descriptor was not told")
	} else {
		data, sock, curr := c.Levels()
		require.Zero(s.t, data|sock|curr, "a closed connection wants nothing")
		require.Zero(s.t, s.Table.Opened())
	}
}

// hooked runs what a test put in place of a callback.
func (s *scene) hooked(callback string) bool {
	for i, h := range s.hooks {
		if line, ok := strings.CutPrefix(h, callback+" "); ok {
			s.hooks = append(s.hooks[:i], s.hooks[i+1:]...)
			for part := range strings.SplitSeq(line, "; ") {
				s.log.say("upper", "%s", part)
				s.run(part)
			}
			return true
		}
	}
	return false
}

// Turn implements Upper.
func (s *scene) Turn() { s.conn.Turn(s) }

// Chain implements Upper.
func (s *scene) Chain() *Chain {
	if s.again != nil {
		return s.again
	}
	return s.chain
}

// Recv implements Upper: it reads once.
func (s *scene) Recv(c *Conn) {
	s.log.say("upper", "recv")
	if s.hooked("recv") {
		return
	}
	var buf [16]byte
	switch n, e := c.FD().Recv(buf[:]); {
	case e == EAGAIN:
		c.Cant(R)
	case e != 0:
		c.Fail(e)
	case n == 0:
		c.Moved()
		c.End()
	default:
		c.Moved()
	}
}

// Send implements Upper: it sends once, if there is something to send.
func (s *scene) Send(c *Conn) {
	s.log.say("upper", "send")
	if s.hooked("send") || s.pending == 0 {
		return
	}
	n, e := c.FD().Send([]byte(strings.Repeat("d", s.pending)), false)
	switch {
	case e == EAGAIN:
		c.Cant(W)
	case e != 0:
		c.Fail(e)
	default:
		c.Moved()
		if s.pending -= n; s.pending > 0 {
			c.Cant(W)
		}
	}
}

// Wake implements Upper.
func (s *scene) Wake(c *Conn, established bool) {
	if established {
		s.news++
		s.log.say("upper", "wake, established")
	} else {
		s.log.say("upper", "wake")
	}
	if !s.hooked("wake") && s.pending == 0 {
		c.Stop(W)
	}
}

// fakeShake is a handshake of so many bytes one way and the other.
type fakeShake struct {
	name string
	left []flight
	log  *transcript
}

type flight struct {
	dir Wish
	n   int
}

var placeInChain = map[string]int{"proxy-in": 0, "proxy-out": 1, "tls": 2}

// parseChain reads "proxy-out=W6 tls=W2R4"; an empty text is no chain.
func (s *scene) parseChain(text string) *Chain {
	if text == "" {
		return nil
	}
	chain := new(Chain)
	for word := range strings.FieldsSeq(text) {
		name, flights, _ := strings.Cut(word, "=")
		h := &fakeShake{name: name, log: s.log}
		words := strings.Fields(strings.NewReplacer("R", " R ", "W", " W ").Replace(flights))
		for f := range slices.Chunk(words, 2) {
			h.left = append(h.left, flight{s.wish(f[0]), s.number(f[1])})
		}
		i, ok := placeInChain[name]
		require.True(s.t, ok, name)
		chain[i] = h
	}
	return chain
}

// Shake implements Handshake.
func (h *fakeShake) Shake(c *Conn) bool {
	h.log.say("shake", "%s", h.name)
	for len(h.left) > 0 {
		n, e := h.transfer(c.FD())
		switch f := &h.left[0]; {
		case e == EAGAIN || e == ENOTCONN:
			c.SockPoll(f.dir)
			return false
		case e == 0 && n == 0:
			e = ECONNABORTED // the peer left in the middle of it
			fallthrough
		case e != 0:
			c.Fail(e)
			return false
		case n < f.n && f.dir == W:
			f.n -= n
			c.Moved()
			c.SockPoll(W)
			return false
		default:
			c.Moved()
			if f.n -= n; f.n == 0 {
				h.left = h.left[1:]
			}
		}
	}
	return true
}

// transfer makes one call for the flight that is due.
func (h *fakeShake) transfer(fd FD) (int, Errno) {
	f := h.left[0]
	if f.dir == R {
		return fd.Recv(make([]byte, f.n))
	}
	return fd.Send([]byte(strings.Repeat(h.name[:1], f.n)), false)
}
