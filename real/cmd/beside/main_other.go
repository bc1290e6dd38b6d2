//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "beside: it needs Linux: the relays are bound to epoll and splice")
	os.Exit(2)
}
