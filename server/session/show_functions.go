package session

import (
	"context"

	"slipway/sql/ast"
	"slipway/sql/function"
)

var _ = register(statement[*ast.ShowFunctions]{right: inspect, tag: "SHOW FUNCTIONS", names: []string{"name", "kind"}, list: (*session).showFunctions})

// showFunctions lists what can be called by name.
func (s *session) showFunctions(_ context.Context, st *ast.ShowFunctions, t *table) error {
	match := like(st.Like)
	for _, name := range function.Callable() {
		if !match(name) {
			continue
		}
		kind := "scalar"
		if function.KindOf(name) == function.Aggregate {
			kind = "aggregate"
		}
		t.add(name, kind)
	}
	return nil
}
