package exchange

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"slipway/checkpoint"
	"slipway/executor"
)

// TestGate runs scripts: `gate n [at-least-once] [first=port]` (input i is of port i), then one message per line,
// `input kind [value]`, each answered with what comes out and which inputs are blocked.
func TestGate(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var n int
			d.ScanArgs(t, "inputs", &n)
			edges := make([]*Edge, n)
			for i := range edges {
				edges[i] = NewEdge(i, nil)
			}
			var first []int
			if d.HasArg("first") {
				first = make([]int, 1)
				d.ScanArgs(t, "first", &first[0])
			}
			g := NewGate(edges, !d.HasArg("at-least-once"), first...)
			var out strings.Builder
			for line := range strings.Lines(d.Input) {
				fmt.Fprintf(&out, "%s -> %s\n", strings.TrimSpace(line), deliver(t, g, line))
			}
			return out.String()
		})
	})
}

func deliver(t *testing.T, g *Gate, line string) string {
	var i int
	var kind string
	var value int64
	if n, _ := fmt.Sscanf(line, "%d %s %d", &i, &kind, &value); n < 2 {
		t.Fatalf("cannot read %q", line)
	}
	m := executor.Message{Watermark: value, Barrier: checkpoint.Barrier{ID: checkpoint.ID(value)}}
	m.Kind = map[string]executor.MessageKind{"rows": executor.BatchMessage, "watermark": executor.WatermarkMessage, "idle": executor.IdleMessage,
		"barrier": executor.BarrierMessage, "end": executor.EndMessage}[kind]
	if g.blocked(i) {
		return "not read"
	}
	text := "nothing"
	if out, ok := g.take(i, m); ok {
		switch out.Kind {
		case executor.BatchMessage:
			text = "rows"
		case executor.WatermarkMessage:
			text = fmt.Sprintf("watermark %d", out.Watermark)
		case executor.IdleMessage:
			text = "idle"
		case executor.BarrierMessage:
			text = fmt.Sprintf("barrier %d", out.Barrier.ID)
		case executor.EndMessage:
			text = "end"
		}
	}
	if w := g.Waiting(); w != nil {
		text += fmt.Sprintf(", waiting for %v", w)
	}
	return text
}
