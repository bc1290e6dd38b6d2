package properties

import (
	"strconv"
	"strings"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// heard is what a run has of one session in the form in which a scenario is compared with
// its recording. What a poller is asked for, and reports, follows from the rest. A handshake
// has other bytes each time, and so has a record: of a side with a cipher it is compared how
// much text is sealed, and whether what is sent from then on is sent whole.
type heard struct {
	sealed [2]bool // which sides have a cipher
	texts  [2]bool // and have sealed something, or said goodbye
	header bool    // each connection to a server begins with one, which is of some length
	heads  bool    // and this one has not been sent yet
	calls  []string
	ended  [2]string // how the program closed each side, "" = it did not
}

// What became of bytes behind a cipher.
const (
	sentWhole = "all"
	sentShort = "a part"
)

// like is what a run of the same sort has of a session before it begins.
func (h *heard) like() heard { return heard{sealed: h.sealed, header: h.header} }

// hear takes note of a call of the session's, and says whether that can be compared.
func (h *heard) hear(s traces.Step) bool {
	side := b2i(s.Actor.Kind() == sim.Back)
	switch s.Call {
	case traces.CallSocket:
		h.texts[1], h.heads, h.ended[1] = false, h.header, ""
	case traces.CallClose:
		h.ended[side] = h.form(s, side)
	case traces.CallSeal, traces.CallBye:
		h.texts[side] = true
	}
	form := h.form(s, side)
	if side == 1 && s.Call == traces.CallSend && s.Answer == s.Arg {
		h.heads = false
	}
	if form != "" {
		h.calls = append(h.calls, form)
	}
	return form != ""
}

// form is how a call is compared, "" if it is not. Whose it is does not count, only on which
// side: a session of a recording is another one in a scenario.
func (h *heard) form(s traces.Step, side int) string {
	text := s.Untimed()
	switch {
	case s.Call == traces.CallEvent, s.Call == traces.CallSet:
		return ""
	case s.Call == traces.CallSeal, s.Call == traces.CallBye:
		text = s.Asked()
	case s.Ciphers():
		return ""
	case s.Call == traces.CallSend && (h.sealed[side] || side == 1 && h.heads):
		what := " send text = "
		if side == 1 && h.heads {
			what = " send header = "
		} else if !h.texts[side] {
			return ""
		}
		came := sentWhole
		if s.Err != 0 {
			came = s.Err.String()
		} else if s.Answer < s.Arg {
			came = sentShort
		}
		text = s.Actor.String() + what + came
	case h.sealed[side] && (s.Call == traces.CallRecv || s.Call == traces.CallPeek):
		return ""
	}
	_, text, _ = strings.Cut(text, " ")
	return [...]string{"front ", "back "}[side] + text
}

// asked is the part of a form that was asked for, and answer what came of it.
func asked(form string) (call, answer string) {
	call, answer, _ = strings.Cut(form, " = ")
	return call, answer
}

// cure returns the choice that gives a call the recorded answer, if it is one of those that
// a question has; 0 if it is not.
func cure(q sim.Question, answer string) int {
	v, ok := q.Op.ParseValue(answer)
	switch n, err := strconv.Atoi(answer); {
	case !q.Op.Fault():
		return 0
	case ok:
	case q.Op == sim.OpRecvAgain, q.Op == sim.OpSendAgain:
		v = b2i(answer == core.EAGAIN.String())
	case q.Op == sim.OpShortWrite && answer == sentShort:
		v = q.N / 2 // the record is as long as its text asks for, which is not as long as it was
	case err == nil && !q.Op.Victim():
		v = n
	}
	if v <= 0 || v >= q.N {
		return 0
	}
	return v
}
