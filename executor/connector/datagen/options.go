package datagen

import (
	"slipway/conf"
	"slipway/sql/catalog"
)

// Options of both generators, then those of one of them.
var (
	rowsPerSecond = conf.IntOption("rows-per-second", "0", 0, 1<<40, "rows", "O", "Rate; 0: as fast as it can.")
	totalAmount   = conf.IntOption("total-amount", "0", 0, 1<<40, "rows", "V", "Rows altogether; 0: no end.")
	splitCount    = conf.IntOption("splits", "1", 1, 128, "splits", "O", "Splits.")
	seed          = conf.IntOption("seed", "1", 0, 0, "", "O", "Another one gives other rows.")

	fieldOptions = conf.OpenFamilyOption("fields.", "V",
		"Per column: fields.<column>.kind (random, sequence), .min, .max, .length, .start, .end, .null-rate, .values (a,b,c).")

	nexmarkTable = conf.ChoiceOption("nexmark.table", "bid", "bid auction person", "O", "Which of the three tables.")
	nexmarkRate  = conf.IntOption("nexmark.event.rate", "100000", 1, 1_000_000_000, "events", "O", "Events of all three tables in a second of event time.")
)

func init() { rowsPerSecond.Aliases = []string{"row-per-second"} }

var generated = &catalog.SourceTraits{Bounded: true}

var declaration = &catalog.Declaration{
	Name: "datagen", Text: "Rows that are made up: random or sequential fields at a rate.",
	Options: []*conf.Setting{rowsPerSecond.Setting, totalAmount.Setting, splitCount.Setting, seed.Setting, fieldOptions},
	Source:  generated,
}

var nexmarkDeclaration = &catalog.Declaration{
	Name: "nexmark", Text: "The events of the Nexmark benchmark's generator.",
	Options: []*conf.Setting{nexmarkTable.Setting, nexmarkRate.Setting, rowsPerSecond.Setting, totalAmount.Setting, splitCount.Setting, seed.Setting},
	Source:  generated,
}
