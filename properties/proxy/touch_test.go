package proxy

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/simfd"
	"millrace/streamif"
	"millrace/traces"
)

// halfPrint is all that the rules of sessions ask one side for.
type halfPrint struct {
	state              streamif.State
	flags              streamif.SIFlags
	conn               core.ConnFlags
	err                core.Errno
	data, sock, curr   core.Wish
	open               bool
	desc               descPrint
	exp                core.Time
	unsent, pieces     int
	holds              bool
	in                 streamif.ChanFlags
	took, left         int64
	rex, wex           core.Time
	forward            int64
	input, output, len int
	size               int
	piped              int
	reserved           bool
}

// descPrint is what they ask a descriptor for.
type descPrint struct {
	active, ready, paused core.Wish
	polled, events        core.Events
}

func printDesc(d *core.Desc) descPrint {
	return descPrint{d.Active(), d.Ready(), d.Paused(), d.Polled(), d.Events()}
}

func printHalf(si *streamif.StreamInterface, in *streamif.Channel) halfPrint {
	p := halfPrint{
		state: si.State(), flags: si.Flags(), conn: si.Conn().Flags(), err: si.Conn().Err(), open: si.Conn().Open(),
		exp: si.Exp(), unsent: si.Unsent(), pieces: si.Pieces(), holds: si.Holds(), in: in.Flags(), forward: in.ToForward(),
		input: in.Buf().In(), output: in.Buf().Out(), len: in.Buf().Len(), size: in.Buf().Size(), piped: in.Piped(), reserved: in.Reserved(),
	}
	p.data, p.sock, p.curr = si.Conn().Levels()
	p.took, p.left = in.Bytes()
	p.rex, p.wex = in.Deadlines()
	if p.open {
		p.desc = printDesc(si.Conn().Desc())
	}
	return p
}

// sessionPrint is all that they ask a session for, but whether its task is queued: who runs
// late is looked at when he has run.
type sessionPrint struct {
	front, back halfPrint
	reason      streamif.Reason
	tries       int
	due         core.Time
}

// numberPrint is what the rules of descriptors ask for.
type numberPrint struct {
	open       bool
	desc       descPrint
	registered core.Events
	excess     int
	refused    bool
	looks      int
	said, left int
	taken      sim.Time
	given      int64
	sock       *simfd.Socket
	events     core.Events
	owed       bool
}

// prints are those of a whole world.
type prints struct {
	sessions map[uint32]sessionPrint
	numbers  []numberPrint
}

func takePrints(w *run) prints {
	p := prints{sessions: map[uint32]sessionPrint{}}
	for _, s := range w.proxy.Sessions() {
		p.sessions[s.Peer().Label] = sessionPrint{
			printHalf(s.Front(), s.Req()), printHalf(s.Back(), s.Rep()), s.Reason(), s.Tries(), s.Task().Deadline(),
		}
	}
	for num := range w.kernel.Numbers() {
		d := w.Table.At(num)
		n := numberPrint{
			open: d.Open(), desc: printDesc(d), registered: w.poller.Registered(num), excess: w.poller.Excess(num),
			refused: w.poller.Refused(num), sock: w.kernel.FD(num), events: w.kernel.Events(num), owed: w.kernel.Owes(num),
		}
		if n.sock != nil {
			n.looks, n.said = n.sock.Looks()
			n.left, n.taken = n.sock.Under()
			n.given = n.sock.Out().Wrote()
		}
		p.numbers = append(p.numbers, n)
	}
	return p
}

// TestWhatIsNotLookedAtIsAsItWas is what the rules that look at touched sessions and numbers
// only are built upon. It compares all that they could see, after each round of drawn worlds.
func TestWhatIsNotLookedAtIsAsItWas(t *testing.T) {
	w := properties.NewWorld(Program)
	changed, spared := 0, 0
	for seed := range uint64(*seeds / 5) {
		tr, src := Program.Generate(seed)
		if tr.Settings[traces.Workers] > 1 {
			continue // of whom one may die, and is another one then
		}
		w.Begin(tr, src, properties.Options{})
		r, before, rounds := w.Program().(*run), prints{}, uint64(0)
		for w.Failed() == nil && w.Sim().Step() {
			if n := w.Epoll().Stats.Waits; n == rounds {
				continue
			} else {
				rounds = n
			}
			now := takePrints(r)
			for label, is := range now.sessions {
				was, known := before.sessions[label]
				if known && was != is {
					changed++
					require.Contains(t, r.check.looked, int32(label), "seed %d, step %d, session %d:\nwas %+v\nis  %+v",
						seed, w.Sim().Steps(), label, was, is)
				} else if !slices.Contains(r.check.looked, int32(label)) {
					spared++
				}
			}
			for num, is := range now.numbers {
				if num >= len(before.numbers) {
					require.Contains(t, r.Seen, int32(num), "a new number is looked at")
				} else if was := before.numbers[num]; was != is && !was.owed { // what is owed is looked at again
					changed++
					require.Contains(t, r.Seen, int32(num), "seed %d, step %d, number %d:\nwas %+v\nis  %+v",
						seed, w.Sim().Steps(), num, was, is)
				}
			}
			before = now
		}
		require.Nil(t, w.Failed())
		w.Abandon()
	}
	require.Greater(t, changed, 10000)
	require.Greater(t, spared, 10000)
}

// TestWhatWaitsIsKnownWithoutALookAtAll compares what is known of what waits to be reported
// with a look at all sides of all sessions, at any time.
func TestWhatWaitsIsKnownWithoutALookAtAll(t *testing.T) {
	w := properties.NewWorld(Program)
	compared, some := 0, 0
	for seed := range uint64(*seeds / 15) {
		tr, src := Program.Generate(seed)
		w.Begin(tr, src, properties.Options{})
		r := w.Program().(*run)
		for w.Failed() == nil && w.Sim().Step() {
			if r.check.glance(); !r.check.glanced {
				continue
			}
			for _, s := range r.proxy.Sessions() {
				for _, side := range [...]struct {
					si   *streamif.StreamInterface
					seen *sideSeen
				}{{s.Front(), &r.check.seen[s.Peer().Label].front}, {s.Back(), &r.check.seen[s.Peer().Label].back}} {
					var is waiting
					r.check.waits(side.si, &is)
					if compared++; is.can != 0 {
						some++
					}
					require.Equal(t, is.can, side.seen.waits.can, "seed %d, step %d, %s", seed, w.Sim().Steps(), s)
					require.True(t, is.can == 0 || is == side.seen.waits, "seed %d, step %d, %s", seed, w.Sim().Steps(), s)
				}
			}
		}
		require.Nil(t, w.Failed())
		w.Abandon()
	}
	require.Greater(t, compared, 10000)
	require.Greater(t, some, 1000)
}

// TestTheFirstOfManyTimesIsKnown plays the tournament against a look at all players.
func TestTheFirstOfManyTimesIsKnown(t *testing.T) {
	r := sim.NewRand(1)
	var e earliest
	for _, n := range []int{1, 2, 3, 7, 8, 100} {
		e = e.reset(n)
		at := make([]core.Time, n)
		for range 1000 {
			i := r.Intn(n)
			at[i] = core.Time(r.Intn(20)) // 0 is never
			e.set(i, at[i])
			first := core.Time(0)
			for _, a := range at {
				first = core.First(first, a)
			}
			require.Equal(t, first, e.first())
			require.Equal(t, first, e.of(e.who()))
			require.Equal(t, at[i], e.of(i))
		}
	}
}
