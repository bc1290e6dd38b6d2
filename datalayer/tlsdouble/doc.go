// Package tlsdouble is a stand-in for TLS: everything that a proxy has to live
// with, and no cryptography. It is fast, deterministic, and a third of the worlds
// that a campaign runs have it on one side or the other.
//
// # What it has of TLS
//
//	a handshake of two round trips     the client speaks first
//	records                            nothing can be read before all of one is there
//	pending plaintext                  a record opened into a small buffer is not gone
//	ticket                             a record behind the handshake that carries no data
//	key update                         with or without a request for one in return,
//	                                   so that reading can make one write
//	renewal                            a handshake in the middle of the data
//	goodbye                            an end that a FIN without it is not
//	fatal alert                        said before giving up, and heard from the peer
//
// # The record
//
//	type  length  body, masked  sum
//	1     2       length        2      bytes
//
// The mask and the sum depend on the direction, on how often its keys have
// changed, and on the number of the record. So bytes that are lost, doubled,
// swapped, sent unmasked or with old keys are as sure to be noticed as with a
// cipher, and a flipped bit nearly so: the sum has 16 bits.
package tlsdouble
