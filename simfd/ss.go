package simfd

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// states are a connection's, as ss prints them: whether our FIN is still to be sent, on its
// way, or there, and whether the other one has come.
var states = [3][2]string{
	{"ESTAB", "CLOSE-WAIT"},
	{"FIN-WAIT-1", "LAST-ACK"},
	{"FIN-WAIT-2", "TIME-WAIT"},
}

// tcp is the state of a socket in Linux's words. Both FINs under way at once, which is
// CLOSING there, are LAST-ACK here.
func (s *Socket) tcp() string {
	switch s.state {
	case fresh:
		return "UNCONN"
	case connecting:
		return "SYN-SENT"
	case reset:
		return "CLOSE"
	}
	return states[b2i(s.out.Fin())+b2i(s.out.FinAcked())][b2i(s.in.FinIn())]
}

// State returns the state of the connection in Linux's words.
func (s *Socket) State() string { return s.tcp() }

// Other returns the other end of the connection.
func (s *Socket) Other() *Socket { return s.other }

// Sockets prints what ss would, of the process's sockets: those that are open, and those
// that were closed and still have something under way.
func (k *Kernel) Sockets(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "who\tfd\tstate\trecv-q\tsend-q\t\n")
	if k.lst != nil {
		fmt.Fprintf(w, "%s\t%d\tLISTEN\t%d\t%d\t\n", k.lst.agent.Actor, k.lst.num, len(k.lst.queue), k.params.Queue)
	}
	for _, l := range k.links {
		s := &l.a
		waits := s.state != closed && s.num == none // to be accepted
		if s.agent == nil || s.k != k || waits || s.state == closed && (s.out.Untaken() == 0 || s.out.FinAcked()) {
			continue
		}
		num := "-"
		if s.num != none {
			num = fmt.Sprint(s.num)
		}
		note := ""
		if s.err != 0 {
			note = "SO_ERROR " + s.err.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\n", s.agent.Actor, num, s.tcp(), s.in.Readable(), s.out.Untaken(), note)
	}
	return w.Flush()
}
