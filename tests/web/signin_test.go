package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSignIn: behind the first user the console asks who comes, takes SQL's passwords, shows what its user may see and refuses the rest.
func TestSignIn(t *testing.T) {
	b := browser(t)
	url := "http://" + start(t).ConsoleAddress()
	c := &client{t: t, url: url}
	c.exec(jobs)
	c.exec(`CREATE USER root SUPERUSER PASSWORD 'correct horse'`)
	if status, answer := c.post("/api/query", map[string]any{"sql": "SHOW STREAMJOBS"}); status != http.StatusUnauthorized {
		t.Fatalf("nobody is signed in: %d %s", status, answer)
	}
	if status, answer := c.post("/api/sign-in", map[string]any{"user": "root", "password": "correct horse"}); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	c.exec(`CREATE USER ann PASSWORD 'battery staple'; GRANT READ ON STREAMJOB count_orders TO ann; GRANT READ ON totals TO ann`)

	t.Run("forged", func(t *testing.T) { forged(t, url, c.cookie) })

	p := open(t, b, url)
	p.sees("The same users and passwords")
	p.accessible("sign-in")
	p.shot("sign-in")
	signIn := func(user, password string) {
		p.fill("User", user)
		p.fill("Password", password)
		p.press("Sign in")
	}
	signIn("ann", "wrong")
	p.sees("password authentication failed")
	p.forgive("401") // the browser tells of each
	signIn("ann", "battery staple")
	p.until(`document.querySelectorAll("tbody a.row").length === 1 && document.querySelector("tbody a.row").innerText.includes("count_orders")`)

	p.to("#/jobs/default.count_orders")
	p.press("Stop")
	p.until(`document.querySelector("dialog[open] button.primary")`)
	p.do(chromedp.Evaluate(`document.querySelector("dialog[open] button.primary").click()`, nil))
	p.until(`document.querySelector("dialog[open]").innerText.includes("42501")`)
	p.press("Cancel")
	p.to("#/jobs/default.divide")
	p.sees("There is no stream job of this name, or you may not see it.")

	p.press("Sign out ann")
	p.sees("The same users and passwords")
	signIn("root", "correct horse")
	p.until(`location.hash = "#/jobs", document.querySelectorAll("tbody a.row").length === 4`)

	c.exec(`ALTER USER root PASSWORD 'paper clip'`)
	former := map[string]any{"user": "root", "password": "correct horse"}
	if status, answer := (&client{t: t, url: url}).post("/api/sign-in", former); status != http.StatusUnauthorized {
		t.Errorf("a former password: %d %s", status, answer)
	}
}

// forged: another site's page has the browser send the cookie along; the statement does not run.
func forged(t *testing.T, url, cookie string) {
	headers := map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
	c := &client{t: t, url: url, cookie: cookie, headers: headers}
	status, answer := c.post("/api/query", map[string]any{"sql": "DROP STREAMJOB count_orders"})
	if status != http.StatusForbidden || !strings.Contains(answer, "another site") {
		t.Errorf("%d %s", status, answer)
	}
	own := &client{t: t, url: url, cookie: cookie}
	if !strings.Contains(own.exec("SELECT name FROM slipway.jobs"), "count_orders") {
		t.Error("the job is gone")
	}
}
