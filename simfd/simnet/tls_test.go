package simnet_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// secure makes configurations for two ends that know each other. Signatures of Ed25519 have
// one length: what is as long each time may be of random numbers.
func secure(t *testing.T) (server, client *tls.Config) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"server"}, NotAfter: time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, public, private)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}},
		&tls.Config{RootCAs: pool, ServerName: "server", CurvePreferences: []tls.CurveID{tls.X25519}} // and so a hello of a few segments
}

func TestBothEndsMayBeCryptoTLS(t *testing.T) {
	server, client := secure(t)
	const page = 3000
	main := func(n *simnet.Net) {
		n.Go(func() {
			simnet.Serve(func(_ *simnet.Net, c *simnet.Conn) {
				s := tls.Server(c, server)
				defer s.Close()
				if b, err := io.ReadAll(s); err == nil { // and so to the goodbye
					fmt.Fprintf(s, "%d bytes, %s", len(b), strings.Repeat("x", page))
				}
			})(n)
		})
		n.Try("exchange", func() error {
			conn, err := n.Dial("tcp", n.Listener().Addr().String())
			if err != nil {
				return err
			}
			c := tls.Client(conn, client)
			defer c.Close()
			if _, err := c.Write(bytes.Repeat([]byte("y"), page)); err != nil {
				return err
			}
			if err := c.CloseWrite(); err != nil {
				return err
			}
			b, err := io.ReadAll(c)
			if err == nil && string(b) != fmt.Sprintf("%d bytes, %s", page, strings.Repeat("x", page)) {
				n.Failf("%d bytes that look whole, of an answer that is another", len(b))
			}
			return err
		})
	}
	for _, way := range ways(t) {
		properties.Check(t, &properties.Program{
			Name: "tls-" + way.name, Main: way.main(main), Within: simnet.Bubble(t), Dials: true, Draw: drawOurs,
		})
	}
}

// TestTheClientOfNetSMTPDeliversOrSaysThatItDidNot sends a letter to a server that is a script.
func TestTheClientOfNetSMTPDeliversOrSaysThatItDidNot(t *testing.T) {
	main := func(n *simnet.Net) {
		n.Try("send", func() error {
			conn, err := n.Dial("tcp", "mail:25")
			if err != nil {
				return err
			}
			c, err := smtp.NewClient(conn, "mail")
			if err != nil {
				return errors.Join(err, conn.Close())
			}
			defer c.Close()
			if err := errors.Join(c.Mail("a@x"), c.Rcpt("b@x")); err != nil {
				return err
			}
			w, err := c.Data()
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "Subject: x\n\nbody\n"); err != nil {
				return err
			}
			if err := w.Close(); err != nil {
				return err
			}
			return c.Quit()
		})
	}
	for _, way := range ways(t) {
		properties.Check(t, &properties.Program{
			Name: "smtp-" + way.name, Main: way.main(main), Within: way.within, Dials: true, Leaves: true,
			Draw: func(r *sim.Rand, t *traces.Trace) {
				properties.DrawNetwork(r, &t.Settings)
				t.Sessions = []traces.Session{{Server: traces.Script{
					properties.Say("220 mail\r\n"), properties.Expect("EHLO localhost\r\n"), properties.Say("250 mail\r\n"),
					properties.Expect("MAIL FROM:<a@x>\r\n"), properties.Say("250 ok\r\n"), properties.Expect("RCPT TO:<b@x>\r\n"), properties.Say("250 ok\r\n"),
					properties.Expect("DATA\r\n"), properties.Say("354 go on\r\n"), properties.Expect("body\r\n.\r\n"), properties.Say("250 ok\r\n"),
					properties.Expect("QUIT\r\n"), properties.Say("221 bye\r\n"), {Verb: traces.Close},
				}}}
			},
		})
	}
}
