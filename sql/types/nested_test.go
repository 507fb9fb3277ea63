package types_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/sql/types"
)

// random makes a type of any kind, nested up to a depth.
func random(r *rand.Rand, depth int) types.Type {
	if depth > 0 && r.IntN(2) == 0 {
		switch r.IntN(3) {
		case 0:
			return types.NewArray(random(r, depth-1))
		case 1:
			return types.NewMap(random(r, 0), random(r, depth-1))
		}
		fields := make([]types.Field, 1+r.IntN(4))
		for i := range fields {
			fields[i] = types.Field{Name: fmt.Sprint(strings.Repeat("`", r.IntN(3)), "f<", i, strings.Repeat(": `", r.IntN(2))), Type: random(r, depth-1)}
		}
		return types.NewStruct(fields...)
	}
	switch p := r.IntN(7); r.IntN(6) {
	case 0:
		return types.NewDecimal(1+r.IntN(38), r.IntN(2))
	case 1:
		return types.NewTimestamp(p)
	case 2:
		return types.NewTimestampTZ(p)
	case 3:
		return types.NewTime(p)
	case 4:
		return types.Of(types.Varchar).WithLength(1 + r.IntN(100))
	}
	return types.Of(types.Kind(r.IntN(22)))
}

// TestNestedTypesAreValues: made twice, or read from the stored form, a type is the same.
func TestNestedTypesAreValues(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for i := range uint64(2000) {
		a, b := random(rand.New(rand.NewPCG(seed, i)), 4), random(rand.New(rand.NewPCG(seed, i)), 4)
		if a != b || !map[types.Type]bool{a: true}[b] {
			t.Fatalf("seed %d: %s is not itself", seed, a)
		}
		if back, err := types.ParseStored(a.Stored()); err != nil || back != a {
			t.Fatalf("seed %d: %s is read as %s, %v", seed, a.Stored(), back, err)
		}
		if other := types.NewArray(a); other == a || other.Bare() != types.Of(types.Array) || other.Depth() != a.Depth()+1 {
			t.Fatalf("seed %d: %s beside %s", seed, other, a)
		}
	}
}

// TestStoredNestedForms pins the text of nested types. A line may be added, none may change.
func TestStoredNestedForms(t *testing.T) {
	for want, typ := range map[string]types.Type{
		"ARRAY<DECIMAL(12,2)>":               types.NewArray(types.NewDecimal(12, 2)),
		"MAP<STRING, ARRAY<TIMESTAMPTZ(3)>>": types.NewMap(types.Of(types.String), types.NewArray(types.NewTimestampTZ(3))),
		"STRUCT<`a`: BIGINT, ```b: c`: JSON>": types.NewStruct(
			types.Field{Name: "a", Type: types.Of(types.BigInt)}, types.Field{Name: "`b: c", Type: types.Of(types.JSON)}),
	} {
		if got := typ.Stored(); got != want {
			t.Errorf("%s is stored as %s", typ, got)
		}
		b, err := json.Marshal(types.Column{Name: "c", Type: typ})
		var back types.Column
		if err2 := json.Unmarshal(b, &back); err != nil || err2 != nil || back.Type != typ {
			t.Errorf("%s is read as %s, %v, %v", b, back.Type, err, err2)
		}
	}
}

func TestFieldsOfNestedTypes(t *testing.T) {
	text, num := types.Of(types.String), types.Of(types.Int)
	row := types.NewStruct(types.Field{Name: "a", Type: text}, types.Field{Name: "b c", Type: types.NewArray(num)})
	if got := fmt.Sprint(types.NewMap(text, row).Fields()); got != "[{ STRING} { STRUCT<a: STRING, `b c`: ARRAY<INT>>}]" {
		t.Error(got)
	}
	if text.Fields() != nil || types.Of(types.Struct).Fields() != nil {
		t.Error("what is not nested has fields")
	}
	if types.NewStruct(types.Field{Name: "a", Type: text}) == types.NewStruct(types.Field{Name: "A", Type: text}) {
		t.Error("the names of the fields do not count")
	}
}

