package web

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axe is axe-core 4.x, the checker of accessibility; its licence stands beside it.
//
//go:embed testdata/axe.min.js
var axe string

// patience bounds every wait: what comes comes within a second, on a machine that is not busy.
const patience = 90 * time.Second

// chromium is the browser of this machine.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("SLIPWAY_REQUIRE_SERVERS") == "1" {
		t.Fatal("there is no chromium, and SLIPWAY_REQUIRE_SERVERS=1")
	}
	t.Skip("there is no chromium: NOTHING OF THE CONSOLE IS TESTED IN A BROWSER (apt-get install chromium)")
	return ""
}

// browser is one browser of its own, without a past.
func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(
		chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.WindowSize(1280, 800),
		chromedp.WSURLReadTimeout(patience), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("ignore-certificate-errors", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, end := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {})) // it tells of events that it does not know
	t.Cleanup(end)
	if err := chromedp.Run(ctx); err != nil { // here, since the first context to run owns the browser
		t.Fatal(err)
	}
	return ctx
}

// tab is one page of the console, with what its console said.
type tab struct {
	t      *testing.T
	ctx    context.Context
	url    string
	mu     sync.Mutex
	faults []string
}

// open opens the console in a tab; what its console holds of errors fails the test in the end.
func open(t *testing.T, ctx context.Context, url string) *tab {
	t.Helper()
	p := &tab{t: t, url: url}
	var cancel context.CancelFunc
	p.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(p.ctx); err != nil { // without a bound: the tab lives as long as the context of its first run
		t.Fatal(err)
	}
	chromedp.ListenTarget(p.ctx, p.note)
	p.do(log.Enable(), runtime.Enable(), chromedp.Navigate(url))
	t.Cleanup(func() {
		for _, f := range p.said() {
			t.Errorf("the browser's console: %s", f)
		}
	})
	return p
}

func (p *tab) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			p.faults = append(p.faults, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (p *tab) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// forgive takes errors away that a test has brought about.
func (p *tab) forgive(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = slices.DeleteFunc(p.faults, func(f string) bool { return strings.Contains(f, part) })
}

func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.shot("failed")
		p.t.Fatalf("%v; the page says:\n%s", err, p.text())
	}
}

// text is what the page says now.
func (p *tab) text() (text string) {
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	chromedp.Run(ctx, chromedp.Evaluate(`document.body.innerText`, &text))
	return text
}

// until waits for a condition of JavaScript.
func (p *tab) until(condition string, args ...any) {
	p.t.Helper()
	expression := "!!(" + fmt.Sprintf(condition, args...) + ")"
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	var err error
	for holds := false; !holds; {
		if err = chromedp.Run(ctx, chromedp.Evaluate(expression, &holds), chromedp.Sleep(50*time.Millisecond)); err != nil {
			p.shot("failed")
			p.t.Fatalf("waiting for %s: %v; the page says:\n%s", expression, err, p.text())
		}
	}
}

// sees waits until the page's text holds a word.
func (p *tab) sees(text string) {
	p.t.Helper()
	p.until(`document.body.innerText.includes(%q)`, text)
}

// to goes to a view by its address.
func (p *tab) to(hash string) {
	p.t.Helper()
	p.do(chromedp.Evaluate(fmt.Sprintf(`location.hash = %q`, hash), nil))
}

// press presses the button or link of a name, once it is there.
func (p *tab) press(name string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...(document.querySelector("dialog[open]") ?? document).querySelectorAll("button, a")]
		.find(b => !b.disabled && (b.innerText.trim() === %[1]q || b.ariaLabel === %[1]q))`, name)
	p.until("%s", find)
	p.do(chromedp.Evaluate(find+`.click()`, nil))
}

// keys are pressed where the focus is.
func (p *tab) keys(text string, modifiers ...chromedp.KeyOption) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(text, modifiers...))
}

// write puts a text into the editor by the keyboard.
func (p *tab) write(text string) {
	p.t.Helper()
	p.until(`document.querySelector(".editor")?.shadowRoot?.querySelector(".cm-content")`)
	p.do(chromedp.Evaluate(`document.querySelector(".editor").shadowRoot.querySelector(".cm-content").focus()`, nil))
	p.keys("a", chromedp.KeyModifiers(2)) // Ctrl+A
	p.keys(kb.Delete)
	p.keys(text)
}

// fill writes into a field of a label.
func (p *tab) fill(label, text string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("input")]
		.find(i => i.ariaLabel === %[1]q || i.closest("label")?.innerText.trim().startsWith(%[1]q))`, label)
	p.until("%s", find)
	p.do(chromedp.Evaluate(find+`.focus()`, nil), chromedp.Evaluate(find+`.select()`, nil), chromedp.KeyEvent(text))
}

// shot writes a picture of the page to the artefacts of the test.
func (p *tab) shot(name string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	var b []byte
	err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		b, err = page.CaptureScreenshot().Do(ctx)
		return err
	}))
	if err != nil {
		p.t.Logf("no picture of %s: %v", name, err)
		return
	}
	if err := os.WriteFile(filepath.Join(p.t.ArtifactDir(), name+".png"), b, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// looks sets the width of the page and what the system says of colours.
func (p *tab) looks(width, height int64, theme string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	p.do(emulation.SetDeviceMetricsOverride(width, height, 1, width < 600), emulation.SetEmulatedMedia().WithFeatures(features))
}

// accessible fails on what axe finds serious, and where the page is wider than the window.
func (p *tab) accessible(name string) {
	p.t.Helper()
	var found []string
	p.do(chromedp.Evaluate(axe+`;0`, nil), chromedp.Evaluate(
		`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
			.map(v => v.impact + " " + v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | ")))`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	for _, f := range found {
		p.t.Errorf("%s: %s", name, f)
	}
	var wide bool
	p.do(chromedp.Evaluate(`[document.documentElement, document.getElementById("main")].some(e => e?.scrollWidth > e?.clientWidth)`, &wide))
	if wide {
		p.t.Errorf("%s is wider than the window", name)
	}
}
