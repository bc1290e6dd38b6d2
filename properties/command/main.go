// Package command is the command lines that every program in a world has: soak, which
// hunts, and trace, which shows, replays and shrinks what was found. A main for a program
// of one's own is
//
//	func main() { command.Main(program) }
//
// and has both as verbs: "soak -for 1m", "replay FILE". Many machines share a hunt as package
// shard says: "soak -shard 3/8 -seed commit -seeds 8000000", and then "soak merge soak-failures".
// It has conform too, which compares the kernel of its worlds with the one that it will run on.
package command

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"millrace/properties"
	"millrace/properties/cell"
	"millrace/properties/conform"
)

// Run is one of the two, "soak" or "trace", as a command of its own. It does not return.
func Run(name string, p *properties.Program) {
	cell.Serve()
	if name == "soak" {
		os.Exit(Soak(p, os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(Trace(os.Args[1:], os.Stdout, os.Stderr))
}

const verbs = `usage: %[1]s soak [-for 20s] [-seed S] [-seeds N] ...   hunt for failures; -h says more
       %[1]s soak merge DIR...          one report of what shards have left
       %[1]s show [-sockets] FILE       a run with every step, and how each session ended
       %[1]s session N FILE             the life of one session of a recording
       %[1]s replay FILE                run it again: does it fail, how, and what led to it
       %[1]s shrink [-o OUT] FILE       make a failing trace small
       %[1]s draw [-svg|-txt] FILE      a picture of a run
       %[1]s test [-o OUT] FILE         a Go test that runs it again
       %[1]s conform [-for 20s] ...     is the simulated kernel like this Linux? -h says more
`

// called is what to type to run this command again, where it was: "go run" has taken the
// program away by then that it has built.
func called(name string) string {
	about, ok := debug.ReadBuildInfo()
	if ok && about.Path != "" && about.Path != "command-line-arguments" && strings.Contains(filepath.ToSlash(name), "/go-build") {
		return "go run " + about.Path
	}
	return name
}

// Main is all of them in one command, for a program of one's own. It does not return. Where the
// program does not say how it is run, failures say so with this command's name.
func Main(p *properties.Program) {
	properties.Register(p)
	name := called(os.Args[0])
	p.Call(name+" replay", name+" soak", false)
	cell.Serve()
	args := os.Args[1:]
	switch {
	case len(args) > 0 && args[0] == "soak":
		os.Exit(Soak(p, args[1:], os.Stdout, os.Stderr))
	case len(args) > 0 && slices.Contains(traceVerbs, args[0]):
		os.Exit(Trace(args, os.Stdout, os.Stderr))
	case len(args) > 0 && args[0] == "conform":
		os.Exit(conform.Run(os.Args[0]+" conform", args[1:], os.Stdout, os.Stderr))
	}
	fmt.Fprintf(os.Stderr, verbs, os.Args[0])
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "help") {
		os.Exit(0)
	}
	os.Exit(wrongCall)
}
