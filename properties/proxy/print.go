package proxy

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"millrace/streamif"
)

// maxShown is how many sessions it shows.
const maxShown = 6

// Print implements properties.Printer: it prints the live sessions, their two sides beside
// each other. As one table, with a line for each side, they were wider than a terminal.
func (w *run) Print(out io.Writer) {
	if w.proxy == nil {
		return
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, s := range w.proxy.Sessions() {
		if i == maxShown {
			fmt.Fprintf(tw, "# and %d more\n", w.proxy.Live()-i)
			break
		}
		fmt.Fprintf(tw, "# session %d\tfront\tback\n", s.Peer().Label)
		front, back := w.side(s.Front(), s.Req(), s.Rep()), w.side(s.Back(), s.Rep(), s.Req())
		for k, name := range sideNames {
			for left, right := front[k], back[k]; left != "" || right != ""; name = "" {
				var f, b string
				f, left = folded(left)
				b, right = folded(right)
				fmt.Fprintf(tw, "#   %s\t%s\t%s\n", name, f, b)
			}
		}
	}
	if err := tw.Flush(); err != nil {
		fmt.Fprintln(out, "#", err)
	}
}

// folded is as many of the flags as a column has room for, and what is left of them.
func folded(flags string) (now, left string) {
	const wide = 40
	if len(flags) <= wide {
		return flags, ""
	}
	if at := strings.LastIndexByte(flags[:wide], '|'); at > 0 {
		return flags[:at+1], flags[at+1:]
	}
	return flags, ""
}

// sideNames are the lines of a session.
var sideNames = [...]string{"state", "connection", "polls", "active", "ready", "polled", "kernel", "interface", "in", "out", "buffer"}

// side is one side of a session: in is the channel that it fills, and out the one that it empties.
func (w *run) side(si *streamif.StreamInterface, in, out *streamif.Channel) [len(sideNames)]string {
	c := si.Conn()
	_, _, curr := c.Levels()
	active, ready, polled, kernel := "-", "-", "-", "-"
	if c.Open() {
		d := c.Desc()
		active, ready, polled = d.Active().String(), d.Ready().String(), d.Polled().String()
		kernel = w.kernel.Events(d.Num()).String()
	}
	return [...]string{
		si.State().String(), c.Flags().String(), curr.String(), active, ready, polled, kernel,
		si.Flags().String(), in.Flags().String(), out.Flags().String(),
		fmt.Sprintf("%d to send, %d unread", in.Buf().Out(), in.Buf().In()),
	}
}
