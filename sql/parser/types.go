package parser

import (
	"strconv"
	"strings"

	"slipway/sql/ast"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
)

// typeNames are all spellings of the types: Hive's, MySQL's and PostgreSQL's.
var typeNames = map[string]types.Kind{
	"BOOLEAN": types.Boolean, "BOOL": types.Boolean,
	"TINYINT": types.TinyInt, "INT1": types.TinyInt,
	"SMALLINT": types.SmallInt, "INT2": types.SmallInt,
	"INT": types.Int, "INTEGER": types.Int, "INT4": types.Int, "SIGNED": types.BigInt,
	"BIGINT": types.BigInt, "INT8": types.BigInt,
	"FLOAT": types.Float, "REAL": types.Float, "FLOAT4": types.Float,
	"DOUBLE": types.Double, "FLOAT8": types.Double,
	"DECIMAL": types.Decimal, "NUMERIC": types.Decimal, "DEC": types.Decimal,
	"STRING": types.String, "TEXT": types.String,
	"VARCHAR": types.Varchar, "VARCHAR2": types.Varchar,
	"CHAR": types.Char, "CHARACTER": types.Char, "BPCHAR": types.Char,
	"BINARY": types.Binary, "VARBINARY": types.Binary, "BYTES": types.Binary, "BYTEA": types.Binary, "BLOB": types.Binary,
	"DATE": types.Date, "INTERVAL": types.Interval,
	"TIMESTAMP": types.Timestamp, "DATETIME": types.Timestamp,
	"JSON": types.JSON, "JSONB": types.JSON, "UUID": types.UUID,
	"ARRAY": types.Array, "MAP": types.Map, "STRUCT": types.Struct, "ROW": types.Struct,
}

// plainKind tells a type whose values are written as one text.
func plainKind(k types.Kind) bool { return k != types.Array && k != types.Map && k != types.Struct }

// maxTypeDepth bounds ARRAY<ARRAY<…>>: the sign < is no bracket to the limits.
const maxTypeDepth = 16

// typeName reads a type.
func (c *cursor) typeName() (ast.TypeName, error) { return c.typeAt(0) }

func (c *cursor) typeAt(depth int) (ast.TypeName, error) {
	t, err := c.elementType(depth)
	for err == nil && c.peek().is("[") {
		if depth+t.Type.Depth() >= maxTypeDepth {
			return t, tooNested(t.Pos)
		}
		c.i++
		if c.peek().kind == numberToken {
			c.i++ // a length says nothing, as in PostgreSQL
		}
		err = c.expect("]")
		of := t
		t = ast.TypeName{Pos: of.Pos, Text: of.Text + "[]", Elements: []ast.TypeElement{{Name: ast.Ident{Pos: ast.NoPos}, Type: of}}, Missing: of.Missing}
		t.Type = nestedType(types.Array, t.Elements)
	}
	return t, err
}

func tooNested(at int) error {
	return sqlerr.At(at, sqlerr.TooComplex, "type is nested more than %d levels deep", maxTypeDepth)
}

// elementType reads a type up to a [ ] behind it.
func (c *cursor) elementType(depth int) (ast.TypeName, error) {
	if c.peek().is("PG_CATALOG") && c.ahead(1).is(".") {
		c.i += 2
	}
	t, at := c.peek(), c.pos()
	if t.kind != wordToken {
		return ast.TypeName{}, c.unexpected().WithHint("Expected a type: INT, BIGINT, DOUBLE, DECIMAL(p,s), STRING, TIMESTAMP …")
	}
	if t.has(foreignType) {
		return ast.TypeName{}, unsupported(at, "type "+t.upper).WithHint("%s", typeHint(t.upper))
	}
	if base, ok := timeTypes[t.upper]; ok {
		return c.timeType(base)
	}
	kind, ok := typeNames[t.upper]
	if !ok {
		return ast.TypeName{}, sqlerr.At(at, sqlerr.UndefinedObject, "type \"%s\" does not exist", t.value).WithHint("%s", typeHint(t.upper))
	}
	c.i++
	if kind == types.Char && t.upper == "CHARACTER" && c.accept("VARYING") {
		kind = types.Varchar
	}
	if kind == types.Double {
		c.accept("PRECISION")
	}
	if kind >= types.Array && kind <= types.Struct {
		return c.nested(kind, at, depth)
	}
	if t.is("NUMERIC") && !c.peek().is("(") {
		return ast.TypeName{Pos: at, Type: types.Of(kind), Text: "NUMERIC", AnyDigits: true}, nil
	}
	if kind == types.Interval {
		c.intervalFields()
	}
	typ, err := c.parameters(kind)
	if err != nil {
		return ast.TypeName{}, err
	}
	if typ.IsInteger() && c.accept("UNSIGNED") {
		typ = unsigned(typ)
	}
	if kind == types.Timestamp && c.zone() {
		typ = types.NewTimestampTZ(typ.Precision)
	}
	return ast.TypeName{Pos: at, Type: typ, Text: typ.String()}, nil
}

