package node

import (
	"context"
	"fmt"
	"strings"

	"slipway/server/auth"
	"slipway/server/pgwire"
	"slipway/server/session"
	"slipway/sql/sqlerr"
)

// demoStatements make the demo: orders made up by datagen, counted per product in
// windows of ten seconds.
var demoStatements = []string{
	`CREATE TABLE IF NOT EXISTS demo_orders (id BIGINT, product STRING, amount DECIMAL(10,2), ordered TIMESTAMP(3), WATERMARK FOR ordered AS ordered - INTERVAL '1' SECOND)
		TBLPROPERTIES ("connector"="datagen", "rows-per-second"="200", "fields.id.kind"="sequence", "fields.product.values"="tea,coffee,cocoa", "fields.amount.max"="500")`,
	`CREATE STREAM IF NOT EXISTS demo_totals (product STRING, window_start TIMESTAMP(3), orders BIGINT, total DECIMAL(38,2))
		TBLPROPERTIES ("topic"="demo_totals", "format"="json")`,
	`CREATE STREAMJOB IF NOT EXISTS demo_job AS ("insert into demo_totals select product, window_start, count(*), sum(amount)
		from table(tumble(table demo_orders, descriptor(ordered), interval '2' second)) group by product, window_start, window_end")
		JOBPROPERTIES ("morphling.job.enable.checkpoint"="true", "morphling.job.checkpoint.interval"="5000", "morphling.job.enable.auto.failover"="true")`,
}

// demo runs the demo's statements as a client would.
func (n *Node) demo() error {
	ctx := context.Background()
	s, err := n.handler.NewSession(ctx, pgwire.Startup{User: "demo", Identity: auth.Identity{User: "demo", Owner: true}, Database: "default", Notice: func(*sqlerr.Error) {}})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.Parse(strings.Join(demoStatements, ";\n"))
	if err != nil {
		return fmt.Errorf("making the demo: %w", err)
	}
	for _, st := range list {
		r, err := s.Execute(ctx, st, nil)
		if err != nil {
			return fmt.Errorf("making the demo: %w", err)
		}
		r.Close()
	}
	return nil
}

var _ pgwire.Handler = (*session.Handler)(nil)
