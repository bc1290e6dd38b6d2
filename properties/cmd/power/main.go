// Power measures what the hunt is worth: it breaks the proxy in many ways and sees which of
// them soak finds, how soon, and by which rule.
//
//	go run ./properties/cmd/power                        all lists and 300 mutants, hours
//	go run ./properties/cmd/power -lists mechanical      the mutants that were made by rule
//	go run ./properties/cmd/power -strategies seeds,nth  each with both
//	go run ./properties/cmd/power -strategies seeds,nth -runs 3,nth=1   three campaigns of one, one of the other
//	go run ./properties/cmd/power -quick -gate properties/power/quick.txt   half a minute, for CI
//
// It is called from the top of the module. What was measured is kept in a directory (-o): after
// an interruption the same command goes on, and what is measured already is not measured again
// until the code of the program changes. The table comes on standard output.
//
// It exits with 0 if it measured what it was asked for, 1 if the gate is not passed, 2 if it was
// called wrongly, 3 if it could not do its work or was interrupted.
package main

import (
	"os"

	"millrace/properties/power"
)

func main() { os.Exit(power.Main(os.Args[1:], os.Stdout, os.Stderr)) }
