package command

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/properties/proxy"
)

// asSoak has the tests' own program be soak, so that it can be killed.
const asSoak = "MILLRACE_TEST_SOAK"

// rude is an echo server that hangs up.
var rude = func() *properties.Program {
	p := *programs.Echo
	p.Name, p.Main, p.Traces = "rude", hangsUp, nil
	return properties.Register(&p)
}()

func hangsUp(h core.Host) {
	poll, door := h.Poller(), h.Listener()
	poll.Set(core.Key(door.Num()), 0, core.EvIn)
	for ready := make([]core.Ready, 1); ; {
		if _, _, e := poll.Wait(ready, 0); e == core.ECANCELED {
			door.Close()
			return
		}
		if fd, _, e := door.Accept(); e == 0 {
			fd.Close(true)
		}
	}
}

// soak is a call of it in this process.
func soak(t *testing.T, p *properties.Program, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = Soak(p, args, &o, &e)
	return code, o.String(), e.String()
}

// says returns the lines of a report that do not depend on how long it took, nor on how the
// worlds were shared out.
func says(t *testing.T, report string) string {
	from := strings.Index(report, "worlds  ")
	require.GreaterOrEqual(t, from, 0, "%s", report)
	return regexp.MustCompile(` \([0-9]+/s.*\)|, [0-9]+ times .* time`).ReplaceAllString(report[from:], "")
}

// TestAShardThatIsKilledAndStartedAgainLosesNothing: killed as a machine is that goes away,
// and what is merged is what one hunt in one process says.
func TestAShardThatIsKilledAndStartedAgainLosesNothing(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-seed", "5", "-seeds", "2000", "-procs", "2", "-o", dir}
	code, _, errs := soak(t, proxy.Program, append(args, "-shard", "2/2")...)
	require.Equal(t, nothing, code, "%s", errs)
	killed(t, append(args, "-shard", "1/2"), filepath.Join(dir, "*", "1-of-2", "01.range"))
	code, out, _ := soak(t, proxy.Program, "merge", dir)
	require.Equal(t, brokenDown, code, "%s", out)
	require.Regexp(t, `shards            1 of 2 finished\nmissing           shard 1 has not finished 1 of 2 ranges: seeds [0-9]+ to 1004\n`, out)
	code, _, errs = soak(t, proxy.Program, append(args, "-shard", "1/2")...)
	require.Equal(t, nothing, code, "%s", errs)
	_, plain, _ := soak(t, proxy.Program, "-seed", "5", "-seeds", "2000", "-o", t.TempDir())
	code, merged, errs := soak(t, proxy.Program, "merge", dir)
	require.Equal(t, nothing, code, "%s%s", merged, errs)
	require.Equal(t, says(t, plain), says(t, merged))
	require.Contains(t, merged, "shards            2 of 2 finished\nseeds             2000 of 2000, from 5 to 2004\nCPU ")
}

// killed starts soak in a process of its own, and kills it in the middle of
// the range behind the one that leaves a file.
func killed(t *testing.T, args []string, file string) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asSoak+"=1")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		found, err := filepath.Glob(file)
		return err == nil && len(found) > 0
	}, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "signal: killed")
}

// TestTwoThatAreTheSameShardCountOnce: an engine may take one for dead that is not.
func TestTwoThatAreTheSameShardCountOnce(t *testing.T) {
	dir := t.TempDir()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			var out, errs bytes.Buffer
			if code := Soak(rude, []string{"-seed", "1", "-seeds", "500", "-procs", "1", "-o", dir, "-shard", "1/1"}, &out, &errs); code != nothing {
				t.Errorf("%d: %s", code, &errs)
			}
		})
	}
	both.Wait()
	_, plain, _ := soak(t, rude, "-seed", "1", "-seeds", "500", "-procs", "1", "-o", t.TempDir())
	code, merged, _ := soak(t, rude, "merge", dir)
	require.Equal(t, found, code)
	require.NotContains(t, merged, "not counted")
	require.NotContains(t, merged, "not the same run")
	counters, _, _ := strings.Cut(says(t, merged), "failures  ")
	require.Contains(t, says(t, plain), counters)
}

// TestTheFailuresOfShardsAreOneList, as they are of one hunt, and the shards themselves have
// done what they were asked for.
func TestTheFailuresOfShardsAreOneList(t *testing.T) {
	dir := t.TempDir()
	for n := range 3 {
		code, out, errs := soak(t, rude, "-seed", "1", "-seeds", "30", "-o", dir, "-shard", fmt.Sprintf("%d/3", n+1))
		require.Equal(t, nothing, code, "%s", errs)
		require.Contains(t, out, fmt.Sprintf("shard %d/3 is finished: seeds %d to %d, ", n+1, 10*n+1, 10*n+10))
	}
	code, plain, _ := soak(t, rude, "-seed", "1", "-seeds", "30", "-o", t.TempDir())
	require.Equal(t, found, code)
	code, merged, _ := soak(t, rude, "merge", dir)
	require.Equal(t, found, code)
	times := regexp.MustCompile(`(?m)^ *([0-9]+ times: [^:]+)`)
	require.NotEmpty(t, times.FindAllString(plain, -1))
	require.ElementsMatch(t, trimmed(times.FindAllString(plain, -1)), trimmed(times.FindAllString(merged, -1)))
	hash := regexp.MustCompile(`hash of all +[0-9a-f]+`)
	require.Equal(t, hash.FindString(plain), hash.FindString(merged))

	again, out, _ := soak(t, rude, "-seed", "1", "-seeds", "30", "-o", dir, "-shard", "2/3")
	require.Equal(t, nothing, again)
	require.Regexp(t, `[1-9][0-9]* kinds of failures`, out)
	_, after, _ := soak(t, rude, "merge", dir)
	require.Equal(t, merged, after, "what is finished is not run again")
}

