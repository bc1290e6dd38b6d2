package kerneltest

import (
	_ "embed"
	"fmt"
	"strings"
)

// states are the ways in which a connection of ours may have come to be what it
// is, by what led there. Most names say who did what: ours and the peer's FIN, RST
// and data.
var states = []struct{ name, lines string }{
	{"fresh", "us socket"},
	{"connecting", "us socket full/us connect"},
	{"refused", "us socket closed/us connect"},
	{"refused-told", "us socket closed/us connect/us recv 1"},
	{"refused-shut", "us socket closed/us connect/us shutw"},
	{"given-up", "us socket full/us connect/us shutw"},
	{"fresh-shutrw", "us socket/us shutrw"},
	{"shutw-before", "us socket/us shutw/us connect"},
	{"shutrw-before", "us socket/us shutrw/us connect"},
	{"shutr-connecting", "us socket full/us shutr/us connect"},
	{"unreachable", "us socket nowhere/us connect"},
	{"connected", "us socket/us connect"},
	{"connected-told", "us socket/us connect/us connect"},
	{"connected-data", "us socket/us connect/peer send 10"},
	{"connected-rst", "us socket/us connect/peer reset"},
	{"accepted", accepted},
	{"data", accepted + "/peer send 10"},
	{"data-read", accepted + "/peer send 10/us recv 10"},
	{"data-partly-read", accepted + "/peer send 10/us recv 4"},
	{"fin", accepted + "/peer shutw"},
	{"fin-read", accepted + "/peer shutw/us recv 1"},
	{"data-fin", accepted + "/peer send 10/peer shutw"},
	{"own-fin", accepted + "/us shutw"},
	{"own-fin-data", accepted + "/us shutw/peer send 10"},
	{"own-fin-fin", accepted + "/us shutw/peer shutw"},
	{"own-fin-data-fin", accepted + "/us shutw/peer send 10/peer shutw"},
	{"fin-own-fin", accepted + "/peer shutw/us shutw"},
	{"data-fin-own-fin", accepted + "/peer send 10/peer shutw/us shutw"},
	{"rst", accepted + "/peer reset"},
	{"rst-told", accepted + "/peer reset/us recv 1"},
	{"rst-told-send", accepted + "/peer reset/us send 1"},
	{"data-rst", accepted + "/peer send 10/peer reset"},
	{"fin-rst", accepted + "/peer shutw/peer reset"},
	{"own-fin-rst", accepted + "/us shutw/peer reset"},
	{"own-fin-data-rst", accepted + "/us shutw/peer send 10/peer reset"},
	{"both-fins-rst", accepted + "/us shutw/peer shutw/peer reset"},
	{"closed", accepted + "/peer close"},
	{"closed-data", accepted + "/peer send 10/peer close"},
	{"closed-unread", accepted + "/us send 5/peer close"},
	{"closed-answered", accepted + "/peer close/us send 5"},
	{"own-fin-closed", accepted + "/us shutw/peer close"},
	{"shutr", accepted + "/us shutr"},
	{"shutr-data", accepted + "/us shutr/peer send 10"},
	{"data-shutr", accepted + "/peer send 10/us shutr"},
	{"shutr-fin", accepted + "/us shutr/peer shutw"},
	{"shutr-rst", accepted + "/us shutr/peer reset"},
	{"shutrw", accepted + "/us shutrw"},
	{"data-shutrw", accepted + "/peer send 10/us shutrw"},
	{"shutrw-data", accepted + "/us shutrw/peer send 10"},
	{"shutrw-fin", accepted + "/us shutrw/peer shutw"},
	{"peer-shutr", accepted + "/peer shutr"},
	{"peer-shutrw", accepted + "/peer shutrw"},
	{"peer-shutrw-answered", accepted + "/peer shutrw/us send 5"},
	{"full", accepted + "/us fill"},
	{"full-fin", accepted + "/us fill/peer shutw"},
	{"full-rst", accepted + "/us fill/peer reset"},
}

const accepted = "lst listen/peer dial/us accept"

// calls are what is then done, twice.
var calls = []string{
	"us recv 5", "us peek 5", "us send 5", "us shutw", "us shutr", "us shutrw",
	"us error", "us connect", "us close", "peer send 3", "peer shutw", "peer reset",
	"us add IN", "us mod IN|OUT", "us del", "twin dup",
	"us recv 0", "us peek 0", "us send 0", "us readv 0 1", "us writev 0 1", "us splice pipe 0", "us rcvlowat 1",
	"us splice pipe 5", "us splice pipe2 5", "us splice pipe4 5", "us splice-out pipe", "us splice-out pipe3",
}

// pipes are what the calls that splice find: a pipe that holds something, one that
// is full, an empty one, and one without a reader.
var pipes = [...]string{
	1: "pipe make 16/pipe write 20",
	2: "pipe2 make 1/pipe2 write 1",
	3: "pipe3 make 16",
	4: "pipe4 make 16/pipe4 close-read",
}

// Product returns a script for each call in each state, without answers: what the
// call is told, what may be polled before and after, and what each kind of poller
// reports.
func Product() []*Script {
	var all []*Script
	for _, st := range states {
		for _, call := range calls {
			step, err := ParseStep(call)
			if err != nil {
				panic(err) // no input of anybody's is in it
			}
			lines := strings.Split(st.lines, "/")
			if step.Pipe > 0 {
				lines = append(lines, strings.Split(pipes[step.Pipe], "/")...)
			}
			lines = append(lines, "us watch IN|OUT|RDHUP", "level", "edge", "oneshot",
				call, "us poll", "edge", "oneshot", call, "us poll", "level", "edge", "oneshot")
			s, err := Parse(st.name+"/"+strings.ReplaceAll(call, " ", "-"), strings.Join(lines, "\n"))
			if err != nil {
				panic(err)
			}
			if s.Comparable() {
				all = append(all, s)
			}
		}
	}
	return all
}

// head begins a script in a file of several.
const head = "== "

// Sections reads a file of several scripts.
func Sections(file, text string) ([]*Script, error) {
	var all []*Script
	for _, part := range strings.Split(text, "\n"+head)[1:] {
		name, body, _ := strings.Cut(part, "\n")
		s, err := Parse(name, body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// PrintSections is the inverse of Sections.
func PrintSections(comment string, all []*Script) string {
	var b strings.Builder
	b.WriteString(comment)
	for _, s := range all {
		b.WriteString("\n" + head + s.Name + "\n" + s.String())
	}
	return b.String()
}

// ProductFile is where the answers to Product are, below this package's folder.
const ProductFile = Dir + "/product.scripts"

//go:embed testdata/product.scripts
var productText string

// RecordedProduct returns Product with Linux's answers.
func RecordedProduct() ([]*Script, error) { return Sections(ProductFile, productText) }
