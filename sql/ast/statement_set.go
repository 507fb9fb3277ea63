package ast

import "strings"

// StatementSet is EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END: several INSERTs that run as
// one job. Hive's FROM t INSERT INTO a SELECT … INSERT INTO b SELECT … becomes one.
type StatementSet struct {
	Source
	// Inserts are one at least; their positions point into the user's text.
	Inserts []*Insert
}

func (*StatementSet) Tag() string { return "EXECUTE STATEMENT SET" }

func (s *StatementSet) String() string {
	var b strings.Builder
	b.WriteString("EXECUTE STATEMENT SET BEGIN ")
	for _, i := range s.Inserts {
		b.WriteString(i.String() + "; ")
	}
	return b.String() + "END"
}

// JobText is the text by which a job is stored: its one INSERT, or the set of them.
func JobText(list []*Insert) string {
	if len(list) == 1 {
		return list[0].String()
	}
	return (&StatementSet{Inserts: list}).String()
}
