package picture

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"unicode/utf8"
)

// maxRows is how many events an SVG has: of more, the last ones, where the failure is.
const maxRows = 60

// What an SVG measures, in its own units.
const (
	rowHeight = 20
	laneGap   = 88
	laneLeft  = 110 // where the first lane is: the time is on its left
	textWide  = 440 // beside the last lane, at most
	topHeight = 74
	letter    = 7.5
)

// style is of the shapes as much as of colours: a dashed line is a report, a heavy one has
// bytes, and all that matters has words too.
const style = `<style>
svg{color-scheme:light dark}
text{font:12px ui-monospace,"DejaVu Sans Mono",monospace;fill:#222}
.lane{stroke:#999;stroke-width:1}
.call,.open{stroke:#555}.report{stroke:#06c;stroke-dasharray:3 3}.bytes{stroke:#075;stroke-width:2.4}
.fin{stroke:#850}.rst{stroke:#b00;stroke-dasharray:7 3}.peer,.choice{stroke:#777}
.accident,.breach{stroke:#b00;stroke-width:2}
.row{fill:none}.mark{fill:#fff}.bad{font-weight:bold;fill:#b00}.dim{fill:#777}.back{fill:#fff}.band{fill:#b00;opacity:.12}
@media (prefers-color-scheme:dark){
text{fill:#ddd}.back,.mark{fill:#161a1d}.lane{stroke:#566}.call,.open{stroke:#aaa}.report{stroke:#6bf}.bytes{stroke:#5c9}
.fin{stroke:#fb5}.rst,.accident,.breach{stroke:#f77}.bad{fill:#f88}.dim{fill:#999}}
</style>`

// svg prints the picture as an image for a report.
func (p *Picture) svg(out io.Writer) error {
	w := bufio.NewWriter(out) // it keeps the first error for Flush
	events := p.Events[max(0, len(p.Events)-maxRows):]
	text := longest(events)
	lefts := []int{laneLeft} // of each run's lanes
	wide := laneLeft + (len(p.Lanes)-1)*laneGap + 44 + text
	if p.Without != "" {
		lefts = append(lefts, wide)
		wide += wide - laneLeft
	}
	head := wrapped(p.What, room(wide-20))
	if p.Says != "" {
		head = append(head, wrapped("rule: "+p.Says, room(wide-20))...)
	}
	if p.Without != "" {
		head = append(head, wrapped("on the right without "+p.Without+": "+p.Ends, room(wide-20))...)
	}
	top := topHeight + 16*len(head)
	high := top + len(events)*rowHeight + 14
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", wide, high, wide, high)
	title := p.Title + ", a run of " + p.Program
	fmt.Fprintf(w, "<title>%s</title>\n%s\n", html.EscapeString(clean(title)), style)
	fmt.Fprintf(w, `<rect class="back" width="%d" height="%d"/>`+"\n", wide, high)
	write(w, 10, 20, "start", "dim", short(title, room(wide-20)))
	if p.Failed() {
		write(w, 10, 38, "start", "bad", short(p.Rule, room(wide-20)))
	}
	for i, l := range head {
		write(w, 10, 54+16*i, "start", "", l)
	}
	if left := p.Cut + len(p.Events) - len(events); left > 0 {
		write(w, wide-10, top-14, "end", "dim", fmt.Sprintf("%d events before", left))
	}
	for _, left := range lefts {
		for i, l := range p.Lanes {
			x := left + i*laneGap
			write(w, x, top-14, "middle", "", p.head(l))
			fmt.Fprintf(w, `<path class="lane" d="M%d %dV%d"/>`+"\n", x, top-8, high-8)
		}
	}
	for i, e := range events {
		p.row(w, e, top+i*rowHeight, wide, lefts)
	}
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}

// room is how many letters there is room for.
func room(wide int) int { return int(float64(wide) / letter) }

// longest is how much room the events' texts need.
func longest(events []Event) int {
	wide := 200
	for _, e := range events {
		wide = max(wide, int(letter*float64(utf8.RuneCountInString(e.Text))))
	}
	return min(wide, textWide)
}

// row draws one event with its time and its text, on the lanes of each run that has it.
func (p *Picture) row(w io.Writer, e Event, y, wide int, lefts []int) {
	y += rowHeight / 2
	bad := ""
	if e.Kind == Accident || e.Kind == Breach {
		bad = "bad"
		fmt.Fprintf(w, `<rect class="band" x="4" y="%d" width="%d" height="%d"/>`+"\n", y-rowHeight/2, wide-8, rowHeight)
	}
	write(w, 84, y+4, "end", "dim", span(e.At))
	for i, left := range lefts {
		if e.In == InFirst && i == 1 || e.In == InOther && i == 0 {
			continue
		}
		from, to := left+p.place(e.From)*laneGap, left+p.place(e.To)*laneGap
		if from == to {
			fmt.Fprintln(w, mark(e.Kind, from, y))
		} else {
			shaft(w, e.Kind, from, to, y)
		}
		write(w, left+(len(p.Lanes)-1)*laneGap+20, y+4, "start", bad, short(e.Text, room(textWide)))
	}
}

// shaft draws an arrow.
func shaft(w io.Writer, k Kind, from, to, y int) {
	d := 6
	if from > to {
		d = -6
	}
	fmt.Fprintf(w, `<path class="row %s" d="M%d %dH%d"/><path class="row %s" style="stroke-dasharray:none" d="M%d %dl%d -4m%d 4l%d 4"/>`+"\n",
		k, from, y, to, k, to, y, -d, d, -d)
	if k == Fin {
		fmt.Fprintf(w, `<path class="row fin" d="M%d %dv10"/>`+"\n", from+d, y-5)
	}
}

// mark is what stands on a lane, another shape for each kind.
func mark(k Kind, x, y int) string {
	class := "mark " + k.String()
	switch k {
	case Accident, Breach:
		return fmt.Sprintf(`<path class="%s" d="M%d %dl7 7l-7 7l-7 -7z"/><path class="%s" d="M%d %dv5m0 2v1"/>`, class, x, y-7, class, x, y-4)
	case Fin:
		return fmt.Sprintf(`<path class="%s" d="M%d %dh10v10h-10z"/>`, class, x-5, y-5)
	case Rst:
		return fmt.Sprintf(`<path class="row %s" style="stroke-dasharray:none" d="M%d %dl10 10m0 -10l-10 10"/>`, k, x-5, y-5)
	}
	return fmt.Sprintf(`<circle class="%s" cx="%d" cy="%d" r="4"/>`, class, x, y)
}

func write(w io.Writer, x, y int, anchor, class, text string) {
	fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="%s" class="%s">%s</text>`+"\n", x, y, anchor, class, html.EscapeString(clean(text)))
}
