package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	counter = prometheus.CounterValue
	gauging = prometheus.GaugeValue
)

// Metric is one of those that /metrics has: what docs/monitoring.md lists.
type Metric struct {
	Name, Kind, Help string
	Labels           []string
}

type definition struct {
	Metric
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// definitions are complete before main begins.
var definitions []*definition

func define(kind prometheus.ValueType, name, help string, labels ...string) *definition {
	d := &definition{Metric{name, map[prometheus.ValueType]string{counter: "counter", gauging: "gauge"}[kind], help, labels}, prometheus.NewDesc(name, help, labels, nil), kind}
	definitions = append(definitions, d)
	return d
}

func (d *definition) send(ch chan<- prometheus.Metric, v float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d.desc, d.kind, v, labels...)
}

// Metrics lists Slipway's own metrics in order of name.
func Metrics() (out []Metric) {
	for _, d := range definitions {
		out = append(out, d.Metric)
	}
	slices.SortFunc(out, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Page is the table of metrics of docs/monitoring.md.
func Page() string {
	var b strings.Builder
	b.WriteString("| Metric | Kind | Labels | What it is |\n|---|---|---|---|\n")
	for _, m := range Metrics() {
		b.WriteString("| `" + m.Name + "` | " + m.Kind + " | " + strings.Join(m.Labels, ", ") + " | " + m.Help + " |\n")
	}
	return b.String()
}
