package real

import (
	"errors"
	"fmt"
	"net/netip"

	"millrace/datalayer"
)

// target is a server as its worker knows it, by a number that it keeps for as long
// as it is among the servers or a session goes to it.
type target struct {
	sockaddr
	name  string            // for the log
	tls   datalayer.Ciphers // nil is plain TCP
	place int               // its number for tls
	gone  bool
}

// Servers is a list of servers, ready to be used by any number of workers.
type Servers struct{ list []target }

// NewServers makes a list of servers, to whom tls is spoken by their places in it;
// nil is plain TCP.
func NewServers(addrs []netip.AddrPort, tls datalayer.Ciphers) (*Servers, error) {
	s := &Servers{make([]target, len(addrs))}
	for i, a := range addrs {
		sa, err := newSockaddr(a)
		if err != nil {
			return nil, fmt.Errorf("server %s: %w", a, err)
		}
		if sa.own, err = mayBeOwn(a); err != nil {
			return nil, fmt.Errorf("server %s: %w", a, err)
		}
		s.list[i] = target{sockaddr: sa, name: a.String(), tls: tls, place: i}
	}
	return s, nil
}

// numbered implements datalayer.Ciphers by the worker's own numbers.
type numbered struct{ k *Sockets }

// New implements datalayer.Ciphers.
func (n numbered) New(server int, protocol string) datalayer.Cipher {
	t := &n.k.targets[server]
	return t.tls.New(t.place, protocol)
}

// SetServers makes other servers count for the connections to come; sessions go on
// with the server they have. It may be called from any goroutine, and taken is
// closed when the worker has obeyed, or has ended. Whether TLS is spoken to servers
// was decided at the start.
func (w *Worker) SetServers(s *Servers) (taken <-chan struct{}, err error) {
	if len(s.list) == 0 {
		return nil, errors.New("no server to relay to")
	}
	return w.Do(func() {
		numbers := w.socks.replace(s.list, w.inUse())
		w.proxy.SetServers(numbers)
		w.rec.anew(len(numbers))
		w.obs.replaced(w.proxy)
		w.pub.board.Store(newBoard(w.socks.targets, numbers))
		w.pub.soon()
	}), nil
}

// inUse says which servers live sessions go to.
func (w *Worker) inUse() []bool {
	used := make([]bool, len(w.socks.targets))
	for _, s := range w.proxy.Sessions() {
		if n := s.Server(); n >= 0 {
			used[n] = true
		}
	}
	return used
}

// replace makes these the servers, and returns their numbers. One that was there
// before keeps its number; a new one gets that of one which is gone and has no
// sessions any more.
func (k *Sockets) replace(list []target, used []bool) []int32 {
	numbers := make([]int32, len(list))
	for i := range k.targets {
		k.targets[i].gone = true
	}
	for i, t := range list {
		numbers[i] = k.find(func(n int) bool { return k.targets[n].gone && k.targets[n].name == t.name })
		if numbers[i] >= 0 {
			k.targets[numbers[i]] = t
		}
	}
	for i, t := range list {
		if numbers[i] >= 0 {
			continue
		}
		if numbers[i] = k.find(func(n int) bool { return k.targets[n].gone && !used[n] }); numbers[i] < 0 {
			numbers[i] = int32(len(k.targets))
			k.targets, used = append(k.targets, target{}), append(used, false)
		}
		k.targets[numbers[i]] = t
	}
	return numbers
}

// find returns the first number that fits, -1 if none does.
func (k *Sockets) find(fits func(n int) bool) int32 {
	for n := range k.targets {
		if fits(n) {
			return int32(n)
		}
	}
	return -1
}
