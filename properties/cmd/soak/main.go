// Soak hunts for failures in simulated worlds, on all cores, for as long as it is
// told to.
//
//	go run ./properties/cmd/soak              about 20 seconds
//	go run ./properties/cmd/soak -for 8h      a night
//	go run ./properties/cmd/soak -seed 42 -seeds 1    one world
//
//	go run ./properties/cmd/soak -again 1     every world twice, and compared
//
//	go run ./properties/cmd/soak -strategy guided -corpus DIR    from what showed something new
//	go run ./properties/cmd/soak corpus DIR FROM...              merges such directories
//
// Every failure it finds is run once more in a new world, written to a file at once,
// then shrunk in place, and ends in a command that runs it again. One world in a
// hundred is run twice besides: one that is another run then is a failure too. Worlds
// run in processes of their own, so that an endless loop, or a stack or memory without
// end, is a failure like all others.
//
// The hash that it prints is of all worlds: it is the same for the same seeds, however
// many processes run them and in whatever order.
//
// A hunt can be cut into shards, on as many machines, each of which may die and be started
// again; an array job of Slurm and others says which one it is, without -shard. With -seed
// commit the seeds are those of the commit: the same each time, and others at the next one.
//
//	go run ./properties/cmd/soak -shard 3/8 -seed commit -seeds 8000000 -o shared
//	go run ./properties/cmd/soak merge shared
//
// job.yaml is an example for Kubernetes. A shard exits with 0 when its seeds are done, whatever
// was found, since with anything else engines start it again: merge says what was found.
//
// It exits with 0 if nothing broke, 1 if something did, 2 if it was called wrongly, 3
// if it could not do its work; merge also exits with 3 if nothing broke, as far as it goes, and
// something is missing.
package main

import (
	"millrace/properties/command"
	"millrace/properties/proxy"
)

func main() { command.Run("soak", proxy.Program) }
