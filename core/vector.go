package core

// Vectored reads into several pieces of memory, and writes of several, in one call: readv and
// writev. An FD may be, and a Tube is. What comes or goes is what one piece as large as all
// would make of it, but that none at all is asked for nothing: the answer is 0, whatever the
// state of the descriptor. More than MaxPieces is EINVAL.
type Vectored interface {
	Readv(p [][]byte) (int, Errno)
	Writev(p [][]byte) (int, Errno)
}

// MaxPieces is how many pieces one call takes.
const MaxPieces = 1024

// Size is how many bytes pieces have room for.
func Size(p [][]byte) (n int) {
	for _, piece := range p {
		n += len(piece)
	}
	return n
}

// Gather appends to b what is in pieces, up to n bytes of it.
func Gather(b []byte, p [][]byte, n int) []byte {
	for _, piece := range p {
		piece = piece[:min(n, len(piece))]
		b = append(b, piece...)
		n -= len(piece)
	}
	return b
}

// Scatter puts b into pieces that have room for it.
func Scatter(p [][]byte, b []byte) {
	for _, piece := range p {
		b = b[copy(piece, b):]
	}
}
