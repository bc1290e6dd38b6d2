package properties

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"unsafe"

	"millrace/sim"
)

// digest turns the state of a world into a number that two states share only if
// they are the same in everything that a run can see. It goes from its roots, which
// are pointers, so nobody has to keep a list of what a state consists of. Whoever
// holds them, and is pointed back to, is not part of it. Nor are threads. It leaves out:
//
//   - what only counts: structs whose type is called Stats, or ends in it, and fields
//     with the tag digest:"-", which say why they are none
//   - which life of a descriptor's number it is
//   - payload: of a []byte only the length counts, since what is in it follows from
//     where in its stream it is
//   - what the standard library keeps to itself
//
// It costs some tens of microseconds, and is for runs that look as if they went round in
// circles.
func digest(holders, roots []any) uint64 { return newDigester(false).of(holders, roots) }

// digester is digest with memory: a table of what was met, which is used again.
//
// What a type's memory is made of is found out once (see shape). From then on a state is
// read as memory: neighbours without pointers at once, eight bytes at a time. It is a read
// of everything all the same, each time: nobody says what changed.
type digester struct {
	hash   uint64
	met    meetings
	inside map[unsafe.Pointer]*shape // what interfaces hold, by their first word
	whole  bool                      // payload counts too
	bytes  []byte                    // scratch
	opaque string                    // the first type that it met and could not look into: states may differ there. Functions are code
}

// newDigester makes one. Who takes two states for the same, and acts upon it, needs a whole
// one, and to look at opaque.
func newDigester(whole bool) *digester {
	return &digester{inside: map[unsafe.Pointer]*shape{}, whole: whole}
}

// of is digest.
func (d *digester) of(holders, roots []any) uint64 {
	d.hash = 0
	d.met.forget()
	for i := range holders {
		h := (*face)(unsafe.Pointer(&holders[i]))
		d.met.exempt(h.data, d.held(unsafe.Pointer(&holders[i]), anyType).target())
	}
	for i := range roots {
		d.inter(unsafe.Pointer(&roots[i]), anyType)
	}
	return sim.Mix(d.hash)
}

// add makes x part of the hash: which of all hashes it becomes depends on x alone, and the
// other way round.
func (d *digester) add(x uint64) {
	d.hash = bits.RotateLeft64((d.hash^x)*0x9e3779b97f4a7c15, 29)
}

// walk goes through a value of a shape.
func (d *digester) walk(p unsafe.Pointer, s *shape) {
	for i := range s.parts {
		part := &s.parts[i]
		at := unsafe.Add(p, part.at)
		switch part.kind {
		case plainPart:
			d.memory(at, part.n)
		case numberPart:
			d.add(*(*uint64)(at) & (1<<32 - 1))
		case textPart:
			d.add(uint64(len(*(*string)(at))))
			d.memory(unsafe.Pointer(unsafe.StringData(*(*string)(at))), uintptr(len(*(*string)(at))))
		case pointerPart:
			d.pointer(*(*unsafe.Pointer)(at), part.of)
		case interPart:
			d.inter(at, part.own)
		case slicePart:
			list := (*span)(at)
			d.add(uint64(list.len))
			d.elements(list.data, uintptr(list.len), part.of)
		case payloadPart:
			list := (*span)(at)
			d.add(uint64(list.len))
			if d.whole {
				d.memory(list.data, uintptr(list.len))
			}
		case arrayPart:
			d.elements(at, part.n, part.of)
		case codePart:
			d.add(uint64(b2i(*(*unsafe.Pointer)(at) != nil)))
		case foreignPart:
			d.opaque = cmp.Or(d.opaque, part.own.String())
		case hiddenPart:
			if *(*unsafe.Pointer)(at) != nil {
				d.opaque = cmp.Or(d.opaque, part.own.String())
			}
		}
	}
}

// memory adds n bytes, which may be none, as words: the last one may have bytes of the one before
// in it. How many there are the shape says, or was added before.
func (d *digester) memory(p unsafe.Pointer, n uintptr) {
	b := unsafe.Slice((*byte)(p), n)
	for at := 0; at+8 < len(b); at += 8 {
		d.add(binary.LittleEndian.Uint64(b[at:]))
	}
	switch n := len(b); {
	case n >= 8:
		d.add(binary.LittleEndian.Uint64(b[n-8:]))
	case n >= 4:
		d.add(uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32)
	case n > 0:
		d.add(uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16)
	}
}

// elements goes through n values, one behind the other.
func (d *digester) elements(p unsafe.Pointer, n uintptr, s *shape) {
	if s.solid {
		d.memory(p, n*s.size)
		return
	}
	for i := range n {
		d.walk(unsafe.Add(p, i*s.size), s)
	}
}

// pointer follows a pointer the first time it sees it. Later on it is the number under which
// it was met.
func (d *digester) pointer(p unsafe.Pointer, s *shape) {
	if p == nil {
		d.add(0)
		return
	}
	n, known := d.met.number(p, s)
	d.add(n)
	if !known {
		d.walk(p, s)
	}
}
