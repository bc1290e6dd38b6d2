package traces_test

import (
	"fmt"

	"millrace/traces"
)

// A file that does not parse is answered with the line and what belongs there.
func ExampleParse() {
	_, err := traces.Parse("late-fin.trace", []byte(`millrace 1
world bufsize=16
session 0 client=send:512,shut
`))
	fmt.Println(err)
	// Output: late-fin.trace:3: client: expected an act such as send:512, found "shut"
}

// The recording says that the proxy, asked by a client that has nothing to say
// yet, connected to its server at once. It still does, but then waits in another
// way than the recording has it.
func ExamplePlay() {
	t, err := traces.Parse("connect.trace", []byte(`millrace 1
world
+0s p0 wait 0s = 0
+0s l0 set IN|RDHUP = OK
+1ms p0 wait never = 1
+0s l0 event IN
+0s l0 accept = f0
+0s l0 accept = EAGAIN
+0s b0 socket 0 = OK
+0s b0 connect = EINPROGRESS
+0s f0 recv 2048 = EAGAIN
+0s b0 set OUT = OK
+0s f0 set IN|OUT = OK
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := traces.Play(t)
	fmt.Println(r, err)
	// Output: step 11: recorded `f0 set IN|OUT`, proxy did `f0 set IN|RDHUP` <nil>
}
