package kerneltest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/simfd/simulated"
)

// odd is a simulated kernel whose sockets are not quite as they should be.
type odd struct {
	*simulated.Machine
	fd func(kerneltest.FD) kerneltest.FD
}

func (o odd) Socket(n int, to kerneltest.Target) (kerneltest.FD, core.Errno) {
	fd, e := o.Machine.Socket(n, to)
	return o.fd(fd), e
}

// liar answers one call wrongly: reading the FIN.
func liar(lie bool) kerneltest.Machine {
	return odd{simulated.New(), func(fd kerneltest.FD) kerneltest.FD { return lyingFD{fd, lie} }}
}

type lyingFD struct {
	kerneltest.FD
	lie bool
}

func (l lyingFD) Recv(p []byte) (int, core.Errno) {
	n, e := l.FD.Recv(p)
	if n == 0 && e == 0 && l.lie {
		return 0, core.EAGAIN
	}
	return n, e
}

func honest() kerneltest.Machine { return simulated.New() }

// readsFin is a script in which the liar is caught, with more around it.
const readsFin = "us socket\nus connect\nus poll\npeer send 5\nus recv 5\npeer shutw\nlevel\nus recv 5\nus send 1\nus close\n"

func script(t *testing.T, text string) *kerneltest.Script {
	s, err := kerneltest.Parse("test", text)
	require.NoError(t, err)
	return s
}

func TestADifferenceIsShrunkAndExplained(t *testing.T) {
	trial := kerneltest.Trial{
		Right: func(int) kerneltest.Machine { return honest() },
		Under: func() kerneltest.Machine { return liar(true) },
		Tries: 2,
	}
	r, err := trial.Run(script(t, readsFin))
	require.NoError(t, err)
	require.Equal(t, kerneltest.Differs, r.Verdict)
	require.Equal(t, "us recv: Linux 0, simulated EAGAIN", r.Key())
	least, err := trial.Shrink(r.Under, func() bool { return false })
	require.NoError(t, err)
	require.Equal(t, ""+
		"       us socket                = OK\n"+
		"       us connect               = EINPROGRESS\n"+
		"       peer shutw               = OK\n"+
		"linux: us recv 5                = 0\n"+
		"  sim: us recv 5                = EAGAIN\n", least.Diff)

	dir := filepath.Join(t.TempDir(), "new")
	path, err := least.Add(dir)
	require.NoError(t, err)
	again, err := least.Add(dir)
	require.NoError(t, err)
	require.Equal(t, path, again, "the same difference twice")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	checked, err := trial.Check(script(t, string(text)))
	require.NoError(t, err)
	require.Equal(t, kerneltest.Differs, checked.Verdict)
	require.Contains(t, checked.Diff, "     sim: us recv 5                = EAGAIN\n", "what was added does not show it")

	hurried, err := trial.Shrink(r.Under, func() bool { return true })
	require.NoError(t, err)
	require.Equal(t, r.Diff, hurried.Diff, "shrunk in a hurry")
}

// TestAKernelThatIsLateIsGivenTime: it is wrong at the first look, and right at the
// second.
func TestAKernelThatIsLateIsGivenTime(t *testing.T) {
	trial := kerneltest.Trial{
		Right: func(try int) kerneltest.Machine { return liar(try == 0) },
		Under: honest, Tries: 2,
	}
	r, err := trial.Run(script(t, readsFin))
	require.NoError(t, err)
	require.Equal(t, kerneltest.Late, r.Verdict)
	checked, err := trial.Check(r.Under)
	require.NoError(t, err)
	require.Equal(t, kerneltest.Late, checked.Verdict)
	require.Empty(t, checked.Diff)
}

// TestAKernelThatDoesNotRepeatItselfIsSaidTo: it lies every other time, and never
// says what the kernel on trial does.
func TestAKernelThatDoesNotRepeatItselfIsSaidTo(t *testing.T) {
	runs := 0
	trial := kerneltest.Trial{
		Right: func(int) kerneltest.Machine {
			runs++
			return liar(runs%2 == 0)
		},
		Under: func() kerneltest.Machine { return mute() },
		Tries: 1,
	}
	r, err := trial.Run(script(t, readsFin))
	require.NoError(t, err)
	require.Equal(t, kerneltest.Unsteady, r.Verdict)
	require.Contains(t, r.Diff, "at first line 8: 0, and then line 8: EAGAIN\n")
	_, differs, err := trial.Record(script(t, readsFin))
	require.NoError(t, err)
	require.Contains(t, differs, "again: us recv 5                = ")
}

