package kerneltest_test

import (
	"fmt"

	"millrace/core/kerneltest"
	"millrace/simfd/simulated"
)

// A script that is run prints with the answers of the kernel it ran on.
func ExampleScript_Run() {
	script, err := kerneltest.Parse("example", `
# The bytes before the RST are read first, then its cause, once.
us socket
us connect
peer send 3
peer reset
us poll
us recv 10
us recv 10
us recv 10
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	answered, err := script.Run(simulated.New())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(answered)
	// Output:
	// # The bytes before the RST are read first, then its cause, once.
	// us socket                = OK
	// us connect               = EINPROGRESS
	// peer send 3              = 3
	// peer reset               = OK
	// us poll                  = IN|OUT|ERR|HUP|RDHUP
	// us recv 10               = 3
	// us recv 10               = ECONNRESET
	// us recv 10               = 0
}
