package analyzer

import (
	"slices"

	"slipway/sql/ast"
	"slipway/sql/logical"
)

// Inserts compiles the INSERTs of one job. What several of them read is shared.
func Inserts(in Input, list []*ast.Insert) (*logical.Statement, error) {
	if len(list) == 1 {
		return Insert(in, list[0])
	}
	out, root := &logical.Statement{}, &logical.Writes{}
	into := map[string]int{}
	for n, i := range list {
		a := newAnalysis(in)
		st, err := a.insert(i)
		if err != nil {
			return nil, err
		}
		if n == 0 || st.NoLate == nil {
			out.Late, out.NoLate = st.Late, st.NoLate
		}
		w := st.Root.(*logical.Write)
		if into[w.Name]++; into[w.Name] > 1 {
			w.Nth = into[w.Name]
		}
		root.In = append(root.In, w)
		for _, d := range st.Diverted {
			if !slices.ContainsFunc(out.Diverted, func(x *logical.Diverted) bool { return x.Stream == d.Stream }) {
				out.Diverted = append(out.Diverted, d)
			}
		}
		out.Functions = merged(out.Functions, st.Functions)
		out.Reads, out.Writes = merged(out.Reads, st.Reads), merged(out.Writes, st.Writes)
	}
	out.Root = logical.Share(root)
	return out, nil
}

// merged adds the names that are not there.
func merged(list, more []string) []string {
	for _, name := range more {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
