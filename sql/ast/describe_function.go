package ast

// DescribeFunction is DESCRIBE | DESC FUNCTION name.
type DescribeFunction struct {
	Source
	Pos  int
	Name string // in small letters
}

// Tag is DESCRIBE.
func (*DescribeFunction) Tag() string { return "DESCRIBE" }

func (s *DescribeFunction) String() string { return "DESCRIBE FUNCTION " + QuoteName(s.Name) }
