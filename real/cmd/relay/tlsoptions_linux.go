package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"strings"
)

// tlsOptions is what the command line says of TLS. The files are read by load,
// at the start and again at each SIGHUP.
type tlsOptions struct {
	certs    list
	keys     list
	clientCA string
	alpn     list
	min      string
	version  uint16 // what min says
	cbc      bool
	to       bool
	toCA     string
	toName   string
	insecure bool
}

// versions are the values of -tls-min. Older versions are broken.
var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

func (o *tlsOptions) define(fs *flag.FlagSet) {
	fs.Var(&o.certs, "tls-cert",
		"speak TLS to clients, with the certificate chain in this PEM `file`; several, by -tls-cert again or a,b,..., are chosen by the name a client asks for, the first if none fits")
	fs.Var(&o.keys, "tls-key", "the `file` with the private key of the certificate, in the same order")
	fs.StringVar(&o.clientCA, "tls-client-ca", "", "clients must have a certificate signed by one in this `file`")
	fs.Var(&o.alpn, "tls-alpn", "application `protocols` offered to clients, the best first, as in h2,http/1.1; servers are offered what a client took")
	fs.StringVar(&o.min, "tls-min", "1.2", "the oldest `version` of TLS spoken, 1.2 or 1.3, to clients and servers")
	fs.BoolVar(&o.cbc, "tls-cbc", false, "speak the CBC suites of TLS 1.2 too, with who has nothing better")
	fs.BoolVar(&o.to, "tls-to", false, "speak TLS to servers, and verify their certificates with the system's authorities")
	fs.StringVar(&o.toCA, "tls-to-ca", "", "verify servers with the authorities in this `file` instead")
	fs.StringVar(&o.toName, "tls-to-name", "", "the `name` to verify and to ask all servers for; if not given, each one's host as -to has it")
	fs.BoolVar(&o.insecure, "tls-to-insecure", false, "do not verify servers: whoever can reach the network between can read and change everything")
}

// list is a flag that may be given several times, or once with commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

// Set adds to the list.
func (l *list) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			return errors.New("a part of it is empty")
		}
		*l = append(*l, part)
	}
	return nil
}

// given returns the names of the flags that the command line has.
func given(fs *flag.FlagSet) map[string]bool {
	names := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// needs says which flags mean nothing without another. What would be ignored is
// refused: it may be what somebody relies on.
var needs = []struct{ flag, other string }{
	{"tls-key", "tls-cert"}, {"tls-cert", "tls-key"}, {"tls-client-ca", "tls-cert"}, {"tls-alpn", "tls-cert"},
	{"tls-to-ca", "tls-to"}, {"tls-to-name", "tls-to"}, {"tls-to-insecure", "tls-to"},
}

// checkHandshakes looks at the options on PROXY headers and TLS, and at what
// they mean together and with others.
func (o *options) checkHandshakes(given map[string]bool) error {
	given["tls-to"] = o.tls.to
	given["tls-to-insecure"] = o.tls.insecure
	for _, n := range needs {
		if given[n.flag] && !given[n.other] {
			return fmt.Errorf("-%s: means nothing without -%s", n.flag, n.other)
		}
	}
	if err := o.headers.check(); err != nil {
		return err
	}
	if err := o.tls.check(given); err != nil {
		return err
	}
	if o.headers.tls && len(o.tls.certs) == 0 {
		return fmt.Errorf("-send-proxy %s: means nothing without -tls-cert", o.headers.send)
	}
	for _, name := range []string{"send-proxy", "tls-to"} {
		if o.applet != nil && given[name] {
			return fmt.Errorf("-%s: there are no servers, -to is %s", name, o.to.String())
		}
	}
	return nil
}

// check understands the options given.
func (o *tlsOptions) check(given map[string]bool) error {
	o.version = versions[o.min]
	switch {
	case o.version == 0:
		return fmt.Errorf("-tls-min %q: want 1.2 or 1.3", o.min)
	case given["tls-min"] && len(o.certs) == 0 && !o.to:
		return errors.New("-tls-min: means nothing without -tls-cert or -tls-to")
	case o.cbc && len(o.certs) == 0 && !o.to:
		return errors.New("-tls-cbc: means nothing without -tls-cert or -tls-to")
	case o.cbc && o.version == tls.VersionTLS13:
		return errors.New("-tls-cbc: means nothing with -tls-min 1.3")
	case len(o.certs) != len(o.keys):
		return fmt.Errorf("-tls-cert has %d files and -tls-key %d: want a key for each certificate", len(o.certs), len(o.keys))
	case o.toCA != "" && o.insecure:
		return errors.New("-tls-to-ca: means nothing with -tls-to-insecure")
	}
	for _, p := range o.alpn {
		if len(p) > 255 {
			return fmt.Errorf("-tls-alpn %q: longer than 255 bytes", p)
		}
	}
	return nil
}
