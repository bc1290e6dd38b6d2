// Command overlay prints the path of a file for go test -overlay, with which a goroutine that
// waits for a lock is at rest in a bubble of testing/synctest:
//
//	go test -overlay "$(go run millrace/simfd/simnet/cmd/overlay)" .
//
// It is for programs that make calls under a lock which others wait for, as HTTP/2 does: in a
// bubble as Go has it such a program never comes to rest while the call waits, and no time
// passes. Go leaves locks out since who holds one may be outside the bubble; here nobody is.
// All that is changed is a line of package runtime's, so all of the standard library is built
// anew, once.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	path, err := overlay()
	if err != nil {
		log.Fatalf("overlay: %v", err)
	}
	fmt.Println(path)
}

// overlay writes the changed file, and the one that says which it takes the place of.
func overlay() (path string, err error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	from := filepath.Join(strings.TrimSpace(string(root)), "src", "runtime", "runtime2.go")
	text, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	const table = "var isIdleInSynctest = [len(waitReasonStrings)]bool{\n"
	const locks = "\twaitReasonSyncMutexLock: true, waitReasonSyncRWMutexRLock: true, waitReasonSyncRWMutexLock: true,\n"
	if strings.Count(string(text), table) != 1 {
		return "", fmt.Errorf("%s is not as it was in Go 1.26", from)
	}
	dir := filepath.Join(cache, "millrace")
	to := filepath.Join(dir, "runtime2.go")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {from: to}})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	if err := os.WriteFile(to, []byte(strings.Replace(string(text), table, table+locks, 1)), 0o666); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, list, 0o666)
}
