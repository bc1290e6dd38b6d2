package proxy

import (
	"testing"

	"millrace/properties"
)

// FuzzWorld has Go's fuzzer decide what goes wrong in worlds of the proxy:
//
//	go test ./properties/proxy -run '^$' -fuzz FuzzWorld -fuzztime 10m
func FuzzWorld(f *testing.F) { properties.Fuzz(f, Program) }
