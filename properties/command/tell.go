package command

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// endOfText ends a trace, and an answer, between two builds.
const endOfText = "."

// tell answers each trace that it reads with what its sessions' stories were, or with one
// line that begins with a question mark. It is one side of -against.
func tell(p *properties.Program, in io.Reader, out io.Writer) error {
	w := properties.NewWorld(p)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<26)
	var text bytes.Buffer
	for lines.Scan() {
		if line := lines.Text(); line != endOfText {
			text.WriteString(line + "\n")
			continue
		}
		t, err := traces.Parse("told", text.Bytes())
		text.Reset()
		answer := ""
		if err != nil {
			answer = "? " + err.Error() + "\n"
		} else {
			answer = stories(w, t)
		}
		if _, err := io.WriteString(out, answer+endOfText+"\n"); err != nil {
			return err
		}
	}
	return lines.Err()
}

// stories runs a trace and returns how each session ended, and how the world did.
func stories(w *properties.World, t *traces.Trace) string {
	s := sim.NewScript(t.Decisions)
	s.Clock = w.Sim().Now
	f := w.Run(t, s, properties.Options{})
	return told(w, f)
}

// told is what there is to tell of a run that w has just made.
func told(w *properties.World, f *properties.Failure) string {
	var b bytes.Buffer
	if f != nil {
		fmt.Fprintf(&b, "fails: %s\n", f.Identity())
	}
	for label := range w.Outcomes() {
		fmt.Fprintf(&b, "session %d: %s\n", label, w.Story(label))
	}
	return b.String()
}
