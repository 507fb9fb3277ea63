package ast

import (
	"fmt"
	"strconv"
	"strings"
)

func (p Property) String() string {
	if p.Secret {
		return QuoteString(p.Key) + "=" + p.Value
	}
	return QuoteString(p.Key) + "=" + QuoteString(p.Value)
}

func properties(list []Property) string { return "(" + joined(list, Property.String) + ")" }

func optional(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

func (c ColumnDef) String() string {
	s := c.Ident.String()
	switch {
	case c.As != nil:
		s += " AS (" + c.As.X.String() + ")"
	case c.Metadata != "":
		s += " " + c.Type.Text + " METADATA FROM " + QuoteString(c.Metadata) + optional(c.Virtual, " VIRTUAL")
	default:
		s += " " + c.Type.Text
	}
	if c.Default != nil {
		s += " DEFAULT (" + c.Default.X.String() + ")"
	}
	s += optional(c.NotNull, " NOT NULL") + optional(c.PrimaryKey, " PRIMARY KEY")
	if c.Comment != "" {
		s += " COMMENT " + QuoteString(c.Comment)
	}
	return s
}

func (s *CreateRelation) String() string {
	var b strings.Builder
	b.WriteString("CREATE " + optional(s.OrReplace, "OR REPLACE ") + string(s.Kind) + " ")
	b.WriteString(optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String())
	b.WriteString(s.elements())
	if s.Comment != "" {
		b.WriteString(" COMMENT " + QuoteString(s.Comment))
	}
	b.WriteString(s.RowFormat.String())
	if s.PropertiesPos >= 0 {
		b.WriteString(" TBLPROPERTIES " + properties(s.Properties))
	}
	if s.Query != nil {
		b.WriteString(" AS " + s.Query.String())
	}
	return b.String()
}

// elements writes the bracket of columns, watermark and primary key.
func (s *CreateRelation) elements() string {
	var parts []string
	for _, c := range s.Columns {
		parts = append(parts, c.String())
	}
	if s.Watermark != nil {
		parts = append(parts, fmt.Sprintf("WATERMARK FOR %s AS %s", s.Watermark.Column, s.Watermark.X))
	}
	if len(s.PrimaryKey) > 0 {
		parts = append(parts, "PRIMARY KEY"+columnList(s.PrimaryKey))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (r *RowFormat) String() string {
	if r == nil {
		return ""
	}
	s := " ROW FORMAT DELIMITED"
	if r.Fields != nil {
		s += " FIELDS TERMINATED BY " + escaped(r.Fields.Text)
	}
	if r.Lines != nil {
		s += " LINES TERMINATED BY " + escaped(r.Lines.Text)
	}
	return s
}

// escaped writes a delimiter, whose string has backslash escapes.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return QuoteString(b.String())
}

func (s *DropRelation) String() string {
	return "DROP " + string(s.Kind) + " " + optional(s.IfExists, "IF EXISTS ") + joined(s.Names, Name.String)
}

func (s *AlterRelation) String() string {
	return "ALTER " + string(s.Kind) + " " + s.Name.String() + " SET " + properties(s.Properties)
}

func (s *Rename) String() string {
	return "ALTER " + string(s.Kind) + " " + s.Name.String() + " RENAME TO " + s.To.String()
}

func (s *Describe) String() string {
	return "DESCRIBE " + optional(s.Kind != AnyKind, string(s.Kind)+" ") + s.Name.String()
}

func (s *ShowCreate) String() string { return "SHOW CREATE " + string(s.Kind) + " " + s.Name.String() }

func (s *ShowList) String() string {
	text := s.Tag() + " " + string(s.Kind) + "S"
	if s.DB != nil {
		text += " FROM " + s.DB.String()
	}
	if s.Like != nil {
		text += " LIKE " + QuoteString(*s.Like)
	}
	return text
}

func (s *CreateDatabase) String() string {
	return "CREATE DATABASE " + optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String()
}

func (s *DropDatabase) String() string {
	return "DROP DATABASE " + optional(s.IfExists, "IF EXISTS ") + s.Name.String() + optional(s.Cascade, " CASCADE")
}

func (s *UseDatabase) String() string { return "USE " + s.Name.String() }

func (s *CreateApplication) String() string {
	return "CREATE APPLICATION " + optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String()
}

func (s *DropApplication) String() string {
	return "DROP APPLICATION " + optional(s.IfExists, "IF EXISTS ") + s.Name.String()
}

func (s *DescribeApplication) String() string { return s.Verb + " APPLICATION " + s.Name.String() }
func (s *UseApplication) String() string      { return "USE APPLICATION " + s.Name.String() }

func (s *CreateJob) String() string {
	body := JobText(s.Inserts)
	tag := dollarTag(body)
	text := "CREATE STREAMJOB " + optional(s.IfNotExists, "IF NOT EXISTS ") + s.Name.String() +
		" AS (" + tag + body + tag + ")"
	if s.PropertiesPos >= 0 {
		text += " JOBPROPERTIES " + properties(s.Properties)
	}
	return text
}

// dollarTag finds a dollar quote that body does not contain.
func dollarTag(body string) string {
	tag := "$$"
	for i := 0; strings.Contains(body, tag); i++ {
		tag = "$q" + strconv.Itoa(i) + "$"
	}
	return tag
}

func (s *StartJob) String() string {
	text := "START STREAMJOB " + s.Name.String()
	switch s.Mode {
	case StartCheckpoint:
		return text + " FROM CHECKPOINT " + strconv.FormatInt(s.Checkpoint, 10)
	case StartSavepoint:
		return text + " FROM SAVEPOINT " + QuoteString(s.Savepoint)
	case StartFresh:
		return text + " FROM FRESH"
	}
	return text
}

func (s *StopJob) String() string {
	text := "STOP STREAMJOB " + s.Name.String() + optional(s.WithSavepoint, " WITH SAVEPOINT")
	return text + optional(s.Savepoint != "", " "+QuoteString(s.Savepoint))
}

func (s *SavepointJob) String() string {
	return "SAVEPOINT STREAMJOB " + s.Name.String() + optional(s.Savepoint != "", " "+QuoteString(s.Savepoint))
}

func (s *DropSavepoint) String() string {
	return "DROP SAVEPOINT " + optional(s.IfExists, "IF EXISTS ") + QuoteString(s.Savepoint) +
		" FOR STREAMJOB " + s.Name.String()
}

func (s *StartJobs) String() string { return s.Tag() }
func (s *StopJobs) String() string  { return s.Tag() }

func (s *DropJob) String() string {
	return "DROP STREAMJOB " + optional(s.IfExists, "IF EXISTS ") + s.Name.String()
}

func (s *AlterJob) String() string {
	return "ALTER STREAMJOB " + s.Name.String() + " SET " + properties(s.Properties)
}

func (s *ShowJob) String() string { return s.Verb + " STREAMJOB " + s.Name.String() }

func (s *ResolveTransactions) String() string {
	verb := "ABORT"
	if s.Commit {
		verb = "COMMIT"
	}
	return "RESOLVE TRANSACTIONS FOR STREAMJOB " + s.Job.String() + " " + verb
}

func (s *ExplainJob) String() string {
	return "EXPLAIN " + optional(s.Analyze, "ANALYZE ") + "STREAMJOB " + s.Name.String()
}
func (s *Explain) String() string { return "EXPLAIN " + s.Statement.String() }
func (s *QueryStatement) String() string {
	return s.Query.String() + optional(s.EmitChanges, " EMIT CHANGES")
}

func (s *Insert) String() string {
	return "INSERT INTO " + s.Table.String() + columnList(s.Columns) + " " + s.Query.String()
}

func (s *Copy) String() string {
	return "COPY (" + s.Query.String() + ") TO STDOUT WITH (" + s.options() + ")"
}

func (s *CopyFrom) String() string {
	return "COPY " + s.Table.String() + columnList(s.Columns) + " FROM STDIN WITH (" + s.options() + ")"
}

func (s *CopyOptions) options() string {
	opts := []string{"FORMAT " + string(s.Format)}
	add := func(on bool, text string) {
		if on {
			opts = append(opts, text)
		}
	}
	add(s.Header && !s.Match, "HEADER")
	add(s.Match, "HEADER MATCH")
	add(s.Delimiter != "", "DELIMITER "+QuoteString(s.Delimiter))
	add(s.NullSet, "NULL "+QuoteString(s.Null))
	add(s.Quote != "", "QUOTE "+QuoteString(s.Quote))
	add(s.Escape != "", "ESCAPE "+QuoteString(s.Escape))
	return strings.Join(opts, ", ")
}

func (s *Transaction) String() string {
	text := string(s.Kind)
	if s.Name.Name != "" {
		text += " " + s.Name.String()
	}
	if len(s.Modes) > 0 {
		text += " " + strings.Join(s.Modes, ", ")
	}
	return text + optional(s.Chain, " AND CHAIN")
}

func (s *DeclareCursor) String() string {
	return "DECLARE " + s.Name.String() + optional(s.Binary, " BINARY") + optional(s.Scroll, " SCROLL") + " CURSOR" +
		optional(s.Hold, " WITH HOLD") + " FOR " + s.Query.String() + optional(s.EmitChanges, " EMIT CHANGES")
}

func (s *Fetch) String() string {
	text := s.Tag() + " " + [...]string{"FORWARD ", "BACKWARD ", "ABSOLUTE ", "RELATIVE "}[s.Direction]
	if s.All {
		text += "ALL"
	} else {
		text += strconv.FormatInt(s.Count, 10)
	}
	text += " FROM " + s.Cursor.String()
	return text + optional(s.Timeout != "", " WITH (TIMEOUT = "+QuoteString(s.Timeout)+")")
}

func (s *CloseCursor) String() string {
	if s.All {
		return "CLOSE ALL"
	}
	return "CLOSE " + s.Name.String()
}

func (s *Set) String() string {
	text := "SET " + optional(s.Scope == LocalScope, "LOCAL ") + settingName(s.Name) + " TO "
	if s.Default {
		return text + "DEFAULT"
	}
	return text + joined(s.Values, QuoteString)
}

// settingName writes a.b.c as it stands where its parts are plain words.
func settingName(name string) string {
	parts := strings.Split(name, ".")
	for i, p := range parts {
		if !plainName(p) {
			parts[i] = QuoteName(p)
		}
	}
	return strings.Join(parts, ".")
}

func (s *Reset) String() string {
	if s.All {
		return "RESET ALL"
	}
	return "RESET " + settingName(s.Name)
}

func (s *ShowVariable) String() string {
	if s.All {
		return "SHOW ALL"
	}
	return "SHOW " + settingName(s.Name)
}

func (s *Discard) String() string { return "DISCARD " + s.What }

func (s *Prepare) String() string {
	types := ""
	if len(s.Types) > 0 {
		types = " (" + joined(s.Types, func(t TypeName) string { return t.Text }) + ")"
	}
	return "PREPARE " + s.Name.String() + types + " AS " + s.Statement.String()
}

func (s *Execute) String() string {
	if len(s.Args) == 0 {
		return "EXECUTE " + s.Name.String()
	}
	return "EXECUTE " + s.Name.String() + " (" + exprList(s.Args) + ")"
}

func (s *Deallocate) String() string {
	if s.All {
		return "DEALLOCATE ALL"
	}
	return "DEALLOCATE " + s.Name.String()
}

func (s *Listen) String() string { return "LISTEN " + s.Channel.String() }

func (s *Unlisten) String() string {
	if s.All {
		return "UNLISTEN *"
	}
	return "UNLISTEN " + s.Channel.String()
}
