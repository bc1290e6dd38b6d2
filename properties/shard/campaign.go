package shard

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"millrace/properties"
	"millrace/traces"
)

// Campaign is all shards with the same settings, as far as they have come.
type Campaign struct {
	Settings Settings
	Account  *properties.Account // of the finished ranges; nil if there is none
	Deaths   uint64              // worlds from which no process came back
	CPU      time.Duration       // for the finished ranges, without what was lost

	shards map[int]*part
	times  map[string]int // how often each identity was found
	hosts  map[string]bool
}

// part is a shard that was begun: of its finished ranges the hash, and whether that is the
// same each time, which it need not be of worlds that kill.
type part [ranges + 1]struct {
	done, calm bool
	hash       uint64
}

// add adds a record if its range is not there yet. It is not the same if it is there, as
// another run. It is an error if it has other counters.
func (c *Campaign) add(r *Record) (same bool, err error) {
	p := c.shards[r.Shard]
	if p == nil {
		p = new(part)
		c.shards[r.Shard] = p
	}
	if r.Range == 0 {
		return true, nil
	}
	at := &p[r.Range]
	if at.done {
		return at.hash == r.Account.Hash || !at.calm || r.Deaths > 0, nil
	}
	if c.Account == nil {
		c.Account = r.Account
	} else if err := c.Account.Add(r.Account); err != nil {
		return true, err
	}
	at.done, at.calm, at.hash = true, r.Deaths == 0, r.Account.Hash
	c.Deaths += r.Deaths
	c.CPU += r.CPU
	for _, f := range r.Failures {
		c.times[f.ID] += f.Times
	}
	if c.hosts == nil {
		c.hosts = map[string]bool{}
	}
	c.hosts[r.Host] = true
	return true, nil
}

// count adds what was found to all findings. number is the campaign's.
func (c *Campaign) count(findings map[string]*Finding, number int) {
	for _, id := range slices.Sorted(maps.Keys(c.times)) {
		key := name(c.Settings.Program, id)
		f := findings[key]
		if f == nil {
			f = &Finding{ID: id, Trace: &traces.Trace{Fail: id + ": its trace is not there any more"}}
			findings[key] = f
		}
		f.Times += c.times[id]
		f.In = append(f.In, number)
	}
}

// Seeds returns how many seeds are finished.
func (c *Campaign) Seeds() (n uint64) {
	for number, p := range c.shards {
		for r := range c.Settings.Ranges(number) {
			if p[r+1].done {
				_, size := c.Settings.Range(number, r+1)
				n += size
			}
		}
	}
	return n
}

// Missing says which shards are not finished, and of how many that is so. Neighbours of which
// nothing is there are one line.
func (c *Campaign) Missing() (lines []string, shards int) {
	never := 0 // shards in front of this one that have not begun
	flush := func(next int) {
		switch {
		case never == 1:
			lines = append(lines, fmt.Sprintf("shard %d has not begun", next-1))
		case never > 1:
			lines = append(lines, fmt.Sprintf("shards %d to %d have not begun", next-never, next-1))
		}
		never = 0
	}
	for number := range c.Settings.Shards {
		number++
		p := c.shards[number]
		if p == nil {
			never++
			shards++
			continue
		}
		flush(number)
		if line := c.missing(number, p); line != "" {
			lines = append(lines, line)
			shards++
		}
	}
	flush(c.Settings.Shards + 1)
	return lines, shards
}

// missing says what is missing of a shard that has begun, "" if nothing is.
func (c *Campaign) missing(number int, p *part) string {
	var seeds []string
	n := c.Settings.Ranges(number)
	left := 0
	for r := 1; r <= n; r++ {
		if p[r].done {
			continue
		}
		from, _ := c.Settings.Range(number, r)
		for r < n && !p[r+1].done {
			r, left = r+1, left+1
		}
		last, size := c.Settings.Range(number, r)
		left++
		seeds = append(seeds, fmt.Sprintf("%d to %d", from, last+size-1))
	}
	if left == 0 {
		return ""
	}
	return fmt.Sprintf("shard %d has not finished %d of %d ranges: seeds %s", number, left, n, strings.Join(seeds, ", "))
}
