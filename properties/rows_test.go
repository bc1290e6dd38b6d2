package properties_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties/mistakes"
)

// rowMistakes are, for each row of the package comment, mistakes in what it asks for that
// the hunt finds: that tests of the row exist says little of whether they test it.
var rowMistakes = map[string][]string{
	"S01": {"a descriptor leaks when a connect fails", "a stale report reaches a reused descriptor"},
	"S02": {"an error does not stop polling"},
	"S03": {"B09 an error is told to nobody", "establishment is announced without end"},
	"S04": {"B02 lasting events are wiped behind a turn"},
	"S05": {"a header begins again after a short write", "a header promises more without knowing"},
	"S06": {"a pending connect is probed in a loop"},
	"S07": {"nobody tells the producer of room", "the rest of a record is dropped"},
	"S08": {"a turn that was closed is committed"},
	"S09": {"B09 an error is told to nobody", "B25 a hang-up hides the error"},
	"S10": {"establishment is announced without end", "B13 who wants nothing is not told that it is connected"},
	"S11": {"TLS comes before the PROXY header", "servers hear of clients that are not through"},
	"S12": {"B02 a report makes wishes", "B10 a report of room is a wish to write"},
	"S13": {"a reset becomes a clean end", "no half-close loses what is on its way"},
	"S14": {"half-closes last where they are not allowed", "a read timeout leaves its timer"},
	"S15": {"a level poller keeps what nobody wants"},
	"S16": {"EAGAIN is forgotten", "a refused registration is forgotten"},
	"S17": {"sock wishes outlive the handshake"},
	"S18": {"less is wanted, and nobody is told"},
	"S19": {"writing is not wanted after a short write"},
	"S20": {"progress does not put off a write timeout", "writing does not put off reading"},
	"S21": {"nobody tells the producer of room", "a reader without room is timed"},
	"S22": {"who is told of bytes sends before an error is read", "B44 room by a direct send does not start reading again"},
	"S23": {"the FIN overtakes the last bytes", "the FIN does not wait for what is owed"},
	"S24": {"a stream cut short looks complete", "an end of stream is taken for an error"},
	"S25": {"a write timer is not armed", "the wrong timeout after our FIN"},
	"S26": {"the ring wraps one byte late", "a buffer is kept after its last byte"},
	"S27": {"a short read hides the end behind it"},
	"S28": {"EAGAIN is forgotten", "a lack of memory is an error"},
	"S29": {"no bound on the reads of a turn"},
	"S30": {"a short send is tried again", "every send promises more"},
	"S31": {"a splice takes nothing off what may pass", "a pipe is filled behind the buffer", "a hang-up behind a splice is taken for the end"},
	"S32": {"B52 a full close leaves the channels open", "B59 a short way out leaves the session deaf"},
}

// TestEveryMistakeHasItsPlace: who changes the code that one is about finds out at once, and
// not at the next attack.
func TestEveryMistakeHasItsPlace(t *testing.T) {
	all := slices.Concat(mistakes.Core, mistakes.Historic, mistakes.Readers, mistakes.Workers, mistakes.Kernel, mistakes.Reset)
	for _, m := range mistakes.Small {
		all = append(all, m.Mistake)
	}
	for _, m := range mistakes.Deadly {
		all = append(all, m.Mistake)
	}
	for _, m := range all {
		text, err := os.ReadFile(filepath.Join("..", m.File))
		require.NoError(t, err)
		_, err = m.Plant(text)
		require.NoError(t, err)
	}
}

// TestEveryRowHasAMistakeThatIsFound: they are among those that are attacked with.
func TestEveryRowHasAMistakeThatIsFound(t *testing.T) {
	known := map[string]bool{}
	for _, list := range [][]mistakes.Mistake{mistakes.Core, mistakes.Historic, mistakes.Readers} {
		for _, m := range list {
			known[m.Name] = true
		}
	}
	for n := range 32 {
		row := fmt.Sprintf("S%02d", n+1)
		require.NotEmpty(t, rowMistakes[row], row)
		for _, name := range rowMistakes[row] {
			require.True(t, known[name], "%s: %s", row, name)
		}
	}
}