func TestNestedOIDs(t *testing.T) {
	for want, typ := range map[uint32]types.Type{
		1016: types.NewArray(types.Of(types.BigInt)), 1231: types.NewArray(types.NewDecimal(20, 2)), 199: types.NewArray(types.Of(types.JSON)),
		1007: types.NewArray(types.NewArray(types.Of(types.Int))), 2249: types.NewStruct(types.Field{Name: "a"}), 2287: types.NewArray(types.NewArray(types.NewStruct(types.Field{Name: "a"}))),
		1184: types.NewTimestampTZ(3), 1083: types.NewTime(0), 1009: types.NewArray(types.Of(types.Null)),
	} {
		if typ.OID() != want {
			t.Errorf("%s is shown as %d, want %d", typ, typ.OID(), want)
		}
	}
	for k := types.Kind(0); k.Known(); k++ {
		if typ := types.NewArray(types.Of(k)); typ.OID() == 0 {
			t.Errorf("%s has no number", typ)
		}
	}
	for _, typ := range []types.Type{types.NewMap(types.Of(types.Int), types.Of(types.Int)), types.Of(types.Struct), types.Of(types.Array)} {
		if typ.OID() != types.OIDJSON {
			t.Errorf("%s is shown as %d", typ, typ.OID())
		}
	}
	for want, typ := range map[uint32]types.Type{
		23: types.Of(types.Int), 1007: types.NewArray(types.NewArray(types.Of(types.Int))), 114: types.NewStruct(types.Field{Name: "a"}),
	} {
		if got := typ.ParameterOID(); got != want {
			t.Errorf("a parameter of %s is %d, want %d", typ, got, want)
		}
	}
}

func TestStrangeNestedForms(t *testing.T) {
	deep := strings.Repeat("ARRAY<", types.MaxDepth+1) + "INT" + strings.Repeat(">", types.MaxDepth+1)
	for _, text := range []string{
		"ARRAY<>", "ARRAY<INT", "ARRAY<INT, INT>", "MAP<INT>", "MAP<INT,INT>", "STRUCT<INT>", "STRUCT<a: INT>", "STRUCT<`a`INT>", "STRUCT<`a: INT>",
		"ARRAY<INT>>", "INT<INT>", "ARRAY(3)", deep,
	} {
		if typ, err := types.ParseStored(text); err == nil {
			t.Errorf("%s is read as %s", text, typ)
		}
	}
}

// TestTypesTravelInRegisters: the compiler keeps a struct in registers up to four fields and
// four words. Decimal kernels, which ask for types at each row, ran at half the speed with five.
func TestTypesTravelInRegisters(t *testing.T) {
	typ := reflect.TypeFor[types.Type]()
	if typ.NumField() > 4 || typ.Size() > 4*reflect.TypeFor[uintptr]().Size() {
		t.Errorf("types.Type has %d fields in %d bytes", typ.NumField(), typ.Size())
	}
}

// TestLengths: VARCHAR(n) is another type than VARCHAR and VARCHAR(m), and nests nothing.
func TestLengths(t *testing.T) {
	plain := types.Of(types.Varchar)
	ten := plain.WithLength(10)
	if ten == plain || ten != types.Of(types.Varchar).WithLength(10) || ten.WithLength(0) != plain || ten.WithLength(3) == ten {
		t.Error("lengths do not tell types apart")
	}
	if ten.Length() != 10 || plain.Length() != 0 || ten.IsNested() || ten.Fields() != nil || ten.Depth() != 0 {
		t.Errorf("length %d, nested %t, fields %v", ten.Length(), ten.IsNested(), ten.Fields())
	}
	if inside := types.NewArray(ten); inside.Fields()[0].Type != ten || inside.Length() != 0 {
		t.Errorf("an array of %s has %v, length %d", ten, inside.Fields(), inside.Length())
	}
}

// TestPhysical: every kind has its representation, and a nested one only with what it is made of.
func TestPhysical(t *testing.T) {
	for typ, want := range map[types.Type]types.Physical{
		types.Of(types.Null): types.PhysicalNone, types.Of(types.Boolean): types.PhysicalBool, types.Of(types.Time): types.PhysicalInt64,
		types.Of(types.TimestampTZ): types.PhysicalInt64, types.Of(types.Float): types.PhysicalFloat64, types.NewDecimal(18, 2): types.PhysicalInt64,
		types.NewDecimal(19, 2): types.PhysicalInt128, types.Of(types.Varchar).WithLength(3): types.PhysicalBytes, types.Of(types.JSON): types.PhysicalBytes,
		types.Of(types.Array): types.PhysicalBytes, types.NewArray(types.Of(types.Int)): types.PhysicalList,
		types.NewMap(types.Of(types.String), types.Of(types.Int)): types.PhysicalList, types.Of(types.Struct): types.PhysicalBytes,
		types.NewStruct(types.Field{Name: "a", Type: types.Of(types.Int)}): types.PhysicalStruct,
	} {
		if got := typ.Physical(); got != want {
			t.Errorf("%s is held as %d, want %d", typ, got, want)
		}
	}
}
