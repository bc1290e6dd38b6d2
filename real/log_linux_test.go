package real

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// stuck is a log's destination that nobody reads, until it is let go.
type stuck struct {
	sink
	gate chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.gate
	return s.sink.Write(p)
}

func (s *sink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (j *journal) say(msg string) {
	if b := j.begin("INFO", msg); b != nil {
		j.end(b)
	}
}

func TestALogThatNobodyReadsLosesCountedLinesAndNothingElse(t *testing.T) {
	out := &stuck{gate: make(chan struct{})}
	log := NewLog(out, 1)
	j := newJournal(log, 7)
	const lines = 50_000
	for range lines {
		j.say("line")
	}
	lost := j.lostLines()
	require.NotZero(t, lost)
	require.Less(t, lost, uint64(lines))
	close(out.gate)
	j.flush()
	told := fmt.Sprintf(`level=WARN msg="log lines lost" worker=7 lines=%d`, lost)
	require.Eventually(t, func() bool { return strings.Contains(out.String(), told) }, patience, time.Millisecond,
		"it is told without another line")
	j.say("line")
	require.True(t, log.Close(patience))
	require.Equal(t, 1, strings.Count(out.String(), "lost"))
	require.Equal(t, lines+1-int(lost), strings.Count(out.String(), "msg=line\n"))
}

func TestWhoSpeaksDoesNotWaitForTheReader(t *testing.T) {
	out := &stuck{gate: make(chan struct{})}
	log := NewLog(out, 1)
	say := log.Logger()
	const lines = 5000
	for i := range lines {
		say.Info("a word", "n", i)
	}
	require.NotZero(t, log.Lost())
	require.False(t, log.Close(10*time.Millisecond))
	close(out.gate)
	<-log.done
	require.Equal(t, lines-int(log.Lost()), strings.Count(out.String(), `msg="a word"`))
	told := uint64(0)
	for _, m := range regexp.MustCompile(`msg="log lines lost" lines=(\d+)\n`).FindAllStringSubmatch(out.String(), -1) {
		n, err := strconv.ParseUint(m[1], 10, 64)
		require.NoError(t, err)
		told += n
	}
	require.Equal(t, log.Lost(), told)
}

// fragile takes nothing while it is broken.
type fragile struct {
	sink
	broken bool
}

func (f *fragile) Write(p []byte) (int, error) {
	f.mu.Lock()
	broken := f.broken
	f.mu.Unlock()
	if broken {
		n, err := f.sink.Write(p[:min(3, len(p))])
		return n, fmt.Errorf("no space left, but for %d bytes: %w", n, err)
	}
	return f.sink.Write(p)
}

func TestLinesThatCannotBeWrittenAreCountedAndTheNextIsWhole(t *testing.T) {
	out := &fragile{broken: true}
	log := NewLog(out, 1)
	j := newJournal(log, 0)
	for n := uint64(1); n <= 3; n++ {
		j.say("line")
		j.flush()
		require.Eventually(t, func() bool { return j.lostLines() == n }, patience, time.Millisecond)
	}
	out.mu.Lock()
	out.broken = false
	out.mu.Unlock()
	j.say("whole")
	require.True(t, log.Close(patience))
	require.Contains(t, out.String(), " lines=3\n")
	require.Regexp(t, `(?m)^time=\S+ level=INFO msg=whole$`, out.String())
}

// times are when lines were said, as they say it themselves.
func times(t *testing.T, text string) (list []time.Time) {
	for _, m := range regexp.MustCompile(`(?m)^time=(\S+)`).FindAllStringSubmatch(text, -1) {
		at, err := time.Parse("2006-01-02T15:04:05.000Z", m[1])
		require.NoError(t, err)
		list = append(list, at)
	}
	return list
}

func TestLinesOfAllWorkersAreInTimeOrder(t *testing.T) {
	var out sink
	const workers, lines = 3, 400
	log := NewLog(&out, workers)
	var all sync.WaitGroup
	for w := range workers {
		j := newJournal(log, w)
		all.Go(func() {
			for i := range lines {
				j.say("line")
				if i%7 == 0 {
					time.Sleep(time.Millisecond)
				}
				if i%31 == w { // each at other moments, as its traffic has it
					j.flush()
				}
			}
		})
	}
	say := log.Logger()
	for range lines / 4 {
		say.Info("a word")
		time.Sleep(time.Millisecond)
	}
	all.Wait()
	require.True(t, log.Close(patience))
	list := times(t, out.String())
	require.Len(t, list, workers*lines+lines/4)
	for i := range list[1:] {
		require.False(t, list[i+1].Before(list[i]), "line %d", i+2)
	}
}

func TestALineThatIsNeverFinishedDoesNotHoldTheOthersBack(t *testing.T) {
	var out sink
	log := NewLog(&out, 2)
	hung, well := newJournal(log, 0), newJournal(log, 1)
	hung.begin("INFO", "unfinished")
	well.say("line")
	well.flush()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "msg=line\n") }, patience, time.Millisecond)
	require.True(t, log.Close(patience))
	require.NotContains(t, out.String(), "unfinished")
}

func TestLinesOfEveryLengthPassTheEndOfTheRing(t *testing.T) {
	log := &Log{w: io.Discard, base: time.Now()}
	var q queue
	q.init(256, 64, log.base, "")
	for i := range 1000 {
		b, _ := q.begin()
		require.NotNil(t, b)
		want := strings.Repeat("x", i%63) + "\n"
		q.end(append(b, want...))
		got, _ := q.first()
		require.Equal(t, want, string(got))
		q.take(len(got))
	}
	b, _ := q.begin()
	q.end(append(b, strings.Repeat("y", 100)...))
	got, _ := q.first()
	require.Equal(t, strings.Repeat("y", 63)+"\n", string(got), "cut")
	q.take(len(got))
	for q.lost.Load() == 0 {
		if b, _ := q.begin(); b != nil {
			q.end(append(b, "0123456789012345678901234567890123456789\n"...))
		}
	}
	n := 0
	for got, _ := q.first(); got != nil; got, _ = q.first() {
		require.Equal(t, "0123456789012345678901234567890123456789\n", string(got))
		q.take(len(got))
		n++
	}
	require.Greater(t, n, 2)
}