// timeTypes are types of time by their long forms. TIME with a zone is read and not there.
var timeTypes = map[string]string{
	"TIME": "TIME", "TIMETZ": "TIME" + withZone, "TIMESTAMPTZ": "TIMESTAMP" + withZone, "TIMESTAMP_LTZ": "TIMESTAMP" + withZone,
}

const withZone = " WITH TIME ZONE"

// timeType reads TIME or one of its like, of which base is the long form.
func (c *cursor) timeType(base string) (ast.TypeName, error) {
	t, at := c.peek(), c.pos()
	c.i++
	name, zoned := strings.CutSuffix(base, withZone)
	kind := types.Time
	if name == "TIMESTAMP" {
		kind = types.TimestampTZ
	}
	typ, err := c.parameters(kind)
	if err != nil {
		return ast.TypeName{}, err
	}
	if kind == types.Time && (c.zone() || zoned) { // nobody has a type for it
		if name = t.upper; !zoned {
			name += withZone
		}
		return ast.TypeName{Pos: at, Text: typ.String() + withZone, Missing: &ast.MissingType{Pos: at, Text: "type " + name}}, nil
	}
	return ast.TypeName{Pos: at, Type: typ, Text: typ.String()}, nil
}

// parameters reads (n) or (p, s) behind a type.
func (c *cursor) parameters(kind types.Kind) (types.Type, error) {
	typ := types.Of(kind)
	at := c.pos()
	numbers, err := c.numbers()
	if err != nil {
		return typ, err
	}
	switch kind {
	case types.Decimal:
		typ, err = decimalType(at, numbers)
	case types.Varchar, types.Char, types.Binary, types.String:
		err = lengthOf(at, &typ, numbers)
	case types.Timestamp, types.TimestampTZ, types.Time:
		if len(numbers) > 0 {
			typ.Precision = numbers[0]
		}
		if len(numbers) > 1 || typ.Precision > types.MaxTimestampPrecision {
			name, _, _ := strings.Cut(kind.String(), " ")
			return typ, sqlerr.At(at, sqlerr.InvalidParameter, "%s has 0 to %d digits", name, types.MaxTimestampPrecision)
		}
	case types.TinyInt, types.SmallInt, types.Int, types.BigInt, types.Interval:
		// INT(11): a display width, without meaning. INTERVAL has six digits.
		err = atMost(at, numbers, 1)
	default:
		err = atMost(at, numbers, 0)
	}
	return typ, err
}

func atMost(at int, numbers []int, n int) error {
	if len(numbers) > n {
		return sqlerr.At(at, sqlerr.SyntaxError, "too many parameters for this type")
	}
	return nil
}

// zone reads WITHOUT TIME ZONE, or tells that WITH [LOCAL] TIME ZONE follows.
func (c *cursor) zone() bool {
	c.acceptAll("WITHOUT", "TIME", "ZONE")
	return c.acceptAll("WITH", "TIME", "ZONE") || c.acceptAll("WITH", "LOCAL", "TIME", "ZONE")
}

// intervalFields reads YEAR TO MONTH or DAY TO SECOND behind the type INTERVAL: it has all fields in any case.
func (c *cursor) intervalFields() {
	if _, ok := intervalUnits[c.peek().upper]; !ok {
		return
	}
	if c.i++; c.accept("TO") {
		c.i++
	}
}

// numbers reads an optional ( n, … ).
func (c *cursor) numbers() ([]int, error) {
	if !c.accept("(") {
		return nil, nil
	}
	var list []int
	for {
		t := c.peek()
		n, err := strconv.Atoi(t.value)
		if t.kind != numberToken || err != nil {
			return nil, c.unexpected().WithHint("Expected a number here.")
		}
		c.i++
		list = append(list, n)
		if !c.accept(",") {
			return list, c.expect(")")
		}
	}
}

