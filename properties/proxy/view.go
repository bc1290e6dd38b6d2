package proxy

import (
	"fmt"

	"millrace/properties"
	"millrace/streamif"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

var _ properties.Viewer = (*run)(nil)

// View implements properties.Viewer: a session's two sides, as Print has them.
func (w *run) View(label int) (notes []properties.Note) {
	if w.proxy == nil {
		return nil
	}
	return viewOf(w.proxy, label)
}

// playedView is View for a proxy that plays a recording.
func playedView(r traces.Running, label int) []properties.Note {
	return viewOf(r.(*proxytrace.Running).Proxy, label)
}

func viewOf(p *streamif.Proxy, label int) (notes []properties.Note) {
	for _, s := range p.Sessions() {
		if int(s.Peer().Label) != label {
			continue
		}
		notes = view(notes, "front ", s.Front(), s.Req(), s.Rep())
		notes = view(notes, "back ", s.Back(), s.Rep(), s.Req())
	}
	return notes
}

// view adds what there is to see of one side, which fills in and empties out.
func view(notes []properties.Note, side string, si *streamif.StreamInterface, in, out *streamif.Channel) []properties.Note {
	add := func(name string, value any) {
		notes = append(notes, properties.Note{Name: side + name, Value: fmt.Sprint(value)})
	}
	flags := func(name string, value fmt.Stringer) {
		notes = append(notes, properties.Note{Name: side + name, Value: value.String(), Flags: true})
	}
	c := si.Conn()
	data, sock, curr := c.Levels()
	flags("state", si.State())
	flags("connection", c.Flags())
	add("level data", data)
	add("level sock", sock)
	add("level current", curr)
	if c.Open() {
		d := c.Desc()
		add("want", d.Active())
		add("ready", d.Ready())
		add("polled", properties.Directions(d.Polled()))
	}
	flags("interface", si.Flags())
	flags("in", in.Flags())
	add("out", out.Flags()) // which is in at the other side
	add("buffer", fmt.Sprintf("%d to send + %d unread", in.Buf().Out(), in.Buf().In()))
	return notes
}
