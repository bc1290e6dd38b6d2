package core_test

import (
	"fmt"

	"millrace/core"
)

// reporter is a poller whose descriptor 3 always has something to read.
type reporter struct{ key core.Key }

func (p *reporter) Edge() bool { return false }

func (p *reporter) Set(key core.Key, old, want core.Events) core.Errno {
	fmt.Printf("the poller watches %d for %v\n", key.Num(), want)
	p.key = key
	return 0
}

func (p *reporter) Wait(ready []core.Ready, _ core.Time) (int, core.Time, core.Errno) {
	ready[0] = core.Ready{Key: p.key, Events: core.EvIn}
	return 1, 1, 0
}

// reader is the owner of a descriptor.
type reader struct{ desc *core.Desc }

func (r *reader) Turn() {
	fmt.Println("turn:", r.desc.Ready(), "is ready")
	r.desc.Cant(core.R) // what a reader says when the kernel said EAGAIN
}

func ExampleTable() {
	loop := core.NewLoop(new(reporter), 8, 1)
	r := new(reader)
	r.desc = loop.Table.Insert(3, r, core.R) // worth a try at once
	r.desc.Want(core.R)
	loop.Step() // tries, and then asks the poller
	loop.Step() // the poller reports
	r.desc.Stop(core.R)
	loop.Step() // nothing is wanted any more
	// Output:
	// turn: R is ready
	// the poller watches 3 for IN|RDHUP
	// turn: R is ready
	// the poller watches 3 for -
}
