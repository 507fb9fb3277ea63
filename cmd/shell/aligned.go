package shell

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"slipway/cmd/client"
)

// alignedPrinter prints a table. It holds the first rows back, to know how wide columns are, but not for long: of a result that
// does not end rows come one by one, in the widths of the first.
type alignedPrinter struct {
	*base
	mu     sync.Mutex
	held   [][]string
	widths []int
	open   bool // the head is out
	timer  *time.Timer
}

const (
	heldRows = 1000
	heldTime = 200 * time.Millisecond
)

func (p *alignedPrinter) Columns(columns []client.Column) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.base.Columns(columns)
	p.held, p.open, p.widths = nil, false, make([]int, len(columns))
	for i, c := range columns {
		p.widths[i] = width(shown([]byte(c.Name)))
	}
	p.timer = time.AfterFunc(heldTime, func() { _ = p.Flush() }) // the next row has the error again
	return nil
}

func (p *alignedPrinter) Row(row [][]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = cell(v)
		p.widths[i] = max(p.widths[i], width(cells[i]))
	}
	p.rows++
	if p.held = append(p.held, cells); p.open || len(p.held) >= heldRows {
		return p.release()
	}
	return nil
}

// Flush prints what is held back.
func (p *alignedPrinter) Flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.release()
}

func (p *alignedPrinter) release() error {
	if p.columns != nil && !p.open {
		p.head()
	}
	for _, cells := range p.held {
		p.line(cells)
	}
	p.held = nil
	return p.w.Flush()
}

func (p *alignedPrinter) head() {
	p.open = true
	names, rule := make([]string, len(p.columns)), make([]string, len(p.columns))
	for i, c := range p.columns {
		name := shown([]byte(c.Name))
		left := (p.widths[i] - width(name)) / 2
		names[i] = pad(strings.Repeat(" ", left)+name, p.widths[i], false)
		rule[i] = strings.Repeat("-", p.widths[i]+2)
	}
	p.row(names)
	fmt.Fprintln(p.w, strings.Join(rule, "+"))
}

func (p *alignedPrinter) line(cells []string) {
	for i := range cells {
		cells[i] = pad(cells[i], p.widths[i], isNumber(p.columns[i].Type))
	}
	p.row(cells)
}

func (p *alignedPrinter) row(cells []string) {
	fmt.Fprintln(p.w, strings.TrimRight(" "+strings.Join(cells, " | "), " "))
}

// Done prints the rest, and how many rows there were.
func (p *alignedPrinter) Done(tag string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.columns == nil {
		return p.base.Done(tag)
	}
	p.timer.Stop()
	if err := p.release(); err != nil {
		return err
	}
	plural := "s"
	if p.rows == 1 {
		plural = ""
	}
	fmt.Fprintf(p.w, "(%d row%s)\n\n", p.rows, plural)
	return p.base.Done(tag)
}

// width is how many columns of a terminal a text takes: two for a Chinese character.
func width(text string) int { return runewidth.StringWidth(text) }

func pad(text string, to int, right bool) string {
	blank := strings.Repeat(" ", max(0, to-width(text)))
	if right {
		return blank + text
	}
	return text + blank
}
