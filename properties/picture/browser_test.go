package picture_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/properties/picture"
)

// browser opens a page, runs a script of the test's in it, and returns what became of it: the
// document after both.
func browser(t *testing.T, p *picture.Picture, hash, script string) string {
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
	page := strings.Replace(printed(t, p, picture.HTML), "</body>", "<script>"+script+"</script></body>", 1)
	require.NoError(t, os.WriteFile(file, []byte(page), 0o666))
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
	dom := browser(t, p, "", "")
	require.Contains(t, dom, `<b id="rule">I09 world</b>`)
	require.Contains(t, dom, `<div id="said">I09 world: no end after 16 steps</div>`, "it opens where the rule broke")
	require.Contains(t, dom, fmt.Sprintf(">%d of %d</output>", len(p.Events), len(p.Events)))
	require.Contains(t, dom, `<option value="0">0</option>`)
	require.Contains(t, dom, ">front state</dt><dd>EST</dd>")
	require.Contains(t, dom, ">choose f0 short-read 0 = 7</text>")
}

func TestThePageIsUsedByKeysAndShowsOneSession(t *testing.T) {
	p := picture.Simulated(parse(t, "world\nsession 0 client=send:30,shutw,eof,close\nsession 1 client=send:9,close\nchoose f1 short-read 0 = 3\n"), "two.trace")
	var alone int
	for _, e := range p.Events {
		if e.Label != 0 {
			alone++
		}
	}
	dom := browser(t, p, "", `
		var log = [], say = function () { log.push(document.getElementById("where").textContent + " " + document.getElementById("said").textContent); };
		["Home", "ArrowDown", "j", "k", "n", "End"].forEach(function (k) {
			document.dispatchEvent(new KeyboardEvent("keydown", {key: k, bubbles: true})); say();
		});
		var box = document.getElementById("session"); box.value = "1"; box.onchange();
		log.push("slider to " + document.getElementById("slider").max);
		document.title = log.join("; ");`)
	_, after, _ := strings.Cut(dom, "<title>")
	title, _, _ := strings.Cut(after, "</title>")
	n := len(p.Events)
	at := slices.IndexFunc(p.Events, func(e picture.Event) bool { return e.Kind == picture.Accident })
	want := ""
	for _, i := range []int{0, 1, 2, 1, at, n - 1} {
		want += fmt.Sprintf("%d of %d %s; ", i+1, n, p.Events[i].Text)
	}
	require.Equal(t, want+fmt.Sprintf("slider to %d", alone-1), title)
}

func TestALargeRunDrawsWhatIsVisible(t *testing.T) {
	p := picture.Simulated(parse(t, failing), "large.trace")
	small := p.Events
	for len(p.Events) < 200_000 {
		p.Events = append(p.Events, small...)
	}
	dom := browser(t, p, "#100001", "")
	require.Contains(t, dom, fmt.Sprintf(">100001 of %d</output>", len(p.Events)))
	drawn := strings.Count(dom, "<g data-at=")
	require.Greater(t, drawn, 10)
	require.Less(t, drawn, 120)
}
