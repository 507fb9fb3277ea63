package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestConsole goes the main ways through the console of a node with jobs of all kinds. The pictures are artefacts of the
// test (go test -artifacts), for a person to look at.
func TestConsole(t *testing.T) {
	b := browser(t)
	url := "http://" + start(t).ConsoleAddress()
	c := &client{t: t, url: url}
	c.exec(jobs)
	for name, f := range map[string]func(*testing.T, *tab){
		"jobs": jobList, "operations": operations, "query": query, "lineage": lineage, "failure": failure, "plan": planPicture,
		"pictures": pictures, "hidden": hidden,
	} {
		t.Run(name, func(t *testing.T) { f(t, open(t, b, url)) })
	}
}

// jobList: states are there, filters and search narrow them, the keyboard opens one.
func jobList(t *testing.T, p *tab) {
	p.until(`document.querySelectorAll("tbody a.row").length === 4`)
	p.until(`[...document.querySelectorAll("tbody tr")].find(r => r.innerText.includes("divide"))?.innerText.includes("failed")`)
	p.fill("Search jobs", "large")
	p.until(`document.querySelectorAll("tbody a.row").length === 1`)
	p.fill("Search jobs", "zzz")
	p.sees("No job is like that.")
	p.fill("Search jobs", "orders")
	p.until(`document.querySelectorAll("tbody a.row").length === 4`) // by their streams
	p.do(chromedp.Evaluate(`document.querySelector(".chip.bad").click()`, nil))
	p.until(`document.querySelectorAll("tbody a.row").length === 1 && document.querySelector("tbody a.row").innerText.includes("divide")`)
	p.do(chromedp.Evaluate(`document.querySelector(".chip").click()`, nil), chromedp.Evaluate(`document.querySelector("tbody a.row").focus()`, nil))
	p.keys(kb.ArrowDown)
	p.keys(kb.Enter)
	p.until(`location.hash.startsWith("#/jobs/default.")`)
	p.sees("Stop with savepoint")
}

// operations: a savepoint, a stop, a restore from it, each behind a question.
func operations(t *testing.T, p *tab) {
	p.to("#/jobs/default.large_orders")
	p.press("Savepoint")
	p.fill("Name", "noon")
	p.press("Take it")
	p.sees("a savepoint of large_orders is taken")
	p.press("Stop")
	p.press("Cancel")
	p.until(`!document.querySelector("dialog[open]")`)
	p.press("Stop")
	p.until(`document.querySelector("dialog[open] button.primary")`)
	p.do(chromedp.Evaluate(`document.querySelector("dialog[open] button.primary").click()`, nil))
	p.until(`document.querySelector("h1 .state")?.innerText.includes("stopped")`)
	p.to("#/jobs/default.large_orders/checkpoints")
	p.press("Restore from savepoint noon")
	p.sees("Go back to savepoint noon?")
	p.press("Restore")
	p.until(`document.querySelector("h1 .state")?.innerText.includes("running")`)
	p.press("Stop")
	p.until(`document.querySelector("dialog[open]")`)
	p.keys(kb.Escape)
	p.until(`!document.querySelector("dialog[open]")`)
}

// query: names are completed, rows come, an error is underlined at its place, a stream goes on until it is stopped.
func query(t *testing.T, p *tab) {
	const editor = `document.querySelector(".editor").shadowRoot`
	p.to("#/query")
	p.write("SELECT * FROM tot")
	p.until(editor + `.querySelector(".cm-tooltip-autocomplete")?.innerText.includes("totals")`)
	p.until(`(window.offered ??= performance.now()) && performance.now() - window.offered > 500`) // Enter at once is meant for the text
	p.keys(kb.Enter)
	p.until(editor + `.querySelector(".cm-content").innerText.includes("FROM totals")`)

	p.write("SELECT 1 + 1 AS two, 'x' AS word; SHOW STREAMS")
	p.keys(kb.Escape)
	p.keys("\r", chromedp.KeyModifiers(2))
	p.until(`[...document.querySelectorAll("tbody td")].some(d => d.innerText === "totals")`) // the last result is shown first
	p.press("SELECT 1")
	p.until(`document.querySelector("table.list th")?.innerText === "two" && document.querySelector("table.list td").innerText === "2"`)

	p.write("SELECT product, nowhere FROM orders")
	p.keys(kb.Escape)
	p.keys("\r", chromedp.KeyModifiers(2))
	p.sees("42703")
	p.until(editor + `.querySelector(".cm-lintRange-error")?.innerText === "nowhere"`)

	p.write("COPY (SELECT * FROM totals) TO STDOUT")
	p.keys(kb.Escape)
	p.press("Run")
	p.until(`document.querySelectorAll("tbody tr").length > 6 && document.querySelector(".bar .danger")`)
	p.press("Stop")
	p.until(`document.querySelector(".bar .primary")`)
	p.do(chromedp.Evaluate(`document.querySelector(".history summary").click()`, nil))
	p.until(`document.querySelector(".history ul").innerText.includes("stopped")`)
}

