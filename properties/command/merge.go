package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	iofs "io/fs"
	"strings"
	"time"

	"millrace/properties/shard"
)

const mergeUsage = `usage: soak merge DIR...    make one report of what shards have left in folders
exit codes: 0 nothing was found, 1 something was, 2 wrong call, 3 nothing was found yet, and some shards are not finished,
or nothing was tried
`

// Merge makes one report of all that shards have left in folders, and returns the exit code.
func Merge(args []string, stdout, stderr io.Writer) int {
	stdout, stderr = printable{stdout}, printable{stderr}
	fs := flag.NewFlagSet("merge", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, mergeUsage)
		return nothing
	}
	code := wrongCall
	var g *shard.Gathered
	switch {
	case err != nil:
	case fs.NArg() == 0:
		err = errors.New("expected the folders of shards")
	default:
		if g, err = shard.Gather(fs.Args()); err != nil && !errors.Is(err, iofs.ErrNotExist) {
			code = brokenDown
		}
	}
	if err == nil && len(g.Campaigns)+len(g.Problems) == 0 {
		err = fmt.Errorf("no shard has left anything in %s", strings.Join(fs.Args(), ", "))
	}
	if err != nil {
		fmt.Fprintln(stderr, "soak: merge:", err)
		return code
	}
	return merged(g, stdout)
}

// merged prints what was gathered, and says what that comes to.
func merged(g *shard.Gathered, w io.Writer) (code int) {
	if n := len(g.Campaigns); n > 1 {
		fmt.Fprintf(w, "campaigns         %d, of other builds or settings: they are not added up\n\n", n)
	}
	missing, unreached, untried := false, false, false
	for i, c := range g.Campaigns {
		if len(g.Campaigns) > 1 {
			fmt.Fprintf(w, "campaign          %d\n", i+1)
		}
		less, never, idle := one(c, w)
		missing, unreached, untried = missing || less, unreached || never, untried || idle
		if len(g.Campaigns) > 1 {
			fmt.Fprintln(w)
		}
	}
	list(w, "not counted", g.Problems)
	list(w, "not the same run", g.Disagree)
	var all []*finding
	for _, f := range g.Findings {
		where := ""
		if len(g.Campaigns) > 1 && len(f.In) > 0 {
			where = fmt.Sprintf(" in campaign %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(f.In), " ", ", "), "[]"))
		}
		all = append(all, &finding{id: f.ID, path: f.Path, trace: f.Trace, times: f.Times, where: where})
	}
	failures(w, all)
	switch {
	case len(all) > 0 || len(g.Disagree) > 0 || unreached:
		return found
	case missing || untried || len(g.Problems) > 0:
		return brokenDown
	}
	return nothing
}

// one prints one campaign, and says whether something is missing, whether something was never
// reached that should have been, and whether nothing was tried, though all ranges are finished.
func one(c *shard.Campaign, w io.Writer) (missing, unreached, untried bool) {
	s := c.Settings
	lines, n := c.Missing()
	fmt.Fprintf(w, "settings          %s\n", s)
	fmt.Fprintf(w, "build             %s\n", s.Binary())
	fmt.Fprintf(w, "shards            %d of %d finished\n", s.Shards-n, s.Shards)
	list(w, "missing", lines)
	fmt.Fprintf(w, "seeds             %d of %d, from %d to %d\n", c.Seeds(), s.Seeds, s.Seed, s.Seed+s.Seeds-1)
	if c.Account == nil {
		return true, false, false
	}
	fmt.Fprintf(w, "CPU               %s, on %s\n", c.CPU.Round(10*time.Millisecond), short(c.Hosts(), 4, ", "))
	t := story{c.Account, c.Deaths, c.CPU, true, claims(s.Strategy)}
	t.tell(w)
	why := t.untried()
	if len(lines) > 0 {
		why = "" // or not yet
	}
	if why != "" {
		list(w, "nothing tried", []string{why})
	}
	return len(lines) > 0, len(t.missed()) > 0, why != ""
}

// list prints lines under a head, and only the beginning of many.
func list(w io.Writer, head string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(w, "%-17s %s\n", head, short(lines, 20, "\n"+strings.Repeat(" ", 18)))
	}
}

// short joins the first few of many.
func short(lines []string, most int, between string) string {
	if more := len(lines) - most; more > 0 {
		lines = append(lines[:most:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, between)
}
