// Package picture draws a run: who did what to whom, in the order in which it happened,
// and what everything looked like then. There is one model, a Picture, and three printers
// of it (see Format): HTML, a page to step through; SVG, for a report; and Text, for a terminal.
//
// A run that is simulated is run again, and watched: see Simulated. Of a recording there
// are the steps, and no peers: see Recorded.
package picture
