package cryptotls

import (
	"crypto/tls"
	"fmt"
	"sync/atomic"

	"millrace/datalayer"
)

// Server makes ciphers for accepted connections, for any number of workers.
type Server struct{ config atomic.Pointer[tls.Config] }

var _ datalayer.Ciphers = (*Server)(nil)

// NewServer makes one with a configuration, which must not be changed any more.
func NewServer(config *tls.Config) *Server {
	s := new(Server)
	s.Set(config)
	return s
}

// Set makes another configuration count for the connections to come. It may be
// called from any goroutine.
func (s *Server) Set(config *tls.Config) { s.config.Store(config) }

// New implements datalayer.Ciphers.
func (s *Server) New(int, string) datalayer.Cipher {
	c, config := new(Cipher), s.config.Load()
	c.shim.most = flights{first: flightMost, later: flightMost}
	if config.ClientAuth != tls.NoClientCert {
		c.shim.most.later = 0 // certificates are as long as they are, and crypto/tls has a bound
	}
	return newCipher(c, tls.Server(&c.shim, config))
}

// Client makes ciphers for connections to servers, for any number of workers.
type Client struct{ targets atomic.Pointer[[]target] }

var _ datalayer.Ciphers = (*Client)(nil)

// target is how to talk to one server, for each protocol that its client may have
// agreed on.
type target map[string]*tls.Config

// NewClient makes one with the configuration for each server by number, which
// must not be changed any more. A connection whose client agreed on one of the
// configuration's NextProtos proposes that one, and else none.
func NewClient(configs []*tls.Config) *Client {
	c := new(Client)
	c.Set(configs)
	return c
}

// Set makes other configurations count for the connections to come, for the same
// servers. It may be called from any goroutine.
func (c *Client) Set(configs []*tls.Config) {
	targets := make([]target, len(configs))
	for i, config := range configs {
		targets[i] = target{"": with(config, nil)}
		for _, p := range config.NextProtos {
			targets[i][p] = with(config, []string{p})
		}
	}
	c.targets.Store(&targets)
}

func with(config *tls.Config, protocols []string) *tls.Config {
	config = config.Clone()
	config.NextProtos = protocols
	config.Renegotiation = tls.RenegotiateNever // it would shake hands outside of the coroutine
	if len(protocols) > 0 {
		config.VerifyConnection = speaks(protocols[0])
	}
	return config
}

// speaks refuses a server that did not agree to the protocol that its client was
// promised. crypto/tls lets it pass if the server says nothing about protocols at
// all; and what such a server speaks is HTTP/1.1, if it is that.
func speaks(protocol string) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		if s.NegotiatedProtocol == "" && protocol != "http/1.1" {
			return fmt.Errorf("the server did not agree to speak %s, which its client was promised", protocol)
		}
		return nil
	}
}

// New implements datalayer.Ciphers.
func (c *Client) New(server int, protocol string) datalayer.Cipher {
	t := (*c.targets.Load())[server]
	config := t[protocol]
	if config == nil {
		config = t[""]
	}
	e := new(Cipher)
	return newCipher(e, tls.Client(&e.shim, config))
}
