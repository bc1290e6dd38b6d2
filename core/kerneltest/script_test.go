package kerneltest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parse is for scripts that are right.
func parse(t *testing.T, text string) *Script {
	s, err := Parse("test", text)
	require.NoError(t, err)
	return s
}

func TestRecordedScriptsPrintAsTheyAreWritten(t *testing.T) {
	scripts, err := Recorded()
	require.NoError(t, err)
	for _, s := range scripts {
		text, err := files.ReadFile(Dir + "/" + s.Name + ".txt")
		require.NoError(t, err)
		require.Equal(t, string(text), s.String())
		require.True(t, strings.HasPrefix(s.String(), "# "), "%s does not say what it shows", s.Name)
		for _, l := range s.lines {
			require.True(t, l.step == nil || l.step.Answer != "", "%s: no answer was recorded to %s", s.Name, l)
		}
	}
}

// TestWhatSimulatorsGetWrongIsHeldByScripts keeps the list in the package comment true.
func TestWhatSimulatorsGetWrongIsHeldByScripts(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, list, _ := strings.Cut(string(doc), "// # What simulators get wrong\n")
	list, _, found := strings.Cut(list, "// # What is covered\n")
	require.True(t, found)
	rows := regexp.MustCompile(`(?m)^//\t(\S+)  `).FindAllStringSubmatch(list, -1)
	require.Greater(t, len(rows), 20)
	for _, row := range rows {
		_, err := files.ReadFile(Dir + "/" + row[1] + ".txt")
		require.NoError(t, err)
	}
}

func TestEveryVerbIsRecorded(t *testing.T) {
	scripts, err := Recorded()
	require.NoError(t, err)
	seen := [numVerbs]bool{}
	for _, s := range scripts {
		for _, l := range s.lines {
			if l.step != nil {
				seen[l.step.Verb] = true
			}
		}
	}
	for v, is := range seen {
		require.True(t, is, "no script has %s", verbs[v].name)
	}
}

func TestDrawnScriptsParseBackAndAreComparable(t *testing.T) {
	for seed := range uint64(500) {
		s := Draw(seed)
		require.Equal(t, s.String(), parse(t, s.String()).String())
		require.Equal(t, s.String(), Draw(seed).String(), "the same seed, another script")
		require.True(t, s.Comparable())
	}
}

func TestStepsPrintInOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"us   recv  5  =  EAGAIN ":   "us recv 5                = EAGAIN",
		"us1 close":                  "",
		"us socket open":             "us socket",
		"us poll IN|OUT|RDHUP":       "us poll",
		"us watch IN|OUT|RDHUP = OK": "us watch IN|OUT|RDHUP    = OK",
		"us watch -":                 "us watch -",
		"level 0":                    "level 0",
		"us sndbuf 0":                "us sndbuf 0",
		"us sndbuf":                  "us sndbuf",
		"us recv 0":                  "us recv 0",
		"level 1 = -":                "level 1                  = -",
		"peer9 drain":                "peer9 drain",
	} {
		step, err := ParseStep(text)
		if want == "" {
			require.Error(t, err, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, step.String())
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	for _, text := range []string{
		"us", "us jump", "peer connect", "lst accept", "us dial", "us level", "us100 close", "us0 close", "lst2 close", "event make", "twin socket",
		"us send", "us send -1", "pipe make 0", "us send 5 5", "us send 99999999", "us poll -", "us poll in",
		"us watch", "us socket shut", "pipe make 3", "us splice lst 5", "pipe splice us 5", "piper splice pipe 5", "us close now", "level all", "them close", "= 5",
	} {
		_, err := Parse("test", text)
		require.Error(t, err, text)
		require.ErrorContains(t, err, "test:1: ")
	}
}

func TestTooManyOfAKindAreSaidToBe(t *testing.T) {
	for text, name := range map[string]string{
		"us100 close": "us100", "peer123 dial": "peer123", "pipe100 make 4": "pipe100",
		"us splice pipe100 5": "pipe100", "us splice-out pipe110": "pipe110", "event100 make 1": "event100",
	} {
		_, err := Parse("test", text)
		require.EqualError(t, err, "test:1: "+name+": a script has no more than 99 of a kind")
	}
}

func TestComparableKnowsWhatDependsOnBuffers(t *testing.T) {
	for text, want := range map[string]bool{
		"us fill\npeer recv 65536":                                   true,
		"peer fill\nus recv 65536\nus splice pipe 1":                 false,
		"us fill\nus splice-out pipe":                                false,
		"us2 fill\nus splice-out pipe":                               true,
		"pipe make 256\npipe fill\nus splice-out pipe\npipe take 9":  true,
		"pipe make 256\npipe fill\nus splice-out pipe\npipe write 9": false,
		"pipe make 256\npipe fill\nus splice-out pipe\nus shutw":     false,
		"pipe make 64\npipe fill\nus splice-out pipe":                false,
		"peer close\npipe make 256\npipe fill\nus splice-out pipe":   false,
		"us fill\npeer shutr\npeer recv 1":                           false,
		"us fill\npeer shutrw\npeer drain":                           false,
		"peer fill\nus recv 1\nlevel":                                true,
		"us fill\npeer recv 1\nlevel 1":                              false,
		"us rcvbuf 4096":                                             false,
		"us rcvbuf 50000":                                            true,
		"us rcvbuf 50000\nus fill":                                   false,
		"peer dial\npeer fill\nus rcvbuf 50000":                      false,
	} {
		require.Equal(t, want, parse(t, "us socket\nus connect\n"+text).Comparable(), text)
	}
	early := parse(t, "peer dial\npeer fill\nus drain\nus accept\n"+strings.Repeat("us recv 65536\n", 7))
	require.False(t, early.Comparable(), "nobody was there to drain")
}

func TestShrinkLeavesOnlyWhatMatters(t *testing.T) {
	s := parse(t, "us socket\nus connect\nus fill\npeer shutw\npeer drain\nus close\nus send 7\nlevel\nedge")
	least := Shrink(s, func(s *Script) bool {
		text := s.String()
		return strings.Contains(text, "fill") && strings.Contains(text, "send 7")
	})
	require.Equal(t, "us fill\nus send 7\n", least.String())
}

func TestDiffShowsBothAnswers(t *testing.T) {
	a := parse(t, "us recv 1 = 1\nus close = OK")
	b := parse(t, "us recv 1 = 0\nus close = OK")
	require.Empty(t, Diff("a", a, "b", a))
	require.Equal(t, ""+
		" linux: us recv 1                = 1\n"+
		"   sim: us recv 1                = 0\n"+
		"        us close                 = OK\n", Diff(" linux", a, "sim", b))
}

// TestTheProductIsRecordedWhole: whoever adds a state or a call has its answers
// recorded.
func TestTheProductIsRecordedWhole(t *testing.T) {
	recorded, err := RecordedProduct()
	require.NoError(t, err)
	product := Product()
	require.Len(t, recorded, len(product))
	for i, s := range recorded {
		require.Equal(t, product[i].Name, s.Name)
		require.Len(t, s.lines, len(product[i].lines))
		for j, l := range s.lines {
			require.NotEmpty(t, l.step.Answer, s.Name)
			step := *l.step
			step.Answer = ""
			require.Equal(t, product[i].lines[j].String(), step.String(), s.Name)
		}
	}
}

func TestFilesOfScriptsPrintAsTheyAreWritten(t *testing.T) {
	for name, text := range map[string]string{ProductFile: productText, CorpusFile: corpusText} {
		list, err := Sections(name, text)
		require.NoError(t, err)
		require.Greater(t, len(list), 200)
		comment, _, _ := strings.Cut(text, "\n\n")
		require.Equal(t, text, PrintSections(comment+"\n", list), name)
		for _, s := range list {
			for _, l := range s.lines {
				require.NotEmpty(t, l.step.Answer, "%s: %s", name, s.Name)
			}
		}
	}
}
