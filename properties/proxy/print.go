package proxy

import (
	"fmt"
	"io"
	"text/tabwriter"

	"millrace/streamif"
)

// maxShown is how many sessions its table has.
const maxShown = 20

// Print implements properties.Printer: it prints a table of the live sessions, as netstat would.
func (w *run) Print(out io.Writer) {
	if w.proxy == nil {
		return
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "# session\tside\tstate\tconnection\tpolls\tfd\tinterface\tin\tout\tbuffer")
	for i, s := range w.proxy.Sessions() {
		if i == maxShown {
			fmt.Fprintf(tw, "# and %d more\n", len(w.proxy.Sessions())-i)
			break
		}
		for _, si := range []*streamif.StreamInterface{s.Front(), s.Back()} {
			side, in, sends := "front", s.Req(), s.Rep()
			if si == s.Back() {
				side, in, sends = "back", s.Rep(), s.Req()
			}
			c := si.Conn()
			_, _, curr := c.Levels()
			fd := "-"
			if c.Open() {
				fd = fmt.Sprintf("active=%s ready=%s polled=%s kernel=%s", c.Desc().Active(), c.Desc().Ready(),
					c.Desc().Polled(), w.kernel.Events(c.Desc().Num()))
			}
			fmt.Fprintf(tw, "# %d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d+%d\n", s.Peer().Label, side, si.State(), c.Flags(),
				curr, fd, si.Flags(), in.Flags(), sends.Flags(), in.Buf().Out(), in.Buf().In())
		}
	}
	if err := tw.Flush(); err != nil {
		fmt.Fprintln(out, "#", err)
	}
}
