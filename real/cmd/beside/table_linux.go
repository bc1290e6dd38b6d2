package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// key is one relay with one workload.
type key struct{ relay, load string }

// quartiles of samples, of which there is at least one.
func quartiles(s []float64) (low, median, high float64) {
	s = slices.Sorted(slices.Values(s))
	return part(s, 0.25), part(s, 0.5), part(s, 0.75)
}

// part is what so much of sorted samples lies below.
func part(s []float64, of float64) float64 {
	x := of * float64(len(s)-1)
	i := int(x)
	return s[i] + (x-float64(i))*(s[min(i+1, len(s)-1)]-s[i])
}

// ratio is how much one relay costs of another: the median over the rounds of what it did in
// each, since they had their turns beside each other. Its quartiles say how sure that is.
func ratio(of, to []float64) string {
	var rs []float64
	for i := range of {
		rs = append(rs, of[i]/to[i])
	}
	low, median, high := quartiles(rs)
	return fmt.Sprintf("%.2f (%.2f-%.2f)", median, low, high)
}

// table prints what each relay took for a unit, and what the first costs of the others, and of
// itself without what a workload adds to the one before it.
func table(out io.Writer, rs []*relay, list []*load, samples map[key][]float64) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "workload\tµs per")
	for _, r := range rs {
		fmt.Fprintf(tw, "\t%s", r.name)
	}
	for _, r := range rs[1:] {
		fmt.Fprintf(tw, "\t%s / %s", rs[0].name, r.name)
	}
	fmt.Fprintln(tw, "\tof its own")
	for i, l := range list {
		fmt.Fprintf(tw, "%s\t%s", l.name, l.per)
		for _, r := range rs {
			if !r.does(l.way) {
				fmt.Fprint(tw, "\t-")
				continue
			}
			_, median, _ := quartiles(samples[key{r.name, l.name}])
			fmt.Fprintf(tw, "\t%.2f", median)
		}
		own := samples[key{rs[0].name, l.name}]
		for _, r := range rs[1:] {
			if !r.does(l.way) {
				fmt.Fprint(tw, "\t-")
				continue
			}
			fmt.Fprintf(tw, "\t%s", ratio(own, samples[key{r.name, l.name}]))
		}
		if l.how == extra {
			fmt.Fprintf(tw, "\t%s: %s\n", list[i-1].name, ratio(own, samples[key{rs[0].name, list[i-1].name}]))
		} else {
			fmt.Fprintln(tw, "\t-")
		}
	}
	return tw.Flush()
}
