// Package proxyproto reads and writes the header of the PROXY protocol, with
// which a proxy tells the next one who its client is. The header stands where
// the stream begins, once, and the client's bytes follow at once.
//
// Version 1 is a line of text, at most MaxV1 bytes:
//
//	PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n
//	PROXY TCP6 2001:db8::1 2001:db8::7 56324 443\r\n
//	PROXY UNKNOWN anything, which is ignored\r\n
//
// with source, destination and their ports in this order.
//
// Version 2 is binary, numbers in network byte order:
//
//	0            12        13         14       16                 16+length
//	+------------+---------+----------+--------+-----------+------+
//	| signature  | 2 | cmd | fam | tr | length | addresses | TLVs |
//	+------------+---------+----------+--------+-----------+------+
//
//	cmd        0 LOCAL, 1 PROXY
//	fam        0 unspecified, 1 IPv4, 2 IPv6, 3 Unix
//	tr         0 unspecified, 1 stream, 2 datagram
//	addresses  source, destination, and for IP their ports: 12, 36, 216 bytes
//	TLV        type (1 byte), length of the value (2), value
//
// Parse is a function of the bytes that have come so far and keeps nothing. It
// goes through them from the left and stops at the first that cannot belong to a
// header, so what it has decided never changes by what comes later: only More
// can become something else.
//
// Three things the specification leaves to the receiver:
//
//   - PROXY with an unspecified family or transport is accepted; the connection's
//     own addresses count.
//   - Behind LOCAL, and behind an unspecified family or transport, nothing is
//     looked at, checksum included: how long the addresses are is not known, so
//     neither is where the TLVs begin. Of LOCAL the family byte is ignored too.
//   - A second checksum is a fault. What it would cover is not defined.
package proxyproto
