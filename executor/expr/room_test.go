package expr

import (
	"errors"
	"testing"

	"slipway/executor/column"
	"slipway/sql/plan"
	"slipway/sql/types"
)

// TestRoom: texts on the way to one result are bounded together; fewer rows mend that, and each batch has all of the room again.
func TestRoom(t *testing.T) {
	text, big := types.Of(types.String), types.Of(types.BigInt)
	sum := plan.Expr(&plan.Const{Typ: big})
	for range 20 { // of 10 MB each, for three rows
		long := &plan.Call{Func: "repeat", Args: []plan.Expr{&plan.Column{Typ: text}, &plan.Const{Typ: big, Int: 10 << 20 / 3}}, Typ: text}
		sum = &plan.Call{Func: "+", Args: []plan.Expr{sum, &plan.Call{Func: "char_length", Args: []plan.Expr{long}, Typ: big}}, Typ: big}
	}
	var room Room
	ev, err := Compile(sum, Options{}.WithRoom(&room))
	if err != nil {
		t.Fatal(err)
	}
	b := column.NewBatch(types.Schema{{Name: "s", Type: text}})
	for range 3 {
		b.Cols[0].AppendBytes([]byte("x"))
		b.Rows++
	}
	for range 2 {
		room.Begin()
		if _, err := ev.Eval(b, nil); !errors.Is(err, ErrTooMuch) {
			t.Fatalf("200 MB of texts: %v", err)
		}
		room.Begin()
		v, err := ev.Eval(b, []int32{1})
		if err != nil || v.Ints[1] != 20*(10<<20/3) {
			t.Fatalf("%d, %v", v.Ints[1], err)
		}
	}
}
