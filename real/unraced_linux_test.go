//go:build !race

package real

// raced says that the race detector looks on.
const raced = false
