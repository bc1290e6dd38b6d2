package picture_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/properties/picture"
)

// browser opens a page and returns what became of it: the document after its script.
func browser(t *testing.T, p *picture.Picture, hash string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes some seconds, and -short was asked for")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("no chromium here to open the page in: on Debian, apt-get install chromium")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "run.html")
	require.NoError(t, os.WriteFile(file, []byte(printed(t, p, picture.HTML)), 0o666))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--window-size=1400,900", "--dump-dom", "file://"+file+hash)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	require.NoError(t, err, said.String())
	return string(out)
}

func TestThePageStepsInABrowser(t *testing.T) {
	p := picture.Simulated(parse(t, failing), "failing.trace")
	dom := browser(t, p, "")
	require.Contains(t, dom, `<b id="rule">I09 world</b>`)
	require.Contains(t, dom, `<div id="said">I09 world: no end after 16 steps</div>`, "it opens where the rule broke")
	require.Contains(t, dom, fmt.Sprintf(">%d of %d</output>", len(p.Events), len(p.Events)))
	require.Contains(t, dom, `<option value="0">0</option>`)
	require.Contains(t, dom, ">front state</dt><dd>EST</dd>")
	require.Contains(t, dom, ">choose f0 short-read 0 = 7</text>")
}

func TestALargeRunDrawsWhatIsVisible(t *testing.T) {
	p := picture.Simulated(parse(t, failing), "large.trace")
	small := p.Events
	for len(p.Events) < 200_000 {
		p.Events = append(p.Events, small...)
	}
	dom := browser(t, p, "#100001")
	require.Contains(t, dom, fmt.Sprintf(">100001 of %d</output>", len(p.Events)))
	drawn := strings.Count(dom, "<g data-at=")
	require.Greater(t, drawn, 10)
	require.Less(t, drawn, 120)
}
