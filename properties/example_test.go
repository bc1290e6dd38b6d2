package properties_test

import (
	"fmt"

	"millrace/properties"
	"millrace/properties/proxy"
	"millrace/traces"
)

// A scenario is a few lines of text; what is not written is healthy. Here the
// first attempt to connect is refused, and the second one serves the client.
func ExampleWorld_Replay() {
	t, err := traces.Parse("refused.trace", []byte(`millrace 1
world poller=edge retries=1
session 0 client=send:100,recv:50,close server=recv:100,send:50,eof,close
choose b0 connect 0 = refused
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	w := properties.NewWorld(proxy.Program)
	fmt.Println(w.Replay(t, properties.Options{}))
	fmt.Println(w.Story(0))
	// Output:
	// <nil>
	// -- up 100/100 down 50/50 client eof=false rst=false server eof=true rst=false
}
