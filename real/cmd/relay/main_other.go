//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "relay: this program runs on Linux only: it is built on epoll")
	os.Exit(2)
}
