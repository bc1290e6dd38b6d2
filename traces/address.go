package traces

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"millrace/core"
	"millrace/sim"
)

// Address is who the peers of a session are, for who asked that it be recorded. No replay
// looks at it.
//
//	address 7 client=192.0.2.1:41312 server=10.0.0.1:80
type Address struct {
	Session int
	Client  netip.AddrPort // where the connection came from; not valid: unknown
	Server  netip.AddrPort // whom the last attempt was to
}

// maxLabel is the last session of which an actor can be.
const maxLabel = 1<<24 - 1

func (a *Address) appendText(b []byte) []byte {
	b = strconv.AppendInt(append(b, "address "...), int64(a.Session), 10)
	b = appendPeer(b, " client=", a.Client)
	return append(appendPeer(b, " server=", a.Server), '\n')
}

func appendPeer(b []byte, name string, p netip.AddrPort) []byte {
	if !p.IsValid() {
		return b
	}
	return p.AppendTo(append(b, name...))
}

// String says it in a line for a reader.
func (a *Address) String() string {
	said := func(p netip.AddrPort) string {
		if !p.IsValid() {
			return "unknown"
		}
		return p.String()
	}
	return "client " + said(a.Client) + ", server " + said(a.Server)
}

// AddressOf returns what is known of a session's peers, nil if nothing is.
func (t *Trace) AddressOf(session int) *Address {
	for i := range t.Addresses {
		if t.Addresses[i].Session == session {
			return &t.Addresses[i]
		}
	}
	return nil
}

// address reads a line of them. Of each session there is one, in front of the steps.
func (p *parser) address(args []string, line string) error {
	if len(p.t.Steps) > 0 {
		return expected("an address in front of the steps", line)
	}
	if len(args) < 2 {
		return expected("address SESSION client=ADDR:PORT server=ADDR:PORT", line)
	}
	n, err := strconv.ParseUint(args[0], 10, 24)
	if err != nil || p.addressed[int(n)] {
		return expected(fmt.Sprintf("a session up to %d, each once", maxLabel), args[0])
	}
	a := Address{Session: int(n)}
	for _, w := range args[1:] {
		name, value, _ := strings.Cut(w, "=")
		of := map[string]*netip.AddrPort{"client": &a.Client, "server": &a.Server}[name]
		if of == nil || of.IsValid() {
			return expected("client= and server=, once", w)
		}
		if *of, err = netip.ParseAddrPort(value); err != nil || of.Addr().Zone() != "" {
			return expected(name+": an address with a port", value)
		}
	}
	if p.addressed == nil {
		p.addressed = map[int]bool{}
	}
	p.addressed[a.Session] = true
	p.t.Addresses = append(p.t.Addresses, a)
	return nil
}

// addrSize is how many bytes of a tape an address takes.
const addrSize = 16 + 2

// KeepAddresses has a ring keep where clients come from, and what server says of the servers by
// their numbers. A recorder that is not told so keeps nobody's.
func (r *Recorder) KeepAddresses(server func(number int) core.Addr) { r.server = server }

// addFrom is add for a step that makes a connection with somebody.
func (r *Recorder) addFrom(s Step, peer core.Addr) {
	if r.tape == nil || r.frozen {
		r.add(s)
		return
	}
	t := r.tape
	s.More = true // such a step has no other use for it
	r.add(s)
	copy(t.buf[t.n:], peer.IP[:])
	binary.LittleEndian.PutUint16(t.buf[t.n+len(peer.IP):], peer.Port)
	t.n += addrSize
}

// hasAddress says that an address follows a step on a tape.
func (s *Step) hasAddress() bool { return s.More && (s.Call == CallAccept || s.Call == CallSocket) }

// addresses are those on a tape, in the order in which their sessions are first met.
func (t *tape) addresses() (list []Address) {
	places := map[int]int{}
	t.read(func(b block, text []byte) {
		r := reader{b: text}
		for range b.steps {
			s := r.step()
			if !r.from.IsValid() {
				continue
			}
			label, _ := s.Session()
			i, known := places[label]
			if !known {
				i, places[label] = len(list), len(list)
				list = append(list, Address{Session: label})
			}
			if s.Actor.Kind() == sim.Back {
				list[i].Server = r.from
			} else {
				list[i].Client = r.from
			}
		}
	})
	return slices.Clip(list)
}

// address reads one off a block.
func (r *reader) address() netip.AddrPort {
	ip := netip.AddrFrom16([16]byte(r.b)).Unmap()
	port := binary.LittleEndian.Uint16(r.b[16:])
	r.b = r.b[addrSize:]
	return netip.AddrPortFrom(ip, port)
}
