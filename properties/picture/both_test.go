package picture_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties/picture"
)

// cut fails with its short read, and not without.
const cut = "world steps=18\nsession 0 client=send:30,shutw,eof,close\nchoose f0 short-read 0 = 7\n"

func both(t *testing.T) *picture.Picture {
	p, err := picture.Both(parse(t, cut), "cut.trace")
	require.NoError(t, err)
	return p
}

func TestTwoRunsStandSideBySideFromWhereTheyPart(t *testing.T) {
	golden(t, "both.txt", printed(t, both(t), picture.Text))
	golden(t, "both.svg", printed(t, both(t), picture.SVG))
}

func TestEachOfTwoRunsIsThereInFull(t *testing.T) {
	p := both(t)
	for in, alone := range map[picture.In]string{
		picture.InFirst: cut,
		picture.InOther: "world steps=18\nsession 0 client=send:30,shutw,eof,close\n",
	} {
		var want, got []string
		run := picture.Simulated(parse(t, alone), "x")
		for _, e := range run.Events {
			want = append(want, e.Text)
		}
		for _, e := range p.Events {
			if e.In == in || e.In == picture.InBoth {
				got = append(got, e.Text)
			}
			if e.In == in && e.State >= 0 {
				at := len(got) - 1
				require.Equal(t, run.State(run.Events[at]), p.State(e), "the state at %s", e.Text)
			}
		}
		require.Equal(t, want, got)
	}
}

func TestOfTwoRunsThereHaveToBeTwo(t *testing.T) {
	_, err := picture.Both(parse(t, "world\nsession 0 client=send:30,shutw,eof,close\n"), "x.trace")
	require.EqualError(t, err, "x.trace: passes, there is no failure to look beside")
	_, err = picture.Both(parse(t, failing), "x.trace")
	require.EqualError(t, err, "x.trace: fails without any one of its decisions too: shrink it first")
}

func TestThePageShowsTwoRuns(t *testing.T) {
	dom := browser(t, both(t), "", "")
	require.Contains(t, dom, `<div id="said">I09 world: no end after 18 steps</div>`, "it opens where the rule broke")
	require.Contains(t, dom, ">without f0 short-read 0: it passes</text>")
	require.Contains(t, dom, ">f0 recv 2048 = 30</text>", "what only the other run does")
}
