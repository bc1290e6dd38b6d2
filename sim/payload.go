package sim

// Payload is what flows in a world: the byte at an offset of a stream is a
// function of both, so nobody stores what was sent, and one lost, doubled or
// shifted byte shows at once.

const (
	patternLen = 65521 // a prime: no buffer size is in step with it
	patternMax = 1 << 16
)

// pattern is fixed noise, with its beginning repeated so that any piece of up
// to patternMax bytes is one slice.
var pattern = func() []byte {
	b := make([]byte, patternLen+patternMax)
	for i := range patternLen {
		b[i] = byte(Mix(uint64(i)) >> 13)
	}
	for i := patternLen; i < len(b); i++ {
		b[i] = b[i-patternLen] // more than copy has there: some of it comes from what is repeated
	}
	return b
}()

// Payload returns the bytes of a stream from an offset, n of them or, if n is
// above 64 KiB, that many. The slice is everybody's: it must not be written to.
func Payload(stream uint32, offset int64, n int) []byte {
	at := (uint64(stream)*7919 + uint64(offset)) % patternLen
	return pattern[at : at+uint64(min(n, patternMax))]
}

// Upstream names what client number label sends.
func Upstream(label uint32) uint32 { return 2 * label }

// Downstream names what the server of session label sends.
func Downstream(label uint32) uint32 { return 2*label + 1 }

// Match returns how many leading bytes of p are the stream's at that offset.
func Match(stream uint32, offset int64, p []byte) int {
	ok := 0
	for ok < len(p) {
		want := Payload(stream, offset+int64(ok), len(p)-ok)
		if string(want) != string(p[ok:ok+len(want)]) {
			for i := range want {
				if want[i] != p[ok+i] {
					return ok + i
				}
			}
		}
		ok += len(want)
	}
	return ok
}
