package core

// ConnFlags is the state of a connection; the flags tell the truth at any time.
type ConnFlags uint16

// The flags. HAProxy's names follow in brackets where it has them.
const (
	// ConnError: a fatal error was met; only Close is left to do [CO_FL_ERROR].
	ConnError ConnFlags = 1 << iota
	// ConnWaitL4: connect() is not yet confirmed [CO_FL_WAIT_L4_CONN].
	ConnWaitL4
	// ConnWaitL6: the transport (TLS) was never up yet [CO_FL_WAIT_L6_CONN].
	ConnWaitL6
	// ConnConnected: establishment was announced upward [CO_FL_CONNECTED].
	ConnConnected
	// ConnSockRdSh: the peer's end of stream was read [CO_FL_SOCK_RD_SH].
	ConnSockRdSh
	// ConnSockWrSh: our FIN was sent [CO_FL_SOCK_WR_SH].
	ConnSockWrSh
	// ConnProxyIn: a PROXY line must be read first [CO_FL_ACCEPT_PROXY].
	ConnProxyIn
	// ConnProxyOut: a PROXY line must be sent first [CO_FL_SI_SEND_PROXY].
	ConnProxyOut
	// ConnTLS: a TLS handshake must be done first, or again.
	ConnTLS
	// ConnOwes: the data layer holds bytes that the kernel has not taken yet.
	// The layer above has to want turns to send for them, as for its own.
	ConnOwes
	// ConnTurn: the connection's own turn is running; it commits at its end.
	ConnTurn
)

var connFlagNames = []string{
	"ERROR", "WAIT_L4", "WAIT_L6", "CONNECTED", "SOCK_RD_SH", "SOCK_WR_SH",
	"PROXY_IN", "PROXY_OUT", "TLS", "OWES", "TURN",
}

const (
	// ConnHandshake groups the handshakes in the order in which they run.
	ConnHandshake = ConnProxyIn | ConnProxyOut | ConnTLS
	// ConnPollSock selects the sock level of polling.
	ConnPollSock = ConnHandshake | ConnWaitL4 | ConnWaitL6
)

// Any reports whether any of these flags is set.
func (f ConnFlags) Any(of ConnFlags) bool { return f&of != 0 }

// String prints the flags as WAIT_L4|ERROR, and "-" if none is set.
func (f ConnFlags) String() string { return FlagString(uint32(f), connFlagNames) }
