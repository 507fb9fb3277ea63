package node

import (
	"log/slog"

	"slipway/conf"
	"slipway/executor"
	"slipway/executor/connector/blackhole"
	"slipway/executor/connector/datagen"
	"slipway/executor/connector/jdbc"
	"slipway/kafkaio"
	"slipway/sql/catalog"
)

// connectors lists what streams and tables can stand on. A connector is its own folder and a
// line here.
func connectors(kafka *kafkaio.Connector, log *slog.Logger) []executor.Connector {
	return []executor.Connector{
		kafka,
		datagen.Connector{},
		datagen.Nexmark{},
		jdbc.Connector{},
		&blackhole.Connector{},
		&blackhole.Connector{Print: true, Log: log},
	}
}

// Reference are the settings that connectors and formats declare.
func Reference() []conf.Section {
	var declared []*catalog.Declaration
	for _, c := range connectors(&kafkaio.Connector{}, nil) {
		declared = append(declared, c.Declaration())
	}
	return catalog.Reference(declared)
}
