package picture

import (
	"encoding/binary"
	"io"
)

// What a capture's file is made of, in the format pcapng. A block is its kind, its length, a body,
// options, and its length again; all of it is in multiples of four bytes.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 6

	sectionOrder = 0x1a2b3c4d // shows a reader the order of bytes
	linkRaw      = 101        // packets begin with their IP header

	optComment = 1
	optName    = 2 // of an interface
	optUnit    = 9 // of its times: the power of ten, below one second
)

var le = binary.LittleEndian

// option is one of a block's.
type option struct {
	kind  uint16
	value string
}

// write writes the capture, with a comment. An error is the writer's.
func (c *capture) write(out io.Writer, comment string) error {
	section := le.AppendUint32(nil, sectionOrder)
	section = append(section, 1, 0, 0, 0) // of the format's version 1.0
	section = le.AppendUint64(section, ^uint64(0))
	b := block(nil, blockSection, section, option{optComment, comment})
	link := le.AppendUint32([]byte{linkRaw, 0, 0, 0}, 0)
	b = block(b, blockInterface, link, option{optName, "millrace"}, option{optUnit, "\x09"})
	var body, packet []byte
	for _, p := range c.packets {
		packet = p.appendTo(packet[:0])
		body = le.AppendUint32(body[:0], 0)
		body = le.AppendUint32(body, uint32(uint64(p.at)>>32))
		body = le.AppendUint32(body, uint32(p.at))
		body = le.AppendUint32(body, uint32(len(packet)))
		body = le.AppendUint32(body, uint32(len(packet)))
		body = padded(append(body, packet...))
		b = block(b, blockPacket, body, option{optComment, p.comment})
		if len(b) > 1<<20 {
			if _, err := out.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := out.Write(b)
	return err
}

// block appends a block.
func block(b []byte, kind uint32, body []byte, options ...option) []byte {
	start := len(b)
	b = append(le.AppendUint32(le.AppendUint32(b, kind), 0), body...)
	for _, o := range options {
		if o.value == "" {
			continue
		}
		value := o.value[:min(len(o.value), 1<<15)]
		b = le.AppendUint16(le.AppendUint16(b, o.kind), uint16(len(value)))
		b = padded(append(b, value...))
	}
	b = le.AppendUint32(b, 0) // the end of the options
	size := uint32(len(b) - start + 4)
	le.PutUint32(b[start+4:], size)
	return le.AppendUint32(b, size)
}

// padded fills up to the next multiple of four, of what began at one.
func padded(b []byte) []byte { return append(b, 0, 0, 0)[:(len(b)+3)&^3] }

// addresses returns who sends a packet and who gets it, as four bytes and a port.
func (p *packet) addresses() (from, to [6]byte) {
	port := 32768 + p.on.label>>16<<6 + p.nth&63
	peer := [6]byte{10, 1, byte(p.on.label >> 8), byte(p.on.label), byte(port >> 8), byte(port)}
	us := [6]byte{10, 0, 0, 1, 9000 >> 8, 9000 & 0xff}
	if p.on.back {
		peer[1] = 2
		copy(us[4:], peer[4:])
		peer[4], peer[5] = 9001>>8, 9001&0xff
	}
	if p.inward() {
		return peer, us
	}
	return us, peer
}

// inward says that the packet goes to the program.
func (p *packet) inward() bool { return (p.dir == 1) == p.on.back }

// appendTo appends the packet, with headers of 20 bytes each and right sums.
func (p *packet) appendTo(b []byte) []byte {
	const ip, tcp = 20, 20
	be := binary.BigEndian
	start := len(b)
	from, to := p.addresses()
	size := ip + tcp + p.payload
	b = append(b, 0x45, 0)
	b = be.AppendUint16(b, uint16(size))
	b = append(b, 0, 0, 0x40, 0, 64, 6, 0, 0) // one piece, 64 hops, TCP
	b = append(append(b, from[:4]...), to[:4]...)
	be.PutUint16(b[start+10:], sum(0, b[start:]))
	b = append(append(b, from[4:]...), to[4:]...)
	b = be.AppendUint32(be.AppendUint32(b, p.seq), p.ack)
	b = append(b, tcp/4<<4, p.flags, 0xff, 0xff, 0, 0, 0, 0) // a window of 65535
	b = append(b, make([]byte, p.payload)...)
	pseudo := uint32(6 + tcp + p.payload)
	for _, a := range [...][]byte{from[:4], to[:4]} {
		pseudo += uint32(be.Uint16(a)) + uint32(be.Uint16(a[2:]))
	}
	be.PutUint16(b[start+ip+16:], sum(pseudo, b[start+ip:start+ip+tcp]))
	return b
}

// sum is the Internet checksum of some bytes, of an even number, on top of others. A payload
// of zeros adds nothing to it.
func sum(s uint32, b []byte) uint16 {
	for i := 0; i < len(b); i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}
