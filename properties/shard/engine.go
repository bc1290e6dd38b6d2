package shard

import (
	"fmt"
	"strconv"
	"strings"
)

// engine is what runs many tasks, and tells each in its environment which one it is. Names
// that an engine does not have are empty.
type engine struct {
	name        string
	index       string // number of the task
	count       string // how many there are
	least, most string // the least number, where that is not 0, and the greatest
	step        string // from one number to the next
}

// engines are those that say enough. To others a task says it with the flag, in their words.
var engines = []engine{
	{"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"},
	{"Kubernetes", "JOB_COMPLETION_INDEX", "", "", "", ""},
	{"AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", "", "", ""},
	{"Google Cloud Batch", "BATCH_TASK_INDEX", "BATCH_TASK_COUNT", "", "", ""},
	{"Cloud Run", "CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT", "", "", ""},
}

// maxShards bounds how many shards a campaign has.
const maxShards = 1_000_000

// Which returns which shard this is, from 1 on, and of how many: what flag says, K/N, or
// what an engine says in the environment, of which /N says the count if the engine does not.
// Of 0 shards it is none, if neither says anything, or the engine that there is one task: some
// say so to whatever they run. An error is one line to print.
func Which(flag string, getenv func(string) string) (k, n int, err error) {
	before, after, slash := strings.Cut(flag, "/")
	if flag != "" && !slash {
		return 0, 0, fmt.Errorf("-shard %s: expected K/N, or /N where an engine says which one it is", flag)
	}
	if slash {
		if n, err = number("-shard "+flag, after); err != nil {
			return 0, 0, err
		}
	}
	if before != "" {
		if k, err = number("-shard "+flag, before); err != nil {
			return 0, 0, err
		}
		return within("-shard "+flag, k, n)
	}
	e, err := told(getenv)
	switch {
	case err != nil:
		return 0, 0, err
	case e == nil && slash:
		return 0, 0, fmt.Errorf("-shard %s: no engine says in the environment which one this is: expected K/N", flag)
	case e == nil:
		return 0, 0, nil
	}
	if k, of, err := e.which(n, getenv); err != nil || of > 1 || slash {
		return k, of, err
	}
	return 0, 0, nil
}

// told returns the engine that says something, nil if none does.
func told(getenv func(string) string) (e *engine, err error) {
	for i := range engines {
		c := &engines[i]
		switch {
		case getenv(c.index) == "" && (c.count == "" || getenv(c.count) == ""):
		case e != nil:
			return nil, fmt.Errorf("%s and %s both say which task this is: say it with -shard K/N", e.name, c.name)
		default:
			e = c
		}
	}
	return e, nil
}

// which reads what an engine says. n is the count that the flag gave, 0 for none.
func (e *engine) which(n int, getenv func(string) string) (k, of int, err error) {
	get := func(name string, otherwise int) int {
		text := getenv(name)
		if name == "" || text == "" && otherwise >= 0 {
			return otherwise
		}
		v, bad := strconv.Atoi(text)
		if (bad != nil || v < 0) && err == nil {
			err = fmt.Errorf("%s sets %s to %q: expected a number; -shard K/N says it otherwise", e.name, name, text)
		}
		return v
	}
	const must = -1
	index, least := get(e.index, must), 0
	if e.least != "" {
		least = get(e.least, must)
	}
	count, step := get(e.count, n), get(e.step, 1)
	most := get(e.most, least+(count-1)*step)
	switch {
	case err != nil:
		return 0, 0, err
	case count == 0:
		return 0, 0, fmt.Errorf("%s sets %s, and not how many tasks there are: say it with -shard /N", e.name, e.index)
	case n != 0 && count != n:
		return 0, 0, fmt.Errorf("-shard /%d: %s says that there are %d tasks", n, e.name, count)
	case least > 1 || step < 1 || (most-least)/step+1 != count:
		// Some tasks of an array that were submitted again, most likely: as an array of their
		// own they would be other shards.
		return 0, 0, fmt.Errorf("the numbers of %s do not go from 0 or 1 up in equal steps (%d tasks, %d to %d): say it with -shard K/N", e.name, count, least, most)
	}
	return within(e.name, (index-least)/step+1, count)
}

func number(what, text string) (int, error) {
	v, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s: expected K/N, found %q for a number", what, text)
	}
	return v, nil
}

func within(what string, k, n int) (int, int, error) {
	switch {
	case n < 1 || n > maxShards:
		return 0, 0, fmt.Errorf("%s: expected 1 to %d shards, found %d", what, maxShards, n)
	case k < 1 || k > n:
		return 0, 0, fmt.Errorf("%s: expected a shard from 1 to %d, found %d", what, n, k)
	}
	return k, n, nil
}
