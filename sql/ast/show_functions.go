package ast

// ShowFunctions is SHOW FUNCTIONS [LIKE 's'].
type ShowFunctions struct {
	Source
	Like *string
}

var _ = written("SHOW FUNCTIONS", Form{Clause: MayHaveLike, Make: func(like *string, _ *Name) Statement { return &ShowFunctions{Like: like} }})

// Tag is SHOW.
func (*ShowFunctions) Tag() string { return "SHOW" }

func (s *ShowFunctions) String() string { return withLike("SHOW FUNCTIONS", s.Like) }
