package hunt

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// Config is what a command line asks for.
type Config struct {
	Length time.Duration // how long to hunt
	Seed   uint64        // the first
	Drawn  bool          // Seed is of the clock: nobody has asked for it
	Commit string        // of which the seeds are, if that was asked for
	Seeds  uint64        // how many; 0 = as many as fit into Length
	Procs  int           // how many at once
	First  bool          // one finding is enough
	Back   bool          // from the last seed to the first
	Dir    string        // where findings are written
}

// At returns the first of the n seeds behind the first at of them.
func (c *Config) At(at, n uint64) uint64 {
	if c.Back {
		return c.Seed + c.Seeds - at - n
	}
	return c.Seed + at
}

// Tried says which the first n seeds are, at least one.
func (c *Config) Tried(n uint64) string {
	n = max(n, 1)
	first := c.At(0, n)
	return fmt.Sprintf("%d to %d", first, first+n-1)
}

// Command is what is special about a command.
type Command struct {
	Name     string
	Dir      string // default of -o
	Procs    int    // default of -procs
	Operands string // in the usage line, behind the flags; if empty, there are none
	// Flags adds flags of the command's own to those of all. Nil if it has none.
	Flags func(fs *flag.FlagSet, c *Config)
}

// Parse reads a command line. The error is flag.ErrHelp if help was asked for and
// given, else one line to print.
func (cmd Command) Parse(args []string, stderr io.Writer) (c Config, rest []string, err error) {
	fs := flag.NewFlagSet(cmd.Name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.DurationVar(&c.Length, "for", 20*time.Second, "how long to hunt")
	fs.Func("seed", "first seed, or commit for one that belongs to the commit of this build; 0, or none, takes one from the clock and prints it", c.setSeed)
	fs.Uint64Var(&c.Seeds, "seeds", 0, "how many seeds to try, however long it takes; 0 means as many as -for allows")
	fs.IntVar(&c.Procs, "procs", cmd.Procs, "how many to try at once")
	fs.BoolVar(&c.First, "first", false, "stop when the first failure is found and shrunk")
	fs.StringVar(&c.Dir, "o", cmd.Dir, "directory for what fails")
	if cmd.Flags != nil {
		cmd.Flags(fs, &c)
	}
	err = fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stderr, "usage: %s [-for 20s] [-seed S] [-seeds N] [-first] [-procs N] [-o DIR]%s\n", cmd.Name, cmd.Operands)
		fs.SetOutput(stderr)
		fs.PrintDefaults()
	case err != nil:
	case cmd.Operands == "" && fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case c.Procs < 1 || c.Procs > 1024:
		err = fmt.Errorf("-procs %d: expected 1 to 1024", c.Procs)
	case c.Length <= 0:
		err = fmt.Errorf("-for %s: expected more than nothing", c.Length)
	case c.Back && c.Seeds == 0:
		err = errors.New("-back: expected -seeds too: there is no last one")
	case c.Dir == "":
		err = errors.New("-o: expected a directory")
	}
	if c.Drawn = c.Seed == 0; c.Drawn {
		c.Seed = uint64(time.Now().UnixNano()) & (1<<48 - 1)
	}
	return c, fs.Args(), err
}

// Writable makes sure that findings can be written down: now, and not when there
// is one. The directory does not stay if it has nothing in it.
func (c *Config) Writable() error {
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.Dir, "hunt-*.new")
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return err
	}
	_ = os.Remove(c.Dir) // it stays if it has anything in it, as it should
	return nil
}
