package picture

import (
	"fmt"
	"io"
)

// Format is what a picture is printed as: the end of a file's name.
type Format string

// The formats.
const (
	HTML Format = "html"
	SVG  Format = "svg"
	Text Format = "txt"
	PCAP Format = "pcapng" // a capture, for what reads those
)

// Print prints the picture. An error is the writer's, or says that there is no such format.
func (p *Picture) Print(out io.Writer, as Format) error {
	switch as {
	case HTML:
		return p.html(out)
	case SVG:
		return p.svg(out)
	case Text:
		return p.text(out)
	case PCAP:
		return p.pcap(out)
	}
	return fmt.Errorf("a picture cannot be printed as %q", string(as))
}
