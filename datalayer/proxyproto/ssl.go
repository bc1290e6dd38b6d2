package proxyproto

import "encoding/binary"

// SSL is the type of the TLV that tells of the client's TLS, and those of what
// stands in it behind a byte of bits and four that are 0 if a certificate was
// verified.
const (
	SSL        TLV = 0x20
	sslVersion TLV = 0x21
	sslCN      TLV = 0x22
)

// The bits.
const (
	clientSSL      = 1 << iota // the client speaks TLS
	clientCertConn             // it showed a certificate in this connection's handshake
	clientCertSess             // or in that of the session which this one resumes
)

// maxName is the longest name that is passed on. The standard has 64 characters for
// it; a part of a name would be another's name.
const maxName = 1024

// AppendSSL appends a TLV about a client that speaks TLS of this version, as in
// TLSv1.3: whether it has a certificate that was verified, whether it showed that
// in an earlier connection, and the common name in it.
func AppendSSL(b []byte, version string, verified, resumed bool, name string) []byte {
	bits, verify := byte(clientSSL), uint32(1)
	if verified {
		bits, verify = bits|clientCertSess, 0
		if !resumed {
			bits |= clientCertConn
		}
	}
	at := len(b)
	b = append(b, byte(SSL), 0, 0, bits)
	b = binary.BigEndian.AppendUint32(b, verify)
	b = AppendTLV(b, sslVersion, []byte(version))
	if verified && name != "" && len(name) <= maxName {
		b = AppendTLV(b, sslCN, []byte(name))
	}
	binary.BigEndian.PutUint16(b[at+1:], uint16(len(b)-at-tlvHead))
	return b
}

// Room returns how many bytes of TLVs fit into a header with h's addresses.
func (h *Header) Room() int { return MaxV2 - fixed - addresses[h.family()] }
