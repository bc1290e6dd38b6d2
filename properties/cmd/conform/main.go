// Conform compares the simulated kernel with the Linux that it runs on, call by call; package
// properties/conform says how.
//
//	go run ./properties/cmd/conform                    about 20 seconds
//	go run ./properties/cmd/conform -h                 what else there is
package main

import (
	"os"

	"millrace/properties/conform"
)

func main() {
	os.Exit(conform.Run("go run ./properties/cmd/conform", os.Args[1:], os.Stdout, os.Stderr))
}
