package ast

// Form is how a statement is written that is two words and at most one clause. The parser reads
// such statements from Forms, so one more of them is a file here and a file of server/session.
type Form struct {
	Clause FormClause
	// Make gives the statement, with what the clause says: nil where it does not stand.
	Make func(like *string, job *Name) Statement
}

// FormClause is what may stand behind the two words.
type FormClause uint8

const (
	NoClause FormClause = iota
	MayHaveLike
	MayHaveJob // FOR STREAMJOB name
	HasJob
)

// Forms has the forms by their words, in capitals with a blank between them. It is complete before
// main begins.
var Forms = map[string]Form{}

func written(words string, f Form) struct{} {
	if _, twice := Forms[words]; twice {
		panic("two statements are written " + words)
	}
	Forms[words] = f
	return struct{}{}
}

// withLike and ofJob write a clause behind the words, where it is there.
func withLike(words string, like *string) string {
	if like == nil {
		return words
	}
	return words + " LIKE " + QuoteString(*like)
}

func ofJob(words string, job *Name) string {
	if job == nil {
		return words
	}
	return words + " FOR STREAMJOB " + job.String()
}
