package kerneltest

import (
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// Trial puts a kernel on trial: it has to answer like the one that is right.
type Trial struct {
	// Right makes a machine with the kernel that is right. A machine with a real
	// network waits longer at each try for what is under way.
	Right func(try int) Machine
	// Under makes one with the kernel on trial.
	Under func() Machine
	// Tries is how often Right is run before a difference counts, 1 or more.
	Tries int
}

// Verdict is how a trial of one script ended.
type Verdict uint8

// The verdicts.
const (
	Same     Verdict = iota // at the first try
	Late                    // the same, after a try at which something had not happened yet
	Unsteady                // the kernel that is right does not answer the same each time
	Differs
	NumVerdicts
)

var verdictNames = [NumVerdicts]string{"same", "late", "not deterministic", "different"}

// String names the verdict.
func (v Verdict) String() string { return verdictNames[v] }

// Result is a trial of one script.
type Result struct {
	Verdict Verdict
	Right   *Script // with the answers of the kernel that is right, the last ones
	Under   *Script // with those of the other one
	Diff    string  // in which they disagree, and if Unsteady, in which Right with itself
}

// Run tries one script. The error is a machine's.
func (t *Trial) Run(s *Script) (r Result, err error) {
	if r.Under, err = s.Run(t.Under()); err != nil {
		return r, err
	}
	allowed := r.Under.Widen()
	wrong := make([]string, t.Tries+again)
	for try := range wrong {
		if r.Right, err = t.right(s, min(try, t.Tries-1)); err != nil {
			return r, err
		}
		if wrong[try] = allowed.excludes(r.Right); wrong[try] == "" {
			r.Verdict = min(Verdict(try), Late)
			return r, nil
		}
	}
	r.Verdict, r.Diff = Differs, Diff("linux", r.Right, "sim", allowed)
	for _, w := range wrong[t.Tries-1:] {
		if w != wrong[t.Tries-1] {
			r.Verdict = Unsteady
			r.Diff += fmt.Sprintf("\nat first %s, and then %s\n", wrong[t.Tries-1], w)
			break
		}
	}
	return r, nil
}

// right runs a script on the kernel that is right.
func (t *Trial) right(s *Script, try int) (*Script, error) {
	done, err := s.Run(t.Right(try))
	if err == nil {
		err = done.broken()
	}
	return done, err
}

// again is how often a kernel must repeat its answers before they are its answers.
const again = 2

// steady says how the kernel that is right does not repeat its answers.
func (t *Trial) steady(s *Script, try int) (differs string, err error) {
	for range again {
		other, err := t.right(s, try)
		if err != nil {
			return "", err
		}
		if diff := Diff("once", s, "again", other); diff != "" {
			return diff, nil
		}
	}
	return "", nil
}

// Record returns a script with the answers of the kernel that is right. Where
// the script has a set of answers and the answer is in it, the set stays. If the
// kernel does not repeat its answers, differs says how.
func (t *Trial) Record(s *Script) (recorded *Script, differs string, err error) {
	for try := min(1, t.Tries-1); try < t.Tries; try++ {
		if recorded, err = t.right(s, try); err != nil {
			return nil, "", err
		}
		if differs, err = t.steady(recorded, try); differs == "" || err != nil {
			break
		}
	}
	for i, l := range s.lines {
		if l.step != nil && l.step.Answer != "" && allows(l.step.Answer, recorded.lines[i].step.Answer) {
			recorded.lines[i] = l
		}
	}
	return recorded, differs, err
}

// Check runs a recorded script on both kernels. Diff says in what either does not
// answer as recorded; the verdict is Same, Late or Differs.
func (t *Trial) Check(s *Script) (r Result, err error) {
	if r.Under, err = s.Run(t.Under()); err != nil {
		return r, err
	}
	for try := range t.Tries {
		if r.Right, err = t.right(s, try); err != nil {
			return r, err
		}
		r.Verdict = min(Verdict(try), Late)
		if r.Diff = Diff("here", r.Right, "recorded", s); r.Diff == "" {
			break
		}
	}
	if r.Diff += Diff("sim", r.Under, "recorded", s); r.Diff != "" {
		r.Verdict = Differs
	}
	return r, nil
}

// Key names the kind of a difference: the first call that differs, and how.
func (r *Result) Key() string {
	sets := r.Under.Widen()
	for i, l := range r.Right.lines {
		if l.step != nil && !allows(sets.lines[i].step.Answer, l.step.Answer) {
			under := r.Under.lines[i].step.Answer
			return fmt.Sprintf("%s %s: Linux %s, simulated %s", kindNames[l.step.Actor.Kind], kind(*l.step),
				class(*l.step, l.step.Answer), class(*l.step, under))
		}
	}
	return ""
}

// Shrink takes away as many lines as possible of a script that differs, as long as
// there is no hurry, and returns how what is left differs.
func (t *Trial) Shrink(s *Script, hurry func() bool) (least Result, err error) {
	small := Shrink(s, func(s *Script) bool {
		if err != nil || hurry() {
			return false
		}
		var differs bool
		differs, err = t.differs(s)
		return differs
	})
	if err != nil {
		return Result{}, err
	}
	if least, err = t.Run(small); err == nil && least.Verdict != Differs {
		return t.Run(s) // too little patience was spent on each step
	}
	return least, err
}

// differs is a quick look at whether a script differs.
func (t *Trial) differs(s *Script) (bool, error) {
	under, err := s.Run(t.Under())
	if err != nil {
		return false, err
	}
	allowed := under.Widen()
	for try := range min(t.Tries, 2) {
		right, err := t.right(s, try)
		if err != nil || allowed.excludes(right) == "" {
			return false, err
		}
	}
	return true, nil
}

// Add writes a script that differs, with the answers of the kernel that is right,
// into a folder, which is made if need be, and returns the file's path. The same
// script has the same name.
func (r *Result) Add(folder string) (string, error) {
	s := &Script{}
	for _, l := range r.Right.lines {
		if l.step != nil {
			s.Add(*l.step)
		}
	}
	text := s.String()
	name := fmt.Sprintf("drawn-%08x.txt", crc32.ChecksumIEEE([]byte(text)))
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	text = "# Drawn at random: say here what it shows, and give it a name that does.\n" + text
	return path, os.WriteFile(path, []byte(text), 0o666)
}
