package simfd_test

import (
	"testing"

	"millrace/core/kerneltest"
	"millrace/simfd/simulated"
)

// TestAnswersAsLinuxDoes runs the scripts that were recorded on Linux.
func TestAnswersAsLinuxDoes(t *testing.T) {
	kerneltest.Check(t, 1, "", func(int) kerneltest.Machine { return simulated.New() })
}
