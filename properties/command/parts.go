package command

import (
	"fmt"
	"strings"
	"time"

	"millrace/properties"
	"millrace/properties/cell"
)

// part is what one of several strategies has done in a hunt. Each has all the seeds.
type part struct {
	how   properties.Strategy
	given uint64        // seeds that were handed out
	spent time.Duration // by whoever tried them
	news  int           // situations that none had reached, and failures that none had found
}

// strategies splits what -strategy says, and says what is wrong with it.
func strategies(text string) (list []*part, err error) {
	for name := range strings.SplitSeq(text, ",") {
		p := &part{how: properties.Strategy(name)}
		known := false
		for _, s := range properties.Strategies {
			known = known || s == p.how
		}
		for _, o := range list {
			known = known && o.how != p.how
		}
		if !known {
			return nil, fmt.Errorf("-strategy %s: expected some of %v, each once", text, properties.Strategies)
		}
		list = append(list, p)
	}
	return list, nil
}

// least is the time by which a strategy that has had none yet is judged.
const least = 100 * time.Millisecond

// dearth is how dear a strategy's news are: the time for one more than it has had. Who finds
// nothing gets dearer all the time, and never out of reach.
func (p *part) dearth() float64 { return (p.spent + least).Seconds() / float64(p.news+1) }

// turn gives out the next seeds of the strategy whose news are the cheapest. It is not ok
// if there are none, or the hunt is over.
func (c *campaign) turn() (p *part, first, n uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.parts {
		if (c.Seeds == 0 || o.given < c.Seeds) && (p == nil || o.dearth() < p.dearth()) {
			p = o
		}
	}
	if p == nil || c.Halted() {
		return nil, 0, 0, false
	}
	n = 1 // a seed has many worlds
	if p.how == properties.Draws {
		n = block
	}
	at := p.given
	if c.Seeds > 0 {
		n = min(n, c.Seeds-at)
	}
	p.given += n
	return p, c.At(at, n), n, true
}

// several has a cell try seeds with several strategies, until there are none.
func (c *campaign) several(w *cell.Cell) error {
	for {
		p, first, n, ok := c.turn()
		if !ok {
			return nil
		}
		began := time.Now()
		if _, err := c.seeds(w, p.how, first, n); err != nil {
			return err
		}
		c.credit(p, time.Since(began))
	}
}

// credit gives a strategy, of which seeds were tried for so long, the credit for what is new since
// somebody was last given any: each failure and each situation counts for one of those that had
// their seeds tried meanwhile.
func (c *campaign) credit(p *part, spent time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.spent += spent
	p.news += len(c.found) - c.credited
	c.credited = len(c.found)
	for i, times := range c.totals.Reach {
		if times > 0 && !c.reached[i] {
			c.reached[i] = true
			p.news++
		}
	}
}

// shares says which strategies had which seeds, and how much of the time.
func (c *campaign) shares() string {
	var all time.Duration
	for _, p := range c.parts {
		all += p.spent
	}
	var text []string
	for _, p := range c.parts {
		text = append(text, fmt.Sprintf("%s %s, %.0f%% of the time, %d times something new", p.how, c.Tried(p.given),
			100*p.spent.Seconds()/max(all.Seconds(), 1e-9), p.news))
	}
	return strings.Join(text, "\n                  ")
}
