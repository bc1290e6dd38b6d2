package tlsdouble

import (
	"encoding/binary"

	"millrace/datalayer"
)

// kind is the type of a record.
type kind byte

const (
	hello    kind = 'H' // client's first flight: the protocol it wants
	flight   kind = 'F' // server's answer, long enough to be cut
	finished kind = 'E' // client's second flight
	ticket   kind = 'T' // server's, behind the handshake: to be ignored
	data     kind = 'D'
	rekey    kind = 'K' // keys change; one byte says whether the peer's must, too
	renew1   kind = 'R' // wants a renewal
	renew2   kind = 'S' // and the two answers
	renew3   kind = 'U'
	alert    kind = 'A' // one byte: the goodbye, or a failure
)

// The alerts.
const (
	goodbye byte = iota
	failure
)

const (
	headLen = 3
	sumLen  = 2
	// MaxBody is the plaintext of a record at most.
	MaxBody = 4096
)

// keys are the state of one direction.
type keys struct {
	server bool // it is the server that seals with them
	epoch  uint32
	seq    uint32
}

func (k *keys) turn() { k.epoch, k.seq = k.epoch+1, 0 }

// mask masks and unmasks, eight bytes at a time: worlds do little else with their bytes.
func (k *keys) mask(p []byte) {
	x := uint64(k.epoch)<<32 ^ uint64(k.seq) ^ 0x9e3779b97f4a7c15
	if k.server {
		x = ^x
	}
	for ; len(p) >= 8; p = p[8:] {
		x = x*6364136223846793005 + 1442695040888963407
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^x^x>>32)
	}
	for i := range p {
		x = x*6364136223846793005 + 1442695040888963407
		p[i] ^= byte(x >> 56)
	}
}

// sum covers the plaintext and everything the mask depends on: a bit that is turned
// anywhere turns about half of it.
func (k *keys) sum(t kind, plain []byte) uint16 {
	const odd = 0x9e3779b97f4a7c15
	h := uint64(t)<<48 ^ uint64(len(plain))<<32 ^ uint64(k.epoch)*2654435761 ^ uint64(k.seq)*40503
	if k.server {
		h = ^h
	}
	for ; len(plain) >= 8; plain = plain[8:] {
		h = (h ^ binary.LittleEndian.Uint64(plain)) * odd
		h ^= h >> 32 // what is at the top must get down, or the next product loses it
	}
	for _, b := range plain {
		h = (h ^ uint64(b)) * odd
	}
	h = (h ^ h>>32) * odd
	return uint16(h >> 48)
}

// seal appends a record.
func (k *keys) seal(out *datalayer.Bytes, t kind, plain []byte) {
	var head [headLen]byte
	head[0] = byte(t)
	binary.BigEndian.PutUint16(head[1:], uint16(len(plain)))
	out.Add(head[:])
	out.Add(plain)
	held := out.Held()
	k.mask(held[len(held)-len(plain):])
	out.Add(binary.BigEndian.AppendUint16(nil, k.sum(t, plain)))
	k.seq++
}

// look unmasks the first record in in, in place, if it is all there. ok is false
// if it is no record. The record stays where it is: its body is the n bytes behind
// its head.
func (k *keys) look(in *datalayer.Bytes) (t kind, n int, whole, ok bool) {
	held := in.Held()
	if len(held) < headLen {
		return 0, 0, false, true
	}
	n = int(binary.BigEndian.Uint16(held[1:]))
	if n > MaxBody {
		return 0, 0, false, false
	}
	if len(held) < headLen+n+sumLen {
		return 0, 0, false, true
	}
	t = kind(held[0])
	body := held[headLen : headLen+n]
	k.mask(body)
	ok = k.sum(t, body) == binary.BigEndian.Uint16(held[headLen+n:])
	k.seq++
	return t, n, true, ok
}
