// Echo hunts in worlds of an echo server: it shows what the command of a program of
// one's own is like.
//
//	go run ./properties/cmd/echo soak -for 10s
package main

import (
	"millrace/properties/command"
	"millrace/properties/programs"
)

func main() { command.Main(programs.Echo) }