func decimalType(at int, numbers []int) (types.Type, error) {
	typ := types.Of(types.Decimal)
	if len(numbers) > 0 {
		typ = types.NewDecimal(numbers[0], 0)
	}
	if len(numbers) > 1 {
		typ.Scale = numbers[1]
	}
	if typ.Precision < 1 || typ.Precision > types.MaxDecimalPrecision || typ.Scale > typ.Precision || len(numbers) > 2 {
		return typ, sqlerr.At(at, sqlerr.InvalidParameter, "DECIMAL(p,s) has 1 to %d digits p and at most p decimals s", types.MaxDecimalPrecision)
	}
	return typ, nil
}

func lengthOf(at int, typ *types.Type, numbers []int) error {
	if len(numbers) == 0 {
		return nil
	}
	if len(numbers) > 1 || numbers[0] < 1 || numbers[0] > types.MaxCharLength {
		return sqlerr.At(at, sqlerr.InvalidParameter, "the length of %s is 1 to %d", typ.Kind, types.MaxCharLength)
	}
	if typ.Kind == types.Varchar || typ.Kind == types.Char {
		*typ = typ.WithLength(numbers[0])
	}
	return nil
}

// nested reads ARRAY<t>, MAP<k,v> and STRUCT<name: t, …>. >> is one token and closes two.
func (c *cursor) nested(kind types.Kind, at, depth int) (ast.TypeName, error) {
	if depth >= maxTypeDepth {
		return ast.TypeName{}, tooNested(at)
	}
	if err := c.expect("<"); err != nil {
		return ast.TypeName{}, err
	}
	t := ast.TypeName{Pos: at}
	var parts []string
	for {
		e, err := c.typeElement(kind, depth)
		if err != nil {
			return ast.TypeName{}, err
		}
		t.Elements = append(t.Elements, e)
		if e.Type.Missing != nil && t.Missing == nil {
			t.Missing = e.Type.Missing
		}
		parts = append(parts, e.String())
		if !c.accept(",") {
			break
		}
	}
	if want := map[types.Kind]int{types.Array: 1, types.Map: 2}[kind]; want != 0 && want != len(parts) {
		return ast.TypeName{}, sqlerr.At(at, sqlerr.SyntaxError, "%s has %d type(s) between < and >", kind, want)
	}
	if err := differ(t.Elements); err != nil {
		return ast.TypeName{}, err
	}
	t.Type = nestedType(kind, t.Elements)
	t.Text = kind.String() + "<" + strings.Join(parts, ", ") + ">"
	return t, c.closeAngle()
}

// nestedType is the type that is made of elements, of which there are as many as it has.
func nestedType(kind types.Kind, elements []ast.TypeElement) types.Type {
	switch kind {
	case types.Array:
		return types.NewArray(elements[0].Type.Type)
	case types.Map:
		return types.NewMap(elements[0].Type.Type, elements[1].Type.Type)
	}
	fields := make([]types.Field, len(elements))
	for i, e := range elements {
		fields[i] = types.Field{Name: e.Name.Name, Type: e.Type.Type}
	}
	return types.NewStruct(fields...)
}

// differ refuses two fields of one name.
func differ(elements []ast.TypeElement) error {
	for i, e := range elements {
		for _, f := range elements[:i] {
			if e.Name.Name != "" && strings.EqualFold(e.Name.Name, f.Name.Name) {
				return sqlerr.At(e.Name.Pos, sqlerr.DuplicateColumn, "field %q is declared twice", e.Name.Name)
			}
		}
	}
	return nil
}

// typeElement reads the type of an ARRAY or MAP, or the field of a STRUCT: name type or name: type.
func (c *cursor) typeElement(kind types.Kind, depth int) (e ast.TypeElement, err error) {
	e.Name.Pos = ast.NoPos
	if kind == types.Struct {
		if e.Name, err = c.ident(); err != nil {
			return e, err
		}
		c.accept(":")
	}
	e.Type, err = c.typeAt(depth + 1)
	return e, err
}

func (c *cursor) closeAngle() error {
	if t := c.peek(); t.is(">>") {
		// The statement's own token list: half of the sign stays for the outer type.
		c.toks[c.i] = token{kind: opToken, start: t.start + 1, end: t.end, value: ">", upper: ">"}
		return nil
	}
	return c.expect(">")
}

// unsigned is the type that holds all numbers of an integer type without sign: the next wider one.
func unsigned(t types.Type) types.Type {
	switch t.Kind {
	case types.TinyInt:
		return types.Of(types.SmallInt)
	case types.SmallInt:
		return types.Of(types.Int)
	case types.Int:
		return types.Of(types.BigInt)
	}
	return types.NewDecimal(20, 0)
}