// mute has no FIN at all.
func mute() kerneltest.Machine {
	return odd{simulated.New(), func(fd kerneltest.FD) kerneltest.FD { return muteFD{fd} }}
}

type muteFD struct{ kerneltest.FD }

func (m muteFD) Recv(p []byte) (int, core.Errno) {
	n, e := m.FD.Recv(p)
	if n == 0 && e == 0 {
		e = core.EPIPE
	}
	return n, e
}

func TestASetThatWasWrittenByHandStays(t *testing.T) {
	trial := kerneltest.Trial{Right: func(int) kerneltest.Machine { return honest() }, Under: honest, Tries: 1}
	s := script(t, "us socket\nus connect\nus send 5 = 1..5 or EAGAIN\npeer recv 9 = 1..4\n")
	recorded, differs, err := trial.Record(s)
	require.NoError(t, err)
	require.Empty(t, differs)
	require.Equal(t, ""+
		"us socket                = OK\n"+
		"us connect               = EINPROGRESS\n"+
		"us send 5                = 1..5 or EAGAIN\n"+
		"peer recv 9              = 5\n", recorded.String())
}

// TestACorpusIsWhatIsNewAndNoMore: nothing it has is shown by anything else, and a
// second one adds nothing.
func TestACorpusIsWhatIsNewAndNoMore(t *testing.T) {
	var known kerneltest.Coverage
	hand, err := kerneltest.Recorded()
	require.NoError(t, err)
	corpus, err := kerneltest.Corpus(&known, 40, [][]*kerneltest.Script{hand}, honest)
	require.NoError(t, err)
	require.NotEmpty(t, corpus)
	for i, s := range corpus {
		var before, after kerneltest.Coverage
		for _, other := range corpus[:i] {
			require.NoError(t, before.Cover(other, honest()))
		}
		require.NoError(t, after.Cover(s, honest()))
		fresh := 0
		for _, g := range kerneltest.Groups() {
			fresh += after.Besides(&before, g)
		}
		require.Positive(t, fresh, "%s shows nothing new:\n%s", s.Name, s)
	}
	drawn := 0
	for seed := range uint64(20) {
		drawn += kerneltest.Draw(seed).Len()
	}
	kept := 0
	for _, s := range corpus {
		kept += s.Len()
	}
	require.Less(t, kept, drawn/2, "nothing was taken away")
}

// TestTheListOfGroupsIsTrue keeps the numbers in the package comment.
func TestTheListOfGroupsIsTrue(t *testing.T) {
	all, err := kerneltest.AllRecorded()
	require.NoError(t, err)
	var c kerneltest.Coverage
	for _, s := range all {
		require.NoError(t, c.Cover(s, honest()))
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	require.Contains(t, string(doc), c.Table("//\t"), "the package comment has other numbers")
}

// glass breaks down when a FIN is read.
func glass() kerneltest.Machine {
	return odd{simulated.New(), func(fd kerneltest.FD) kerneltest.FD { return glassFD{fd} }}
}

type glassFD struct{ kerneltest.FD }

func (g glassFD) Recv(p []byte) (int, core.Errno) {
	n, e := g.FD.Recv(p)
	if n == 0 && e == 0 {
		_ = p[len(p)]
	}
	return n, e
}

func TestAKernelThatBreaksDownIsADifferenceToo(t *testing.T) {
	trial := kerneltest.Trial{
		Right: func(int) kerneltest.Machine { return honest() },
		Under: func() kerneltest.Machine { return glass() },
		Tries: 2,
	}
	r, err := trial.Run(script(t, readsFin))
	require.NoError(t, err)
	require.Equal(t, "us recv: Linux 0, simulated panic kerneltest_test.glassFD.Recv: "+
		"runtime error: index out of range [5] with length 5", r.Key())
	trial.Right = func(int) kerneltest.Machine { return glass() }
	_, err = trial.Run(script(t, readsFin))
	require.ErrorContains(t, err, "= panic kerneltest_test.glassFD.Recv", "that is nobody's answer")
}
