package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	_ "embed"

	"golang.org/x/sys/unix"
)

// Which processors: one for the relay at work, the next for everybody else.
const (
	relayCPU = 0
	loadCPU  = 1
)

//go:embed testdata/floor.c
var floor []byte

// relay is one of those that are compared: a process of it for each way, where it knows that.
type relay struct {
	name  string
	procs [ways]proc
}

// does says that the relay knows a way.
func (r *relay) does(w way) bool { return r.procs[w].gone != nil }

// command is how a relay is started; nothing where it does not know the way.
type command struct {
	name string
	argv func(port int, w way) ([]string, error)
}

type proc struct {
	cmd  *exec.Cmd
	port int
	gone chan struct{} // closed when it has ended
}

// start builds all relays that there are on this machine, the one that is measured first, and
// starts them for the ways that are needed. dir is where they have their files; both are to be
// given back, also with an error.
func start(stderr io.Writer, path, before string, to int, needed [ways]bool) (rs []*relay, dir string, err error) {
	if dir, err = os.MkdirTemp("", "beside"); err != nil {
		return nil, dir, err
	}
	var pems [ways]string
	for w := range ways {
		if pems[w] = filepath.Join(dir, fmt.Sprintf("pem-%d", w)); w.tls() && needed[w] {
			if err := certify(pems[w], w); err != nil {
				return nil, dir, err
			}
		}
	}
	commands, err := known(stderr, path, before, dir, to, pems)
	if err != nil {
		return nil, dir, err
	}
	for _, c := range commands {
		r := &relay{name: c.name}
		rs = append(rs, r)
		for w := range ways {
			if !needed[w] {
				continue
			}
			port, err := freePort()
			if err != nil {
				return rs, dir, err
			}
			argv, err := c.argv(port, w)
			if err != nil {
				return rs, dir, err
			}
			if argv == nil {
				continue
			}
			if r.procs[w], err = launch(argv, port, filepath.Join(dir, fmt.Sprintf("said-%d", port))); err != nil {
				return rs, dir, fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return rs, dir, nil
}

// known are the relays that there are, built if need be.
func known(stderr io.Writer, path, before, dir string, to int, pems [ways]string) (commands []command, err error) {
	if path == "" {
		path = filepath.Join(dir, "relay")
		if err := build(exec.Command("go", "build", "-o", path, "millrace/real/cmd/relay")); err != nil {
			return nil, err
		}
	}
	commands = append(commands, ours("millrace", path, to, pems))
	if before != "" {
		commands = append(commands, ours("before", before, to, pems))
	}
	if haproxy, err := exec.LookPath("haproxy"); err != nil {
		fmt.Fprintln(stderr, "beside: without HAProxy, which is not installed")
	} else {
		commands = append(commands, command{"haproxy", func(port int, w way) ([]string, error) {
			file := filepath.Join(dir, fmt.Sprintf("haproxy-%d.cfg", port))
			argv := []string{haproxy, "-db", "-f", file}
			if w != logged {
				argv = append(argv, "-q") // which takes standard output away
			}
			return argv, os.WriteFile(file, haproxyConfig(port, to, w, pems[w]), 0o600)
		}})
	}
	if cc, err := exec.LookPath("cc"); err != nil {
		fmt.Fprintln(stderr, "beside: without the floor: there is no cc to build it")
	} else {
		source, out := filepath.Join(dir, "floor.c"), filepath.Join(dir, "floor")
		if err := os.WriteFile(source, floor, 0o600); err != nil {
			return nil, err
		}
		if err := build(exec.Command(cc, "-O2", "-o", out, source)); err != nil {
			return nil, err
		}
		commands = append(commands, command{"floor", func(port int, w way) ([]string, error) {
			if does := map[way]string{spliced: "splice", copied: "copy"}[w]; does != "" {
				return []string{out, strconv.Itoa(port), strconv.Itoa(to), does}, nil
			}
			return nil, nil
		}})
	}
	return commands, nil
}

// ours is the relay that a file is.
func ours(name, path string, to int, pems [ways]string) command {
	return command{name, func(port int, w way) ([]string, error) {
		argv := []string{path, "-listen", at(port), "-to", at(to), fmt.Sprintf("-log=%t", w == logged)}
		switch {
		case w == copied || w == logged:
			argv = append(argv, "-splice", "off")
		case w.tls():
			argv = append(argv, "-tls-cert", pems[w], "-tls-key", pems[w])
		}
		return argv, nil
	}}
}

func at(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// haproxyConfig is one thread, as all relays here have, and what makes it fast at each way.
func haproxyConfig(port, to int, w way, pem string) []byte {
	global, option, bind := "", "", at(port)
	switch {
	case w == logged:
		global, option = "  log stdout format raw local0\n", "  log global\n  option tcplog\n"
	case w == spliced:
		option = "  option splice-request\n  option splice-response\n"
	case w.tls():
		global, bind = "  tune.bufsize 131072\n", bind+" ssl crt "+pem
	}
	return fmt.Appendf(nil, `global
  nbthread 1
  maxconn 4096
%sdefaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
%slisten all
  bind %s
  server s %s
`, global, option, bind, at(to))
}

func build(cmd *exec.Cmd) error {
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, text)
	}
	return nil
}

// freePort returns a port that nobody listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// launch starts a relay on its processor and waits until it accepts. What it says, its log too,
// goes to a file.
func launch(argv []string, port int, file string) (proc, error) {
	p := proc{exec.Command(argv[0], argv[1:]...), port, make(chan struct{})}
	out, err := os.Create(file)
	if err != nil {
		return proc{}, err
	}
	defer out.Close() // the relay has its own
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := on(relayCPU, p.cmd.Start); err != nil {
		return proc{}, err
	}
	said := func() string {
		text, err := os.ReadFile(file)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	go func() {
		_ = p.cmd.Wait() // of how it ended it is told by what it said
		close(p.gone)
	}()
	for range 500 {
		select {
		case <-p.gone:
			return proc{}, fmt.Errorf("it is gone at once: %s", said())
		default:
		}
		c, err := net.Dial("tcp4", at(port))
		if err == nil {
			return p, c.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.stop()
	return proc{}, fmt.Errorf("it accepts nobody: %s", said())
}

func (p proc) stop() {
	if p.gone != nil {
		_ = p.cmd.Process.Kill() // perhaps it is gone
		<-p.gone
	}
}

func (r *relay) stop() {
	for _, p := range r.procs {
		p.stop()
	}
}

// on has what is started meanwhile run on one processor: a process has that of the thread
// that starts it.
func on(cpu int, start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, now unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("sched_getaffinity: %w", err)
	}
	now.Set(cpu)
	if err := unix.SchedSetaffinity(0, &now); err != nil {
		return fmt.Errorf("processor %d: %w: two are needed", cpu, err)
	}
	return errors.Join(start(), unix.SchedSetaffinity(0, &before))
}

// keepTo has all threads of this process run on one processor, and those that they will make.
func keepTo(cpu int) error {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	var set unix.CPUSet
	set.Set(cpu)
	for _, t := range tasks {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, &set); err != nil && err != unix.ESRCH {
			return fmt.Errorf("processor %d: %w: two are needed", cpu, err)
		}
	}
	return nil
}
