package session

import (
	"context"
	"strings"

	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/function"
)

var (
	_ = register(statement[*ast.ShowFunctions]{right: inspect,
		needs: nothing[*ast.ShowFunctions], tag: "SHOW FUNCTIONS", names: []string{"name", "kind", "group", "call", "text"}, list: (*session).showFunctions})
	_ = register(statement[*ast.DescribeFunction]{right: inspect,
		needs: nothing[*ast.DescribeFunction], tag: "DESCRIBE", names: []string{"item", "value"}, list: (*session).describeFunction})
)

var _ = showsTable("functions", &ast.ShowFunctions{})

// showFunctions lists what can be called by name.
func (s *session) showFunctions(_ context.Context, st *ast.ShowFunctions, t *table) error {
	match := like(st.Like)
	for _, name := range function.Callable() {
		if match(name) {
			d, _ := function.Describe(name)
			t.add(name, d.Kind.String(), string(d.Group), d.Form, d.Text)
		}
	}
	s.listDeclared(match, t)
	return nil
}

// describeFunction shows what is known of one, a line for each thing.
func (s *session) describeFunction(_ context.Context, st *ast.DescribeFunction, t *table) error {
	d, ok := function.Describe(st.Name)
	if !ok && s.describeDeclared(st.Name, t) {
		return nil
	}
	if !ok {
		return analyzer.NoFunction(st.Pos, st.Name)
	}
	t.add("name", d.Name)
	t.add("kind", d.Kind.String())
	t.add("group", string(d.Group))
	t.add("call", d.Form)
	t.add("text", d.Text)
	for _, line := range [][2]string{{"other names", strings.Join(function.OtherNames(d.Name), ", ")}, {"NULL and errors", d.Nulls}, {"example", d.Example}, {"result", d.Gives},
		{"follows", string(d.Follows)}, {"beside others", d.Differs}} {
		if line[1] != "" {
			t.add(line[0], line[1])
		}
	}
	return nil
}

var _ = describe(described{chapter: "Functions", place: 2, form: `SHOW FUNCTIONS [LIKE 's']`,
	text:    "Lists the functions; [functions.md](functions.md) is the same as a page.",
	example: `SHOW FUNCTIONS LIKE 'date%';`}, of[*ast.ShowFunctions]())

var _ = describe(described{chapter: "Functions", place: 3, form: `DESCRIBE FUNCTION name`,
	text:    "Shows what is known of one.",
	example: `DESCRIBE FUNCTION coalesce;`}, of[*ast.DescribeFunction]())
