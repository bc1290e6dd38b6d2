package kerneltest

import (
	"fmt"
	"strings"

	"millrace/core"
	"millrace/core/culprit"
)

// guarded answers a step with what the kernel has against it, if that is a breach: such a
// kernel judges its caller, which the scripts do not want. A kernel that breaks down answers
// with its panic. No kernel that is right does either, so both are differences, with a script.
func (r *run) guarded(step Step) (answer string) {
	if said := judged(func() { answer = r.do(step) }); said != "" {
		return said
	}
	return answer
}

// settle lets happen what the last step began. What breaks down there is its answer.
func (r *run) settle(done *Script) {
	if said := judged(r.m.Settle); said != "" {
		done.lines[len(done.lines)-1].step.Answer = said
	}
}

// broke begins the answer of a kernel that broke down.
const broke = "panic "

// judged makes a call, and returns how it ended if not as calls do.
func judged(call func()) (said string) {
	defer func() {
		switch b := recover().(type) {
		case nil:
		case *core.Breach:
			said = "breach " + b.Error()
		default:
			said = broke + culprit.Name() + ": " + fmt.Sprint(b)
		}
	}()
	call()
	return ""
}

// broken says which step a machine broke down at: that of the kernel that is right does not.
func (s *Script) broken() error {
	for _, l := range s.lines {
		if l.step != nil && strings.HasPrefix(l.step.Answer, broke) {
			return fmt.Errorf("the machine that is right: %s", l.step)
		}
	}
	return nil
}
