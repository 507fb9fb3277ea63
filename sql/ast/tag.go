package ast

// The command tags. Row counts ("SELECT 5") are the session's business.

func (s *CreateRelation) Tag() string      { return "CREATE " + string(s.Kind) }
func (s *DropRelation) Tag() string        { return "DROP " + string(s.Kind) }
func (s *AlterRelation) Tag() string       { return "ALTER " + string(s.Kind) }
func (s *Rename) Tag() string              { return "ALTER " + string(s.Kind) }
func (*Describe) Tag() string              { return "DESCRIBE" }
func (*ShowCreate) Tag() string            { return "SHOW CREATE" }
func (*CreateDatabase) Tag() string        { return "CREATE DATABASE" }
func (*DropDatabase) Tag() string          { return "DROP DATABASE" }
func (*UseDatabase) Tag() string           { return "USE" }
func (*CreateApplication) Tag() string     { return "CREATE APPLICATION" }
func (*DropApplication) Tag() string       { return "DROP APPLICATION" }
func (s *DescribeApplication) Tag() string { return s.Verb }
func (*UseApplication) Tag() string        { return "USE APPLICATION" }

// Tag is SHOW or LIST.
func (s *ShowList) Tag() string {
	if s.List {
		return "LIST"
	}
	return "SHOW"
}

func (*CreateJob) Tag() string           { return "CREATE STREAMJOB" }
func (*StartJob) Tag() string            { return "START STREAMJOB" }
func (*StopJob) Tag() string             { return "STOP STREAMJOB" }
func (*SavepointJob) Tag() string        { return "SAVEPOINT STREAMJOB" }
func (*DropSavepoint) Tag() string       { return "DROP SAVEPOINT" }
func (*StartJobs) Tag() string           { return "START STREAMJOBS" }
func (*StopJobs) Tag() string            { return "STOP STREAMJOBS" }
func (*DropJob) Tag() string             { return "DROP STREAMJOB" }
func (*AlterJob) Tag() string            { return "ALTER STREAMJOB" }
func (s *ShowJob) Tag() string           { return s.Verb }
func (*ResolveTransactions) Tag() string { return "RESOLVE TRANSACTIONS" }
func (*ExplainJob) Tag() string          { return "EXPLAIN" }
func (*Explain) Tag() string             { return "EXPLAIN" }

func (*QueryStatement) Tag() string { return "SELECT" }
func (*Insert) Tag() string         { return "INSERT" }
func (*Copy) Tag() string           { return "COPY" }
func (*CopyFrom) Tag() string       { return "COPY" }

func (s *Transaction) Tag() string {
	if s.Kind == RollbackTo {
		return "ROLLBACK"
	}
	return string(s.Kind)
}
func (*DeclareCursor) Tag() string { return "DECLARE CURSOR" }

// Tag is FETCH or MOVE.
func (s *Fetch) Tag() string {
	if s.Move {
		return "MOVE"
	}
	return "FETCH"
}

// Tag is CLOSE CURSOR or CLOSE CURSOR ALL, as PostgreSQL says it.
func (s *CloseCursor) Tag() string {
	if s.All {
		return "CLOSE CURSOR ALL"
	}
	return "CLOSE CURSOR"
}
func (*Set) Tag() string          { return "SET" }
func (*Reset) Tag() string        { return "RESET" }
func (*ShowVariable) Tag() string { return "SHOW" }
func (s *Discard) Tag() string    { return "DISCARD " + s.What }
func (*Prepare) Tag() string      { return "PREPARE" }
func (*Execute) Tag() string      { return "EXECUTE" }

// Tag is DEALLOCATE or DEALLOCATE ALL.
func (s *Deallocate) Tag() string {
	if s.All {
		return "DEALLOCATE ALL"
	}
	return "DEALLOCATE"
}
func (*Listen) Tag() string   { return "LISTEN" }
func (*Unlisten) Tag() string { return "UNLISTEN" }
