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
	k *Sockets // the worker's; nil as long as none has it
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
	t := n.k.targets[server]
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
	return w.Do(func() { w.turnTo(s) }), nil
}

// turnTo is SetServers between two rounds.
func (w *Worker) turnTo(s *Servers) {
	numbers := w.socks.replace(s.list, w.inUse())
	if w.proxy.SetServers(numbers) {
		w.rec.anew(len(numbers))
	}
	w.obs.replaced(w.proxy)
	b := newBoard(w.socks.targets, numbers)
	b.publish(w.proxy) // before it is seen: a row with nothing in it says that the server is down
	w.pub.board.Store(b)
	w.pub.soon()
}

// inUse says which numbers no other server may have: of those that live sessions go to, and
// of all that are among the servers now, since what is known of one would be said of the other.
func (w *Worker) inUse() []bool {
	used := make([]bool, len(w.socks.targets))
	for n := range used {
		used[n] = !w.socks.targets[n].gone
	}
	for _, s := range w.proxy.Sessions() {
		if n := s.Server(); n >= 0 {
			used[n] = true
		}
	}
	return used
}

// replace makes these the servers, and returns their numbers. One that was there
// before keeps its number; a new one gets that of one which is gone and is not
// used any more, the lowest first. All of it goes through either list once: looking
// through one for each entry of the other took a worker most of a second for 10,000.
func (k *Sockets) replace(list []target, used []bool) []int32 {
	numbers := make([]int32, len(list))
	known := k.named()
	for i, t := range list {
		numbers[i] = known.take(t.name)
		if n := numbers[i]; n >= 0 {
			k.aim(int(n), t)
		}
	}
	free := 0
	for i, t := range list {
		if numbers[i] >= 0 {
			continue
		}
		for free < len(used) && (used[free] || !k.targets[free].gone) {
			free++
		}
		if free == len(k.targets) {
			used = append(used, false)
		}
		numbers[i] = int32(free)
		k.aim(free, t)
	}
	return numbers
}

// aim has a number mean a target, or one number more. Sockets go on where they are: a number
// means the same for as long as a session has one.
func (k *Sockets) aim(number int, t target) {
	if number == len(k.targets) {
		k.targets = append(k.targets, new(target))
	}
	t.k = k
	*k.targets[number] = t
}

// names finds numbers by name. A list may name a server twice, which has two then.
type names struct {
	first map[string]int32
	next  []int32 // by number: the next higher one of that name; -1 if there is none
}

// named returns the numbers of all targets, which are gone until they are taken.
func (k *Sockets) named() names {
	f := names{make(map[string]int32, len(k.targets)), make([]int32, len(k.targets))}
	for n := len(k.targets) - 1; n >= 0; n-- {
		t := k.targets[n]
		t.gone, f.next[n] = true, -1
		if other, twice := f.first[t.name]; twice {
			f.next[n] = other
		}
		f.first[t.name] = int32(n)
	}
	return f
}

// take returns the lowest number of that name, once; -1 if there is none left.
func (f *names) take(name string) int32 {
	n, known := f.first[name]
	if !known || n < 0 {
		return -1
	}
	f.first[name] = f.next[n]
	return n
}
