// Package check looks, before a server starts, whether what its settings name is there and may be used: ports, folders, brokers,
// ZooKeeper, HDFS. It leaves nothing behind, and what hangs is given up.
package check

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"slipway/conf"
)

// What was found of a part.
const (
	OK      = "ok"
	Warning = "warning" // the server starts, and somebody should know
	Failed  = "failed"  // the server does not start, or jobs fail
)

// Finding is one thing that was looked at.
type Finding struct {
	Part   string `json:"part"`
	Status string `json:"status"`
	Text   string `json:"text"`             // what is there, or what is wrong
	Advice string `json:"advice,omitempty"` // what to do
}

func ok(format string, args ...any) Finding {
	return Finding{Status: OK, Text: fmt.Sprintf(format, args...)}
}

func failed(advice, format string, args ...any) Finding {
	return Finding{Status: Failed, Text: oneLine(conf.Redact(fmt.Sprintf(format, args...))), Advice: advice}
}

func warning(advice, format string, args ...any) Finding {
	return Finding{Status: Warning, Text: oneLine(conf.Redact(fmt.Sprintf(format, args...))), Advice: advice}
}

// oneLine is what several errors together say.
func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "; ") }

// part is one thing to look at.
type part struct {
	name string
	look func(context.Context) []Finding
}

// Configuration finds what is wrong in a file, line by line; empty: there is none.
func Configuration(path string) []Finding {
	if path == "" {
		return nil
	}
	mistakes, err := conf.Mistakes(path)
	if err != nil {
		return []Finding{named("configuration", failed("Give the path of a YAML file.", "%v", err))}
	}
	var out []Finding
	for _, m := range mistakes {
		at := path
		if m.Line > 0 {
			at = fmt.Sprintf("%s:%d", path, m.Line)
		}
		out = append(out, named("configuration", failed(m.Hint, "%s: %s", at, m.Message)))
	}
	return out
}

func named(part string, f Finding) Finding {
	f.Part = part
	return f
}

// Run looks at everything that the settings name, side by side; each part has so long.
func Run(ctx context.Context, cfg *conf.Values, patience time.Duration) []Finding {
	parts := partsOf(cfg)
	found := make([][]Finding, len(parts))
	var all sync.WaitGroup
	for i, p := range parts {
		all.Go(func() { found[i] = bounded(ctx, p, patience) })
	}
	all.Wait()
	var out []Finding
	for i, list := range found {
		for _, f := range list {
			out = append(out, named(parts[i].name, f))
		}
	}
	return out
}

// bounded gives a part up that does not come back in time, whether it heeds its context or not.
func bounded(ctx context.Context, p part, patience time.Duration) []Finding {
	ctx, cancel := context.WithTimeout(ctx, patience/10*9) // what heeds it says more of what it waited for
	defer cancel()
	answer := make(chan []Finding, 1)
	go func() { answer <- p.look(ctx) }() // ends when what it asks lets it go, at the latest with the process
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case f := <-answer:
		return f
	case <-late.C:
		return []Finding{failed("Is it the right address? A firewall that drops packets looks like this; --timeout waits longer.", "no answer within %v", patience)}
	}
}

// Bad tells whether something failed.
func Bad(found []Finding) bool {
	for _, f := range found {
		if f.Status == Failed {
			return true
		}
	}
	return false
}

// Print writes findings for a person.
func Print(w io.Writer, found []Finding) error {
	var b strings.Builder
	width := 0
	for _, f := range found {
		width = max(width, len(f.Part))
	}
	counts := map[string]int{}
	for _, f := range found {
		counts[f.Status]++
		fmt.Fprintf(&b, "%-7s  %-*s  %s\n", f.Status, width, f.Part, f.Text)
		if f.Advice != "" && f.Status != OK {
			fmt.Fprintf(&b, "%-7s  %-*s  -> %s\n", "", width, "", f.Advice)
		}
	}
	fmt.Fprintf(&b, "%d ok, %d to know of, %d failed\n", counts[OK], counts[Warning], counts[Failed])
	_, err := io.WriteString(w, b.String())
	return err
}

// PrintJSON writes findings for a program.
func PrintJSON(w io.Writer, found []Finding) error {
	if found == nil {
		found = []Finding{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		OK       bool      `json:"ok"`
		Findings []Finding `json:"findings"`
	}{!Bad(found), found})
}
