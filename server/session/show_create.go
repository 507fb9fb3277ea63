package session

import (
	"context"
	"fmt"
	"strings"

	"slipway/conf"
	"slipway/sql/analyzer"
	"slipway/sql/ast"
	"slipway/sql/catalog"
	"slipway/sql/types"
)

var _ = register(statement[*ast.ShowCreate]{right: inspect,
	needs: onJob(catalog.Read, func(st *ast.ShowCreate) (ast.Name, bool) { return st.Name, st.Kind == ast.StreamJob }),
	names: []string{"statement"}, list: (*session).showCreate,
	tagOf: func(st *ast.ShowCreate) string { return "SHOW CREATE " + string(st.Kind) }})

func (s *session) showCreate(_ context.Context, st *ast.ShowCreate, t *table) error {
	if st.Kind == ast.StreamJob {
		j, err := s.status(st.Name)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("CREATE STREAMJOB %s AS ($$%s$$)", ast.QuoteName(j.Job.Name), j.Job.SQL)
		if p := properties(&j.Job); p != "" {
			text += " JOBPROPERTIES (" + p + ")"
		}
		t.add(text)
		return nil
	}
	if st.Kind == ast.Function {
		return s.showFunction(st.Name, t)
	}
	r, err := analyzer.Find(s.Catalog.Snapshot(), s.database, st.Name)
	if err != nil {
		return err
	}
	t.add(createText(r, s.Compiler.Options(r)))
	return nil
}

func createText(r *catalog.Relation, o *conf.Values) string {
	kind := strings.ToUpper(string(r.Kind))
	if r.Derived {
		kind = "STREAM"
	}
	if r.Kind == catalog.View {
		return fmt.Sprintf("CREATE %s %s AS %s", kind, ast.QuoteName(r.Name), r.Query)
	}
	var parts []string
	for _, c := range r.Columns {
		p := columnText(c, r.Clause(c.Name))
		if c.NotNull {
			p += " NOT NULL"
		}
		if c.Comment != "" {
			p += " COMMENT " + ast.QuoteString(c.Comment)
		}
		parts = append(parts, p)
	}
	if w := r.Watermark; w != nil {
		parts = append(parts, fmt.Sprintf("WATERMARK FOR %s AS %s - INTERVAL '%d' MILLISECOND",
			ast.QuoteName(w.Column), ast.QuoteName(w.Column), w.Delay.Milliseconds()))
	}
	if len(r.PrimaryKey) > 0 {
		names := make([]string, len(r.PrimaryKey))
		for i, k := range r.PrimaryKey {
			names[i] = ast.QuoteName(k)
		}
		parts = append(parts, "PRIMARY KEY ("+strings.Join(names, ", ")+")")
	}
	text := fmt.Sprintf("CREATE %s %s (%s)", kind, ast.QuoteName(r.Name), strings.Join(parts, ", "))
	if r.Comment != "" {
		text += " COMMENT " + ast.QuoteString(r.Comment)
	}
	if f := r.RowFormat; f != nil {
		text += fmt.Sprintf(" ROW FORMAT DELIMITED FIELDS TERMINATED BY %s", ast.QuoteString(escapeDelimiter(f.Fields)))
	}
	return text + " TBLPROPERTIES (" + shownProperties(o) + ")"
}

// columnText is a column and where its values come from.
func columnText(c types.Column, from catalog.Clause) string {
	name := ast.QuoteName(c.Name)
	if from.Computed != "" {
		return name + " AS " + from.Computed
	}
	if text := clauseText(from); text != "" {
		return name + " " + c.Type.String() + " " + text
	}
	return name + " " + c.Type.String()
}

// clauseText says where the values of a column come from, empty where they stand in records.
func clauseText(from catalog.Clause) string {
	switch {
	case from.Computed != "":
		return "AS " + from.Computed
	case from.Metadata != "" && from.Virtual:
		return "METADATA FROM " + ast.QuoteString(from.Metadata) + " VIRTUAL"
	case from.Metadata != "":
		return "METADATA FROM " + ast.QuoteString(from.Metadata)
	case from.Default != "":
		return "DEFAULT " + from.Default
	}
	return ""
}

func escapeDelimiter(d string) string {
	var b strings.Builder
	for _, c := range []byte(d) {
		if c < ' ' {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// propertyText is a property as a statement has it.
func propertyText(p conf.Property) string {
	if conf.IsReference(p.Value) {
		return fmt.Sprintf("%q=%s", p.Key, p.Value)
	}
	return fmt.Sprintf("%q=%q", p.Key, p.Value)
}

// shownProperties are those of a relation as they were declared, secrets apart.
func shownProperties(o *conf.Values) string {
	var parts []string
	for _, p := range o.Redacted() {
		if p.Key != catalog.FieldsKey {
			parts = append(parts, propertyText(p))
		}
	}
	return strings.Join(parts, ", ")
}

var _ = describe(described{chapter: "Streams, tables and views", place: 5, form: `SHOW CREATE STREAM | TABLE | VIEW | STREAMJOB name`,
	text:    "Gives the statement that would make it again. Values of secret properties are masked.",
	example: `SHOW CREATE STREAM clicks;`}, of[*ast.ShowCreate]())
