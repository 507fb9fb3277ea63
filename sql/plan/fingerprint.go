package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Sum is a hash of what the dataflow does: its sources, operators, sinks and edges.
func (f *Dataflow) Sum() string {
	h := sha256.New()
	for i := range f.Stages {
		s := &f.Stages[i]
		if s.Source != nil {
			fmt.Fprintln(h, "source", s.Source.Op, s.Source.Columns, s.Source.Watermark)
		}
		for _, o := range s.Ops {
			fmt.Fprintln(h, o.Describe())
		}
		if s.Sink != nil {
			fmt.Fprintln(h, "sink", s.Sink.Op, s.Sink.Mode)
		}
	}
	fmt.Fprintln(h, f.Edges)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
