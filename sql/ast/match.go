package ast

// MatchRecognize is table MATCH_RECOGNIZE ( … ) [AS] alias.
type MatchRecognize struct {
	Pos int
	// MatchPos is where MATCH_RECOGNIZE stands.
	MatchPos    int
	Input       TableRef // a *TableName, *SubqueryRef or *TableFunc
	PartitionBy []Expr
	OrderBy     []OrderItem
	Measures    []SelectItem
	// AllRows is ALL ROWS PER MATCH; false is ONE ROW PER MATCH.
	AllRows bool
	// OmitEmpty is OMIT EMPTY MATCHES.
	OmitEmpty bool
	// Unmatched is WITH UNMATCHED ROWS.
	Unmatched bool
	Skip      Skip
	Pattern   Pattern
	Within    *Literal // an IntervalLiteral; nil if absent
	Subsets   []Subset
	Define    []Definition
	// Alias is empty if there is none.
	Alias    string
	AliasPos int
}

// SkipKind says where the search goes on behind a match.
type SkipKind uint8

const (
	SkipDefault SkipKind = iota // without AFTER MATCH
	SkipPastLast
	SkipToNext
	SkipToFirst // of Skip.Variable
	SkipToLast
)

// Skip is AFTER MATCH SKIP ….
type Skip struct {
	Kind     SkipKind
	Variable Ident
}

// Definition is one entry of DEFINE: variable AS condition.
type Definition struct {
	Variable Ident
	X        Expr
}

// Subset is one entry of SUBSET: a name for several variables.
type Subset struct {
	Name Ident
	Of   []Ident
}

// PatternPermute is PERMUTE(a, b, …): all of them, in any order.
type PatternPermute struct {
	Pos   int
	Items []Pattern
}

func (p *PatternPermute) Position() int { return p.Pos }

func (*PatternPermute) pattern() {}

// Pattern is the row pattern between the brackets of PATTERN ( … ).
type Pattern interface {
	Position() int
	String() string
	pattern()
}

// PatternVariable is one row that meets the variable's definition.
type PatternVariable struct {
	Pos  int
	Name string
}

// PatternSequence is one pattern after another.
type PatternSequence struct {
	Pos   int
	Items []Pattern
}

// PatternChoice is a | b: the first that matches.
type PatternChoice struct {
	Pos   int
	Items []Pattern
}

// Unbounded is the Max of a PatternRepeat without one.
const Unbounded = -1

// PatternRepeat is x*, x+, x?, x{n}, x{n,}, x{n,m} or x{,m}.
type PatternRepeat struct {
	Pos       int
	X         Pattern
	Min, Max  int
	Reluctant bool // as few as possible: a ? behind the quantifier
}

// PatternExclude is {- x -}: matched, but left out of ALL ROWS PER MATCH.
type PatternExclude struct {
	Pos int
	X   Pattern
}

func (t *MatchRecognize) Position() int { return t.Pos }

func (*MatchRecognize) table() {}

func (p *PatternVariable) Position() int { return p.Pos }
func (p *PatternSequence) Position() int { return p.Pos }
func (p *PatternChoice) Position() int   { return p.Pos }
func (p *PatternRepeat) Position() int   { return p.Pos }
func (p *PatternExclude) Position() int  { return p.Pos }

func (*PatternVariable) pattern() {}
func (*PatternSequence) pattern() {}
func (*PatternChoice) pattern()   {}
func (*PatternRepeat) pattern()   {}
func (*PatternExclude) pattern()  {}
