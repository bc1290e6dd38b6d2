//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "conform: this program runs on Linux only: that is what it compares with")
	os.Exit(2)
}