// lineage: the stream between two jobs leads to both; a job's page is one press away.
func lineage(t *testing.T, p *tab) {
	p.to("#/lineage")
	p.until(`document.querySelectorAll(".node").length >= 8`)
	p.to("#/streams/default.totals")
	p.sees("default.count_orders")
	p.sees("default.large_orders")
	p.to("#/lineage/default.totals")
	p.until(`document.querySelectorAll(".node").length === 5 && document.querySelectorAll(".edge").length === 4`)
	p.do(chromedp.Evaluate(`document.querySelector('a.node[href="#/jobs/default.large_orders"]').click()`, nil))
	p.until(`location.hash === "#/jobs/default.large_orders"`)
}

// failure: why a job failed and what to do stands on its page, and its properties say where they come from.
func failure(t *testing.T, p *tab) {
	p.to("#/jobs/default.divide")
	p.sees("is not a whole number")
	p.to("#/jobs/default.divide/failures")
	p.sees("is not a whole number")
	p.to("#/jobs/default.divide/properties")
	p.sees("morphling.task.max.failures")
	p.to("#/jobs/default.nothing")
	p.sees("There is no stream job of this name")
}

// planPicture: the stages are drawn, and that of the slow sink is marked as the one that holds the others back.
func planPicture(t *testing.T, p *tab) {
	p.to("#/jobs/default.archive_orders")
	p.until(`document.querySelectorAll(".stage").length >= 2 && document.querySelectorAll(".edge").length >= 1`)
	p.until(`document.querySelector(".stage.limits")?.innerText.includes("holds the others back")`)
	p.do(chromedp.Evaluate(`document.querySelector(".stage.limits").click()`, nil))
	p.sees("Tasks of stage")
	p.to("#/jobs/default.count_orders/checkpoints")
	p.until(`document.querySelectorAll(".checkpoints .timeline svg").length > 1`)
}

// hidden: a page that nobody sees asks nothing.
func hidden(t *testing.T, p *tab) {
	p.until(`document.querySelectorAll("tbody a.row").length === 4`)
	const asked = `performance.getEntriesByType("resource").filter(e => e.name.endsWith("/api/query")).length`
	p.do(chromedp.Evaluate(`Object.defineProperty(document, "hidden", {value: true, configurable: true});
		document.dispatchEvent(new Event("visibilitychange")); performance.clearResourceTimings()`, nil))
	p.until(`(window.looked = window.looked ?? Date.now()) && Date.now() - window.looked > 5000`)
	var n int
	p.do(chromedp.Evaluate(asked, &n))
	if n > 1 { // one may have been under way
		t.Errorf("%d questions in five seconds of a page that nobody sees", n)
	}
	p.do(chromedp.Evaluate(`delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))`, nil))
	p.until(asked + ` > 3`)
}

// pictures takes every view at two widths in both themes, and has axe look at it.
func pictures(t *testing.T, p *tab) {
	views := []struct{ name, hash, ready string }{
		{"jobs", "#/jobs", `document.querySelectorAll("tbody a.row").length === 4`},
		{"fine", "#/jobs/default.count_orders", `document.querySelector("h1 .state")`},
		{"blocked", "#/jobs/default.archive_orders", `document.querySelector("h1 .state")`},
		{"checkpoints", "#/jobs/default.count_orders/checkpoints", `document.querySelector(".checkpoints")`},
		{"failed", "#/jobs/default.divide", `document.querySelector(".note.bad")`},
		{"failures", "#/jobs/default.divide/failures", `document.body.innerText.includes("is not a whole number")`},
		{"properties", "#/jobs/default.divide/properties", `document.querySelector(".props")`},
		{"transactions", "#/jobs/default.count_orders/transactions", `document.querySelector(".tabs .on").innerText === "Transactions"`},
		{"sql", "#/jobs/default.count_orders/sql", `document.querySelector(".sqltext")`},
		{"streams", "#/streams", `document.querySelectorAll("tbody a.row").length === 6`},
		{"stream", "#/streams/default.totals", `document.querySelector(".sqltext")`},
		{"lineage", "#/lineage", `document.querySelectorAll(".node").length >= 8`},
		{"events", "#/events", `document.querySelector("h1")?.innerText === "Events"`},
		{"query", "#/query", `document.querySelector(".editor")?.shadowRoot?.querySelector(".cm-content")`},
	}
	for _, size := range [][2]int64{{1280, 800}, {400, 800}} {
		for _, theme := range []string{"light", "dark"} {
			p.looks(size[0], size[1], theme)
			for _, v := range views {
				p.to(v.hash)
				p.until("%s", v.ready)
				if v.name == "query" {
					p.write("SELECT name, state, since, last_checkpoint FROM slipway.jobs WHERE state <> 'STOPPED'")
					p.keys(kb.Escape)
					p.press("Run")
					p.until(`document.querySelectorAll("tbody tr").length >= 4`)
				}
				p.do(chromedp.Evaluate(`document.querySelectorAll(".toast").forEach(t => t.remove())`, nil))
				name := fmt.Sprintf("%s-%d-%s", v.name, size[0], theme)
				p.shot(name)
				p.accessible(name)
			}
		}
	}
}
