package node

import (
	"slices"
	"testing"

	"slipway/conf"
	"slipway/executor"
	"slipway/kafkaio"
	"slipway/sql"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/types"
)

// TestStoredForeignOptions: what a former build let pass into the catalog is read, altered and
// run as before, without a meaning.
func TestStoredForeignOptions(t *testing.T) {
	all := executor.NewConnectors(connectors(&kafkaio.Connector{Brokers: "127.0.0.1:1"}, nil)...)
	c := &sql.Compiler{Connectors: all.Declared()}
	s := catalog.NewSnapshot()
	s.Databases["default"] = &catalog.Database{Name: "default"}
	columns := types.Schema{{Name: "auction", Type: types.Of(types.BigInt)}}
	out := &catalog.Relation{
		Database: "default", Name: "out", Kind: catalog.Stream, Columns: columns,
		Properties: []catalog.Property{
			{Key: "topic", Value: "out"}, {Key: "format", Value: "JSON"},
			{Key: "nexmark.table", Value: "person"}, {Key: "splits", Value: "x"},
		},
	}
	in := &catalog.Relation{
		Database: "default", Name: "source", Kind: catalog.Table, Columns: columns,
		Properties: []catalog.Property{
			{Key: "connector", Value: "Nexmark"}, {Key: "row-per-second", Value: "5"},
			{Key: "topic", Value: "in"}, {Key: "fields.a.min", Value: "1"},
		},
	}
	s.Relations["default.out"], s.Relations["default.source"] = out, in
	flow, err := c.JobText(&s, "default", "INSERT INTO out SELECT auction FROM source", conf.Defaults(conf.Job))
	if err != nil {
		t.Fatal(err)
	}
	stage := flow.Stages[0]
	if _, err := all.Of(stage.Source.Connector).NewSource(stage.Source); err != nil {
		t.Error(err)
	}
	if _, err := all.Of(stage.Sink.Connector).NewSink(stage.Sink); err != nil {
		t.Error(err)
	}
	if stage.Source.Properties["rows-per-second"] != "5" || stage.Sink.Properties["format"] != "json" {
		t.Errorf("the plan has %v and %v", stage.Source.Properties, stage.Sink.Properties)
	}
	list, err := c.Parse(`ALTER TABLE source SET ("rows-per-second"="6")`)
	if err != nil {
		t.Fatal(err)
	}
	after, change, _, err := c.Altered(in, list[0].(*ast.AlterRelation))
	if err != nil || after.Property("rows-per-second") != "6" || after.Property("row-per-second") != "" || after.Property("topic") != "in" {
		t.Errorf("%v, %v", after, err)
	}
	if !slices.Equal(change.ReplacedProperties, []string{"row-per-second"}) {
		t.Errorf("%+v", change)
	}
}
