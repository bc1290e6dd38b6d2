// Lines hunts in worlds of a server with a line protocol, and shows what the command of a program of
// one's own is like.
//
//	go run ./properties/cmd/lines soak -for 10s
package main

import (
	"millrace/properties/command"
	"millrace/properties/programs"
)

func main() { command.Main(programs.Lines) }
