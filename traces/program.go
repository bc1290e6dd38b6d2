package traces

import (
	"fmt"
	"slices"

	"millrace/core"
	"millrace/sim"
)

// Program is what a trace says of the program under test, and how that is started.
// This package knows no program; each is made known by Register, from where it is
// made, as image formats and database drivers are.
type Program struct {
	// Name is what the world line calls it.
	Name string
	// Client says that it connects to servers by itself, and nobody comes to it.
	Client bool
	// Settings are those of its own, of which the first is Own. At most MaxOwn.
	Settings []Setting
	// Timed says that it ends connections on which nothing happens for a time that no setting
	// says: what is made small of a scenario has nobody who is silent for longer.
	Timed bool
	// Invalid says which values do not go together, and "" if all do. nil: all do.
	Invalid func(*Settings) string
	// Play starts the program on the answers of a recording; nil if that cannot be done.
	Play func(*Settings, Kernel) (Running, error)
	// Introduces says that what is sent to a server begins with something that no recording has.
	// nil: it never does.
	Introduces func(*Settings) bool
	// Sends returns the n bytes that must leave a descriptor behind so many others; nil
	// for what nobody can know.
	Sends func(s *Settings, by sim.Actor, offset int64, n int) []byte
}

// Kernel is the surface of a kernel, of whatever kind, as a program gets it.
type Kernel struct {
	Poller   core.Poller
	Dialer   core.Dialer
	Listener core.Listener
	Now      core.Time
	Played   *Player // whose answers these are; nil if they are none of a recording
}

// Running is a program that was started.
type Running interface {
	// Step is one round of its loop: one wait, and all that follows from it.
	Step()
	// Stop closes the listener and whatever is left.
	Stop()
}

// Delayer is a Running whose loop may leave its tasks to the next round.
type Delayer interface {
	// Delay says whether it does so in the next Step.
	Delay(on bool)
}

// DefaultProgram is whose run a trace is that does not say so.
const DefaultProgram = "proxy"

// MaxOwn is how many settings a program may have of its own.
const MaxOwn = 64

var programs []*Program

// Register makes a program known, so that its traces can be read. It is for the
// initialization of packages, and for tests: registering one name again replaces it.
func Register(p *Program) {
	if len(p.Settings) > MaxOwn {
		panic(fmt.Sprintf("program %s has %d settings, more than %d", p.Name, len(p.Settings), MaxOwn))
	}
	for _, s := range p.Settings {
		if taken(s.Name) {
			panic(fmt.Sprintf("program %s has a setting %s, which every world has", p.Name, s.Name))
		}
	}
	if i := slices.IndexFunc(programs, func(o *Program) bool { return o.Name == p.Name }); i >= 0 {
		programs[i] = p
		return
	}
	programs = append(programs, p)
}

// Lookup returns the program of a name, and nil if it is not known here. "" is
// DefaultProgram's.
func Lookup(name string) *Program {
	if name == "" {
		name = DefaultProgram
	}
	for _, p := range programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// unknown is the program of a trace that nobody can read: it has no settings.
var unknown Program

// program is whose run the trace is.
func (t *Trace) program() *Program {
	if p := Lookup(t.Program); p != nil {
		return p
	}
	return &unknown
}

// Default returns the settings that a world of this program has when nothing is
// written.
func (p *Program) Default() (s Settings) {
	for i := range settings {
		s[i] = settings[i].Def
	}
	for i := range p.Settings {
		s[int(Own)+i] = p.Settings[i].Def
	}
	return s
}

// setting returns what is known of a setting; nil if there is none.
func (p *Program) setting(n Param) *Setting {
	switch {
	case n < NumParams:
		return &settings[n]
	case int(n-Own) < len(p.Settings):
		return &p.Settings[n-Own]
	}
	return nil
}

// find returns a setting by its name.
func (p *Program) find(name string) (Param, *Setting) {
	for n := Param(0); ; n++ {
		s := p.setting(n)
		if s == nil || s.Name == name {
			return n, s
		}
	}
}

func taken(name string) bool {
	return name == programWord || slices.ContainsFunc(settings[:], func(s Setting) bool { return s.Name == name })
}
