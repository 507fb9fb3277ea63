package parser

import (
	"testing"

	"slipway/sql/ast"
	"slipway/sql/types"
)

// TestNestedTypesAreWrittenAsTheyAreRead: the text of a type is the parser's normal form of it.
func TestNestedTypesAreWrittenAsTheyAreRead(t *testing.T) {
	number, text := types.NewDecimal(12, 2), types.Of(types.Varchar).WithLength(10)
	row := types.NewStruct(types.Field{Name: "a", Type: number}, types.Field{Name: "two words", Type: text}, types.Field{Name: "select", Type: number})
	for _, typ := range []types.Type{types.NewArray(number), types.NewMap(text, types.NewArray(types.NewTimestamp(6))), types.NewArray(row), types.NewMap(text, row)} {
		want := typ.Text(ast.QuoteName)
		list, err := Parse("CREATE STREAM s (c " + want + ")")
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		c := list[0].(*ast.CreateRelation).Columns[0].Type
		if c.Text != want || c.Type != typ {
			t.Errorf("%s is read as %s, %s", want, c.Type, c.Text)
		}
	}
}