func trimmed(list []string) (out []string) {
	for _, s := range list {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

func TestOtherSettingsAreToldApart(t *testing.T) {
	dir := t.TempDir()
	for _, again := range []string{"100", "0"} {
		code, _, errs := soak(t, rude, "-seed", "1", "-seeds", "4", "-again", again, "-o", dir, "-shard", "1/1")
		require.Equal(t, nothing, code, "%s", errs)
	}
	code, out, _ := soak(t, rude, "merge", dir)
	require.Equal(t, found, code)
	require.Contains(t, out, "campaigns         2, of other builds or settings: they are not added up\n")
	require.Contains(t, out, "settings          rude -seed 1 -seeds 4 -strategy seeds -again 0, in 1 shards\n")
	require.Contains(t, out, "settings          rude -seed 1 -seeds 4 -strategy seeds -again 100, in 1 shards\n")
	require.Contains(t, out, " times in campaign 1, 2: I")
}

func TestATornRangeIsSaidAndRunAgain(t *testing.T) {
	dir := t.TempDir()
	args := []string{"-seed", "1", "-seeds", "40", "-o", dir, "-shard", "1/1"}
	code, _, errs := soak(t, programs.Echo, args...)
	require.Equal(t, nothing, code, "%s", errs)
	_, whole, _ := soak(t, programs.Echo, "merge", dir)
	files, err := filepath.Glob(filepath.Join(dir, "*", "1-of-1", "01.range"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.Truncate(files[0], 500))
	code, out, _ := soak(t, programs.Echo, "merge", dir)
	require.Equal(t, brokenDown, code)
	require.Contains(t, out, "missing           shard 1 has not finished 1 of 1 ranges: seeds 1 to 40\n")
	require.Contains(t, out, "not counted       read "+files[0]+": torn: it is not what was written\n")
	code, _, errs = soak(t, programs.Echo, args...)
	require.Equal(t, nothing, code)
	require.Contains(t, errs, "soak: shard 1/1: range 1 is run again: read "+files[0]+": torn")
	_, mended, _ := soak(t, programs.Echo, "merge", dir)
	require.Equal(t, says(t, whole), says(t, mended))
}

func TestABadCallOfAShardIsOneClearLine(t *testing.T) {
	dir := t.TempDir()
	for _, c := range [][2]string{
		{"-shard 1/2 -seed 1", "soak: shard 1/2: expected -seeds too: without, nobody knows which are whose"},
		{"-shard 1/2 -seeds 9", "soak: shard 1/2: expected -seed too, a number or commit: each shard would draw another one"},
		{"-shard 1/20 -seed 1 -seeds 9", "soak: shard 1/20: expected -seeds of at least 20"},
		{"-shard 1/2 -seed 1 -seeds 9 -first", "soak: shard 1/2: expected neither -first nor -back: all seeds are tried, in their order"},
		{"-shard 3/2 -seed 1 -seeds 9", "soak: -shard 3/2: expected a shard from 1 to 2, found 3"},
		{"-shard 1/2 -against main", "soak: -shard: it does not go with -against"},
		{"merge", "soak: merge: expected the folders of shards"},
		{"merge " + dir, "soak: merge: no shard has left anything in " + dir},
		{"merge -fast " + dir, "soak: merge: flag provided but not defined: -fast"},
		{"merge /nowhere", "soak: merge: lstat /nowhere: no such file or directory"},
	} {
		code, out, errs := soak(t, proxy.Program, strings.Fields(c[0])...)
		require.Equal(t, wrongCall, code, "%s", c[0])
		require.Empty(t, out)
		require.Equal(t, c[1]+"\n", errs)
	}
	code, out, _ := soak(t, proxy.Program, "merge", "-h")
	require.Equal(t, nothing, code)
	require.Contains(t, out, "usage: soak merge DIR...")
}

func TestAnEngineMakesItAShard(t *testing.T) {
	t.Setenv("JOB_COMPLETION_INDEX", "1")
	code, _, errs := soak(t, programs.Echo, "-seed", "1", "-seeds", "9")
	require.Equal(t, wrongCall, code)
	require.Contains(t, errs, "soak: Kubernetes sets JOB_COMPLETION_INDEX, and not how many tasks there are: say it with -shard /N")
	code, out, errs := soak(t, programs.Echo, "-seed", "1", "-seeds", "9", "-shard", "/3", "-o", t.TempDir())
	require.Equal(t, nothing, code, "%s", errs)
	require.Equal(t, "shard 2/3 is finished: seeds 4 to 6, 0 kinds of failures\n", out)
}
