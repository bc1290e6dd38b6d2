package core

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestTurn plays the scenes under testdata/turn. The name of each is a claim;
// what its lines led to stands indented beneath them, and is the same under
// both kinds of poller.
func TestTurn(t *testing.T) {
	files, err := filepath.Glob("testdata/turn/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			bothModes(t, func(t *testing.T, edge bool) {
				s := newScene(t, edge)
				var out strings.Builder
				for line := range strings.Lines(string(text)) {
					line = strings.TrimSuffix(line, "\n")
					if strings.HasPrefix(line, "\t") {
						continue
					}
					out.WriteString(line + "\n")
					if line != "" && line[0] != '#' {
						for heard := range strings.Lines(s.play(line)) {
							out.WriteString("\t" + heard)
						}
					}
				}
				golden(t, filepath.Join("turn", filepath.Base(file)), out.String())
				require.Empty(t, s.fd.script, "answers that nobody asked for")
				require.Empty(t, s.hooks, "callbacks that never came")
			})
		})
	}
}

func TestHandshakeBytesAreWholeAndInOrderHoweverTheyAreSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScene(t, rapid.Bool().Draw(t, "edge"))
		s.run("chain proxy-out=W9 tls=W4")
		s.run("kernel connect=EINPROGRESS")
		s.run("connect 7")
		for _, left := range []int{9, 4, 7} {
			for left > 0 {
				n := rapid.IntRange(0, left).Draw(t, "sent")
				answer := "send=" + strconv.Itoa(n)
				if n == 0 {
					answer = "send=EAGAIN"
				}
				s.run("kernel " + answer)
				left -= n
			}
		}
		for turns := 0; len(s.fd.script) > 0 && turns < 100; turns++ {
			s.play("report OUT")
		}
		require.Empty(t, s.fd.script)
		require.Equal(t, "ppppppppp"+"tttt"+"ddddddd", string(s.fd.wire))
		require.Equal(t, 1, s.news)
	})
}

// shakeFunc is a handshake in one function.
type shakeFunc func(c *Conn) bool

func (f shakeFunc) Shake(c *Conn) bool { return f(c) }

func TestAConnectIsWaitedForAfterAHandshakeThatWaitedToRead(t *testing.T) {
	s := newScene(t, true)
	turns := 0
	s.chain = &Chain{2: shakeFunc(func(c *Conn) bool {
		if turns++; turns == 1 {
			c.SockPoll(R)
		}
		return turns > 1
	})}
	s.run("kernel connect=EINPROGRESS")
	s.run("connect")
	s.run("report OUT")
	require.Equal(t, "WAIT_L4|WAIT_L6|TLS; data -, sock R, curr R; ready W", s.books())
	s.run("kernel connect=EALREADY")
	s.run("report IN")
	require.Equal(t, "WAIT_L4; data -, sock W, curr W; ready R", s.books())
}

func TestMisuseOfAConnectionIsABreach(t *testing.T) {
	for _, c := range []struct {
		do   func(s *scene)
		want string
	}{
		{func(s *scene) { s.run("accept") }, "I43 conn: bound twice"},
		{func(s *scene) { s.conn.Rehandshake(ConnTLS, R); s.run("step") }, "I22 conn: a handshake that nobody has"},
		{func(s *scene) { s.conn.Rehandshake(ConnError, R) }, "I22 conn: no such handshake"},
	} {
		s := newScene(t, false)
		s.run("accept")
		require.PanicsWithError(t, c.want, func() { c.do(s) })
	}
}
