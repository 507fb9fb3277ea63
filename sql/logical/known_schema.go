package logical

import (
	"slices"

	"slipway/sql/types"
)

// knownSchema is the schema of a join as it was asked for last. A tree of joins asks for those below at each of them, which without
// it takes a time that grows with a high power of their number. It is that of one node with these inputs: a copy makes its own.
type knownSchema struct {
	of          Node
	left, right Node
	kind        JoinKind
	schema      types.Schema
}

// get gives the schema that is known, or makes it.
func (k *knownSchema) get(of, left, right Node, kind JoinKind, made func() types.Schema) types.Schema {
	if k.of != of || k.left != left || k.right != right || k.kind != kind {
		*k = knownSchema{of, left, right, kind, slices.Clip(made())}
	}
	return k.schema
}
