package catalog

import (
	"fmt"
	"strings"

	"slipway/conf"
)

// Reference are the sections of connectors, and of their formats behind them, on the page of
// all settings.
func Reference(declared []*Declaration) (out []conf.Section) {
	var formats []conf.Section
	seen := map[string]bool{}
	for _, d := range declared {
		out = append(out, conf.Section{Title: fmt.Sprintf("Connector `%s`", d.Name), Text: d.Text + " " + d.abilities(), Settings: d.Own(nil)})
		for _, f := range d.Formats {
			if !seen[f.Name] {
				seen[f.Name] = true
				formats = append(formats, conf.Section{Title: fmt.Sprintf("Format `%s`", f.Name), Text: f.Text + f.abilities(), Settings: f.Options})
			}
		}
	}
	return append(out, formats...)
}

// abilities says in words what the traits say.
func (d *Declaration) abilities() string {
	var said []string
	if s := d.Source; s == nil {
		said = append(said, "It only writes.")
	} else {
		if d.Sink == nil {
			said = append(said, "It only reads.")
		}
		if s.Changes {
			said = append(said, "Its rows correct one another.")
		}
		if s.Bounded {
			said = append(said, "A SELECT knows where it ends.")
		}
		if len(s.Starts) > 0 {
			said = append(said, fmt.Sprintf("A job begins at %s.", strings.Join(s.Starts, ", ")))
		}
	}
	if s := d.Sink; s != nil {
		said = append(said, fmt.Sprintf("Delivery: %s.", strings.Join(s.Deliveries, ", ")))
		if s.NeedsKey {
			said = append(said, "Results that change need a PRIMARY KEY, or `sink.changelog` = append.")
		}
	}
	return strings.Join(said, " ")
}

func (f *FormatTraits) abilities() string {
	said := ""
	if !f.Writes {
		said += " It is only read."
	}
	if !f.Reads {
		said += " It is only written."
	}
	if f.Changes {
		said += " Records say what they do to rows."
	}
	if f.NeedsKey {
		said += " It needs a PRIMARY KEY."
	}
	return said
}
