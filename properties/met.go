package properties

import (
	"unsafe"

	"millrace/sim"
)

// meetings number what pointers lead to, in the order in which it is met. A struct and its
// first field are two. It is a table with open places that is used again: what was met in an
// earlier time counts as nothing.
type meetings struct {
	table []meeting // a power of two
	time  uint32
	count int
}

type meeting struct {
	at   uintptr
	of   *shape
	no   uint32
	time uint32
}

// forget begins another time.
func (m *meetings) forget() {
	m.count = 0
	if m.time++; m.table == nil || m.time == 0 {
		m.table, m.time = make([]meeting, max(len(m.table), 512)), 1
	}
}

// exempt has somebody met who is 0, and nobody follows.
func (m *meetings) exempt(at unsafe.Pointer, of *shape) {
	*m.place(uintptr(at), of) = meeting{uintptr(at), of, 0, m.time}
	m.count++
}

// number returns under which number, from 1 on, it was met, and whether that was before.
func (m *meetings) number(at unsafe.Pointer, of *shape) (n uint64, known bool) {
	p := m.place(uintptr(at), of)
	if p.time == m.time {
		return uint64(p.no), true
	}
	m.count++
	*p = meeting{uintptr(at), of, uint32(m.count), m.time}
	n = uint64(m.count)
	if 2*m.count > len(m.table) {
		m.grow()
	}
	return n, false
}

// place returns where it is, or is to be.
func (m *meetings) place(at uintptr, of *shape) *meeting {
	mask := uint64(len(m.table) - 1)
	for i := sim.Mix(uint64(at) ^ uint64(uintptr(unsafe.Pointer(of)))<<16); ; i++ {
		if p := &m.table[i&mask]; p.time != m.time || p.at == at && p.of == of {
			return p
		}
	}
}

// grow makes a table twice as large.
func (m *meetings) grow() {
	old := m.table
	m.table = make([]meeting, 2*len(old))
	for _, p := range old {
		if p.time == m.time {
			*m.place(p.at, p.of) = p
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
