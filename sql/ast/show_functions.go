package ast

// ShowFunctions is SHOW FUNCTIONS [LIKE 's'].
type ShowFunctions struct {
	Source
	Like *string
}

// Tag is SHOW.
func (*ShowFunctions) Tag() string { return "SHOW" }

func (s *ShowFunctions) String() string {
	if s.Like == nil {
		return "SHOW FUNCTIONS"
	}
	return "SHOW FUNCTIONS LIKE " + QuoteString(*s.Like)
}
