package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"
)

// build returns what this program was built from, as the Go toolchain noted it.
func build() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// version is what -version prints.
func version() string {
	return fmt.Sprintf("relay %s %s %s/%s", build(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// writeBuild writes the metrics of the process, under the names that they usually
// have.
func writeBuild(w io.Writer, began time.Time) error {
	_, err := fmt.Fprintf(w, `# HELP relay_build_info What is running.
# TYPE relay_build_info gauge
relay_build_info{version=%q,goversion=%q} 1
# HELP process_start_time_seconds When it was started, in seconds since 1970.
# TYPE process_start_time_seconds gauge
process_start_time_seconds %.3f
`, build(), runtime.Version(), float64(began.UnixMilli())/1000)
	return err
}
