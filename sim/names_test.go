package sim

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestActorsPrintAndParseBack(t *testing.T) {
	kinds := []Actor{Worker, PollerOf, Listener, Front, Back, Client, Server, Origin}
	require.Len(t, kinds, len(actorKinds))
	var names []string
	for _, k := range kinds {
		for _, n := range []Actor{0, 1, 12, actorNumber} {
			a := k | n
			require.Equal(t, k, a.Kind())
			require.Equal(t, int(n), a.Num())
			of, own := a.Owner()
			require.Equal(t, a, a.Of(of))
			require.Equal(t, strings.ContainsAny(a.String()[:1], "wpl"), own)
			back, ok := ParseActor(a.String())
			require.True(t, ok, a.String())
			require.Equal(t, a, back)
		}
		names = append(names, (k | 3).String())
	}
	require.Equal(t, "w3 p3 l3 f3 b3 c3 s3 o3", strings.Join(names, " "))
	require.Equal(t, "w3@1 p3@2 l3@15 f3", strings.Join([]string{(Worker | 3).Of(1).String(), (PollerOf | 3).Of(2).String(), (Listener | 3).Of(15).String(), (Front | 3).Of(1).String()}, " "))
	for _, s := range []string{"", "f", "3", "x1", "w0@0", "w0@", "f0@1", "w0@16", "w@1", "w0@01", "w1048576", "f-1", "f01", "f+1", "f1 ", "F1", "f16777216", "ff"} {
		_, ok := ParseActor(s)
		require.False(t, ok, "%q", s)
	}
}

func TestEveryOpHasANameOfItsOwn(t *testing.T) {
	for op := range NumOps {
		require.NotEmpty(t, op.String(), "op %d", op)
		require.Equal(t, op.String(), strings.ToLower(op.String()))
		back, ok := ParseOp(op.String())
		require.True(t, ok)
		require.Equal(t, op, back, "two ops are called %v", op)
	}
	_, ok := ParseOp("")
	require.False(t, ok)
	_, ok = ParseOp("Rank")
	require.False(t, ok)
}

func TestValuesOfAnOpPrintAndParseBack(t *testing.T) {
	named := map[Op]int{OpSocket: 4, OpConnect: NumConnect - 1, OpServerLife: NumLife - 1, OpAccept: 9, OpSplit: 3, OpClose: 2, OpPipe: 3, OpSplice: NumSplice - 1, OpRecvFail: 2, OpSendFail: 2, OpRenew: NumRenew - 1, OpPartition: 4, OpHole: 5}
	for op := range NumOps {
		for v := 1; v <= named[op]; v++ {
			name := op.ValueName(v)
			require.NotEmpty(t, name, "%v %d", op, v)
			_, err := strconv.Atoi(name)
			require.Error(t, err, "a name that looks like a number")
			back, ok := op.ParseValue(name)
			require.True(t, ok)
			require.Equal(t, v, back)
		}
		require.Empty(t, op.ValueName(0))
		require.Empty(t, op.ValueName(-1))
		require.Empty(t, op.ValueName(named[op]+1))
		_, ok := op.ParseValue("no such value")
		require.False(t, ok)
	}
}

func TestAVictimIsPrintedByName(t *testing.T) {
	for op := range NumOps {
		if op.Victim() {
			require.Equal(t, "b17", op.ValueName(int(Back|17)))
			v, ok := op.ParseValue("b17")
			require.True(t, ok)
			require.EqualValues(t, Back|17, v)
			_, ok = op.ParseValue("17")
			require.False(t, ok)
		}
	}
}

func TestValuesOfConnectAreInTheOrderOfTheirNames(t *testing.T) {
	for name, v := range map[string]int{
		"at-once": ConnectAtOnce, "refused": ConnectRefused, "late": ConnectLate, "never": ConnectNever,
		"no-route": ConnectNoRoute, "unreachable": ConnectUnreachable,
		"timed-out": ConnectTimedOut, "EAGAIN": ConnectAgain,
	} {
		require.Equal(t, name, OpConnect.ValueName(v))
	}
}
