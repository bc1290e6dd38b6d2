package picture

import (
	_ "embed"
	"encoding/json"
	"html"
	"io"
	"strings"
)

//go:embed page.html
var page string

// What stands in the page for what is put in.
const (
	hereTitle = "<!--title-->"
	hereText  = "<!--text-->"
	hereData  = "<!--data-->"
)

// noScript is how many events are there for who reads the page without its script.
const noScript = 200

// data is a picture as the page's script gets it: short, since it may be of many events.
type data struct {
	Title, Program, Trace, Rule, What, Says, Without, Ends string
	Cut                                                    int
	Lanes, Kinds                                           []string
	Texts, Lines                                           []string
	States                                                 [][]int32
	// Events have their time, from and to, as numbers of the Lanes, session, number of the
	// Kinds, number of the Texts, state, and what In says.
	Events [][8]int64
}

// html prints the picture as one page that needs nothing else. What comes from a trace is
// JSON that has no < in it, or escaped, and the script makes text of it and never markup.
func (p *Picture) html(out io.Writer) error {
	d := data{
		Title: p.Title, Program: p.Program, Trace: p.Trace, Rule: p.Rule, What: p.What, Says: p.Says,
		Without: p.Without, Ends: p.Ends, Cut: p.Cut,
		Kinds: kindNames[:], Lines: p.Lines, States: p.States, Events: make([][8]int64, len(p.Events)),
	}
	for _, l := range p.Lanes {
		d.Lanes = append(d.Lanes, p.head(l))
	}
	known := map[string]int{}
	for i, e := range p.Events {
		n, is := known[e.Text]
		if !is {
			n = len(d.Texts)
			known[e.Text] = n
			d.Texts = append(d.Texts, e.Text)
		}
		d.Events[i] = [8]int64{int64(e.At), int64(p.place(e.From)), int64(p.place(e.To)), int64(e.Label), int64(e.Kind), int64(n), int64(e.State), int64(e.In)}
	}
	model, err := json.Marshal(d)
	if err != nil {
		return err
	}
	last := *p
	if over := len(p.Events) - noScript; over > 0 {
		last.Cut, last.Events = p.Cut+over, p.Events[over:]
	}
	var text strings.Builder
	if err := last.text(&text); err != nil {
		return err
	}
	_, err = strings.NewReplacer(
		hereTitle, html.EscapeString(clean(p.Title)), hereText, html.EscapeString(text.String()), hereData, string(model),
	).WriteString(out, page)
	return err
}
