package programs

import (
	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// Fetch is a client: it asks a server, and when that fails the next one, and takes no answer
// that is not whole.
var Fetch = properties.Register(&properties.Program{
	Name: "fetch", Main: fetch, Dials: true, Leaves: true, Level: true,
	Draw: func(r *sim.Rand, t *traces.Trace) {
		properties.DrawNetwork(r, &t.Settings)
		for range sim.Of(r, 1, 2, 5) {
			t.Sessions = append(t.Sessions, traces.Session{Server: sim.Of(r,
				traces.Script{properties.Expect("GET\n"), properties.Say("an answer\n"), {Verb: traces.EOF}, {Verb: traces.Close}},
				traces.Script{properties.Expect("GET\n"), properties.Say("an ans"), {Verb: traces.Close}},
			)})
		}
	},
	Code: "millrace/properties/programs.Fetch",
})

// attempts is how often it is tried, each time for patience at most.
const (
	attempts = 4
	patience = 5 * core.Second
)

// fetch is an event loop with one connection at a time.
func fetch(h core.Host) {
	got := ""
	for try := 0; try < attempts && got == ""; try++ {
		fd, e := h.Dialer().Socket(try%2, 0) // of a world's labels any will do
		if e != 0 {
			continue
		}
		a := &attempt{FD: fd, left: "GET\n"}
		got = a.run(h.Poller(), core.Key(try+1)<<32|core.Key(fd.Num()), h.Now()+patience)
		fd.Close(got == "")
	}
	if got != "" && got != "an answer\n" {
		panic("that is no answer: " + got)
	}
	for { // what there is to do is done
		if _, _, e := h.Poller().Wait(make([]core.Ready, 1), 0); e == core.ECANCELED {
			break
		}
	}
	h.Listener().Close()
}

// attempt is one connection, and how far it has got.
type attempt struct {
	core.FD
	there bool
	left  string // to be sent
	got   string
}

// run goes on until there is an answer, or "": a failure, or the end of patience.
func (a *attempt) run(poll core.Poller, key core.Key, until core.Time) string {
	told, ready := core.Events(0), make([]core.Ready, 4)
	var events core.Events
	for {
		if answer, over := a.step(events); over {
			return answer
		}
		want := core.EvIn
		if !a.there || a.left != "" {
			want = core.EvOut
		}
		if want != told && poll.Set(key, told, want) != 0 {
			return ""
		}
		told = want
		n, now, e := poll.Wait(ready, until)
		if e == core.ECANCELED || now >= until {
			return ""
		}
		events = 0
		for _, r := range ready[:n] {
			if r.Key == key { // and not of the attempt before
				events |= r.Events
			}
		}
	}
}

// step does what can be done, and says whether that was all.
func (a *attempt) step(events core.Events) (answer string, over bool) {
	var buf [64]byte
	for {
		n, e := 0, core.Errno(0)
		switch {
		case !a.there:
			e = a.Connect()
			a.there = e == 0 || e == core.EISCONN
		case a.left != "":
			n, e = a.Send([]byte(a.left), false)
			a.left = a.left[n:]
		default:
			n, e = a.Recv(buf[:])
			a.got += string(buf[:n])
			if n == 0 && e == 0 || len(a.got) > 0 && a.got[len(a.got)-1] == '\n' {
				return whole(a.got), true
			}
		}
		switch e {
		case 0, core.EINTR, core.EISCONN:
		case core.EAGAIN, core.EINPROGRESS, core.EALREADY:
			return "", !a.there && events.Any(core.EvErr) // whatever connect says
		default:
			return "", true
		}
	}
}

// whole returns an answer that has its end, and "" for one that was cut short.
func whole(s string) string {
	if s == "" || s[len(s)-1] != '\n' {
		return ""
	}
	return s
}
