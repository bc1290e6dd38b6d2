package loopback

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"millrace/core/kerneltest"
)

// Release is the version of the kernel that runs, without what its builder added.
func Release() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "unknown" // it cannot fail
	}
	version, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-")
	return version
}

// AsRecorded says whether this is the kernel that the answers were recorded on.
func AsRecorded() bool { return Release() == kerneltest.RecordedOn() }

// Elsewhere is empty on the kernel that the answers were recorded on. On any other
// one it says that a difference is no failure of ours.
func Elsewhere() string {
	if AsRecorded() {
		return ""
	}
	return Kernel()
}

// Kernel says which kernel a difference was seen on, and so what it may mean.
func Kernel() string {
	if AsRecorded() {
		return fmt.Sprintf("this is Linux %s, on which the answers were recorded", Release())
	}
	return fmt.Sprintf("this is Linux %s; the answers were recorded on Linux %s: a difference may be one between the two", Release(), kerneltest.RecordedOn())
}
