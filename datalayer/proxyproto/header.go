package proxyproto

import "millrace/core"

// Family is what kind of addresses a header carries.
type Family uint8

// The families, with the numbers that version 2 gives them.
const (
	Unspec Family = iota // none that can be used
	IPv4
	IPv6
	Unix
)

var familyNames = [...]string{"unspec", "ipv4", "ipv6", "unix"}

// String returns the name, as in "ipv4".
func (f Family) String() string { return familyNames[f] }

// Header is what a header says.
type Header struct {
	Version uint8  // 1 or 2
	Local   bool   // v2 only: the sender speaks for itself, as for a health check
	Family  Family // Unspec also for LOCAL: the connection's own addresses count
	Dgram   bool   // v2 only: the client speaks UDP, or datagrams on a Unix socket

	Src, Dst         core.Addr // of IPv4 (mapped into IPv6) and IPv6, else zero
	SrcPath, DstPath [108]byte // of Unix, else zero

	// TLVs are the raw TLVs of version 2 and part of what was parsed: they are
	// valid for as long as that is. CutTLV takes them apart.
	TLVs []byte
}

// The longest headers.
const (
	// MaxV1 is the longest line of version 1, CRLF included: the specification's.
	MaxV1 = 107
	// MaxV2 is the longest header of version 2 that is accepted. The length
	// field allows 64 KiB, and who accepts that lets every stranger have it per
	// connection. 4 KiB has room for a certificate in a TLV, which is the
	// largest thing that anybody sends.
	MaxV2 = fixed + 4096
)

// The fixed parts of version 2.
const (
	signature = "\r\n\r\n\x00\r\nQUIT\n"
	fixed     = len(signature) + 4 // version and command, family and transport, length
)

// addresses are the lengths of the families' address blocks in version 2.
var addresses = [...]int{Unspec: 0, IPv4: 12, IPv6: 36, Unix: 216}

// prefix4 begins an IPv4 address in IPv6.
var prefix4 = [12]byte{10: 0xff, 11: 0xff}

// Verdict is what Parse thinks of what has come so far.
type Verdict uint8

// The verdicts.
const (
	More Verdict = iota // a proper beginning, which is not all yet
	Done                // a header
	Bad                 // no header, whatever comes
)

var verdictNames = [...]string{"more", "done", "bad"}

// String returns the name, as in "more".
func (v Verdict) String() string { return verdictNames[v] }

// Fault says what is wrong with a header; 0 is nothing.
type Fault uint8

// The faults.
const (
	NotProxy    Fault = iota + 1 // neither version begins like this
	TooLong                      // longer than MaxV1 or MaxV2
	BadLine                      // v1: a space or the CRLF missing, or where none belongs
	BadAddress                   // v1: not an address of the family, or not a canonical one
	BadPort                      // v1: not a number from 0 to 65535, or not a canonical one
	BadVersion                   // v2 signature, other version
	BadCommand                   // v2: neither LOCAL nor PROXY
	BadFamily                    // a family or transport that does not exist
	BadLength                    // v2: too short for the addresses
	BadTLV                       // v2: the TLVs do not fill the header exactly, or two checksums
	BadChecksum                  // v2: the checksum is that of another header
)

var faultNames = [...]string{
	0:           "none",
	NotProxy:    "does not begin like a PROXY header",
	TooLong:     "too long",
	BadLine:     "malformed line",
	BadAddress:  "malformed address",
	BadPort:     "malformed port",
	BadVersion:  "unknown version",
	BadCommand:  "unknown command",
	BadFamily:   "unknown family or transport",
	BadLength:   "too short for its addresses",
	BadTLV:      "malformed TLV",
	BadChecksum: "wrong checksum",
}

// String says it in words.
func (f Fault) String() string { return faultNames[f] }
