package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// used is how long a process has had the processor, all of its threads.
func (p proc) used() (total time.Duration, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("the kernel says nothing of process %d: is it gone?", p.cmd.Process.Pid)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return 0, err
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(ns)
	}
	return total, nil
}

// settled is how long a relay that has nothing to do any more gets to do what is left.
const settled = 3 * time.Millisecond

// measure has a relay do a workload and returns microseconds for a unit: of processor time, or in
// a flood as they go by.
func (r *relay) measure(l *load) (float64, error) {
	p := r.procs[l.way]
	list, err := l.open(p.port)
	defer list.close()
	if err != nil {
		return 0, err
	}
	time.Sleep(settled)
	if l.how == flooded || l.how == flooding {
		return l.amid(p.port, list[0])
	}
	before, err := p.used()
	if err != nil {
		return 0, err
	}
	if err := l.work(p.port, list); err != nil {
		return 0, err
	}
	time.Sleep(settled)
	after, err := p.used()
	return float64(after-before) / 1e3 / float64(l.did()), err
}
