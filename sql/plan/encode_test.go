package plan_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"slipway/sql/plan"
	"slipway/sql/plan/plantest"
	"slipway/sql/types"
)

// flow is a plan with the sample in it.
func flow(s plantest.Sample) *plan.Dataflow {
	o := s.Make()
	return &plan.Dataflow{Stages: []plan.Stage{{ID: 0, Name: s.Name, Ops: []plan.Op{o}}}, Output: o.Schema()}
}

// whole has what no sample has: sources, sinks, edges, and texts that are none.
func whole() *plan.Dataflow {
	in := types.Schema{{Name: "k", Type: types.Of(types.BigInt), NotNull: true, Comment: "the key"}, {Name: "t", Type: types.NewTimestamp(3)}, {Name: "b", Type: types.Of(types.Binary)}}
	odd := &plan.Call{Func: "=", Typ: types.Of(types.Boolean), Args: []plan.Expr{&plan.Column{Index: 2, Name: "b", Typ: in[2].Type}, &plan.Const{Typ: in[2].Type, Text: "\xff\x00"}}}
	return &plan.Dataflow{
		Stages: []plan.Stage{
			{ID: 0, Name: "source", Parallelism: 3, Source: &plan.Source{
				Op: "source-1", Name: "default.s", Connector: "kafka", Declared: in, Columns: []int{0, 1, 2}, ArrivalColumn: "at",
				Properties: map[string]string{"topic": "s", "empty": "", "quote": `"\`}, Keys: []int{0}, Reject: odd, Out: in, Bounded: true, Wait: time.Second,
				Watermark: &plan.WatermarkSpec{Column: 1, Delay: 2 * time.Second, Arrival: true, IdleAfter: time.Minute},
			}},
			{ID: 1, Name: "sink", Ops: []plan.Op{&plan.Filter{Pred: &plan.Const{Typ: types.Of(types.Double), Float: 1e-300}, Out: in}}, Sink: &plan.Sink{
				Op: "sink-1", Name: "default.out", Connector: "kafka", Properties: map[string]string{}, Mode: plan.AppendChanges, Keys: []int{}, Schema: in,
				Delivery: "exactly_once",
			}},
		},
		Edges:    []plan.Edge{{From: 0, To: 1, Port: 1, By: plan.Single, Keys: []int{0}}},
		Updating: true, Reads: []string{"default.s"}, Writes: []string{}, Bounded: true, Limited: true,
	}
}

// beside has columns that are no part of a record's value, and an event time that is computed.
func beside() *plan.Dataflow {
	at := types.Column{Name: "at", Type: types.NewTimestamp(3)}
	in := types.Schema{{Name: "k", Type: types.Of(types.BigInt)}, at}
	return &plan.Dataflow{Stages: []plan.Stage{{
		Source: &plan.Source{Op: "source-1", Name: "default.s", Connector: "kafka", Declared: in[:1], Columns: []int{0}, Out: in,
			Metadata:  []plan.Metadata{{Name: "timestamp", Column: at}},
			Defaults:  []plan.Default{{Column: 0, Value: &plan.Const{Typ: in[0].Type, Int: 7}}},
			Watermark: &plan.WatermarkSpec{Column: -1, Computed: &plan.Column{Index: 1, Name: "at", Typ: at.Type}, Delay: time.Second}},
		Sink: &plan.Sink{Op: "sink-1", Name: "default.out", Connector: "kafka", Schema: in, Metadata: []string{"timestamp"}, Delivery: "at_least_once"},
	}}}
}

// nested has the types that hold others, and those of times with and without a zone.
func nested() *plan.Dataflow {
	row := types.NewStruct(
		types.Field{Name: "a b", Type: types.NewArray(types.NewDecimal(38, 3))},
		types.Field{Name: "m", Type: types.NewMap(types.Of(types.String), types.NewTime(3))},
	)
	out := types.Schema{{Name: "row", Type: row}, {Name: "at", Type: types.NewTimestampTZ(6)}, {Name: "any", Type: types.Of(types.Array)}}
	return &plan.Dataflow{Stages: []plan.Stage{{Ops: []plan.Op{&plan.Limit{Count: 1<<63 - 1, Offset: -1, Out: out}}}}}
}

// TestEncoded pins the bytes of version 1. A case may be added, none may change.
func TestEncoded(t *testing.T) {
	samples := map[string]*plan.Dataflow{"whole": whole(), "nested types": nested(), "beside the value": beside()}
	for _, s := range plantest.Samples() {
		samples[s.Name] = flow(s)
	}
	datadriven.RunTest(t, "testdata/encoded", func(t *testing.T, d *datadriven.TestData) string {
		f, ok := samples[d.Input]
		if !ok {
			t.Fatalf("there is no sample %q", d.Input)
		}
		delete(samples, d.Input)
		return string(encode(t, f))
	})
	for name := range samples {
		t.Errorf("testdata/encoded does not pin %q: add it, and run this test with -rewrite", name)
	}
}

// encode gives the bytes, of which it has seen that they give the plan again.
func encode(t *testing.T, f *plan.Dataflow) []byte {
	t.Helper()
	b, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := plan.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, f) {
		t.Errorf("decoded it is %#v", again)
	}
	return append(b, '\n')
}

// sealed puts the header in front of a body.
func sealed(version int, body string) []byte {
	return fmt.Appendf(nil, "slipway plan %d %08x\n%s", version, crc32.ChecksumIEEE([]byte(body)), body)
}

// TestDecodeRefuses what is damaged and what is newer, each in its own words.
func TestDecodeRefuses(t *testing.T) {
	stage := func(s string) string { return `{"Stages":[{"Ops":[` + s + `]}]}` }
	for body, want := range map[string]string{
		stage(`{"teleport":{}}`):                                  `this server has no plan.Op "teleport"`,
		stage(`{"column":{}}`):                                    `this server has no plan.Op "column"`,
		stage(`{"limit":{"Colour":1}}`):                           `this server has no field "Colour" of a plan.Limit`,
		stage(`{"limit":{"Out":[{"Name":"x","Type":"COLOUR"}]}}`): "damaged",
		stage(`{"filter":{}}`):                                    "a plan.Filter has no Pred",
		stage(`{"filter":{"Pred":null}}`):                         "damaged",
		stage(`{"limit":{},"sort":{}}`):                           "damaged",
		stage(`null`):                                             "damaged",
		stage(`{"limit":{"Count":1e3}}`):                          "damaged",
		stage(`{"limit":{"Count":9223372036854775808}}`):          "damaged",
		stage(`{"limit":{"Count":"1"}}`):                          "damaged",
		`{"Stages":[{"ID":1}]}`:                                   "stage 0 is number 1",
		`{"Stages":[{}],"Edges":[{"To":1}]}`:                      "an edge leads from stage 0 to port 0 of 1",
		`{"Stages":[{"Sink":{"Properties":{"a":1}}}]}`:            "damaged",
		`{"Stages":[{"Name":{"base64":"?"}}]}`:                    "damaged",
		`{} {}`:                                                   "something follows",
		``:                                                        "damaged",
		`{"Stages":` + strings.Repeat("[", 100_000):               "damaged",
		stage(strings.Repeat(`{"filter":{"Pred":{"cast":{"Arg":`, 5000)): "damaged",
	} {
		if _, err := plan.Decode(sealed(1, body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", body, err, want)
		}
	}
	if _, err := plan.Decode(sealed(2, "what version 2 is like")); err == nil || !strings.Contains(err.Error(), "version 2 is newer than this server reads (1)") {
		t.Errorf("a newer version: %v", err)
	}
	if _, err := plan.Decode(sealed(0, "{}")); !errors.Is(err, plan.ErrDamaged) {
		t.Errorf("version 0: %v", err)
	}
	good, err := whole().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		bad := bytes.Clone(good)
		bad[at] ^= 0x10
		if _, err := plan.Decode(bad); err == nil {
			t.Errorf("byte %d of %d is another, and nobody saw it", at, len(good))
		}
		if _, err := plan.Decode(good[:at]); err == nil {
			t.Errorf("byte %d and all behind it is gone, and nobody saw it", at)
		}
	}
}

// TestEncodeRefuses what cannot be read again.
func TestEncodeRefuses(t *testing.T) {
	type foreign struct{ *plan.Limit }
	for _, o := range []plan.Op{&foreign{&plan.Limit{}}, &plan.Filter{}, nil} {
		if _, err := (&plan.Dataflow{Stages: []plan.Stage{{Ops: []plan.Op{o}}}}).Encode(); err == nil {
			t.Errorf("%T is encoded", o)
		}
	}
}

// FuzzDecode: what comes out of any bytes is a plan that encodes to itself, or an error.
func FuzzDecode(f *testing.F) {
	seed := func(p *plan.Dataflow) {
		b, err := p.Encode()
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := strings.Cut(string(b), "\n")
		f.Add(body)
	}
	seed(whole())
	seed(nested())
	seed(deep(7))
	for _, s := range plantest.Samples() {
		seed(flow(s))
	}
	f.Fuzz(func(t *testing.T, body string) {
		first, err := plan.Decode(sealed(1, body))
		if err != nil {
			return
		}
		_ = first.Check() // may find anything wrong, and panics at nothing
		b, err := first.Encode()
		if err != nil {
			t.Fatalf("decoded and not encoded again: %v", err)
		}
		second, err := plan.Decode(b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		again, err := second.Encode()
		if err != nil || !bytes.Equal(again, b) { // bytes, since NaN is not equal to itself
			t.Fatalf("%v\n%s\n%s", err, b, again)
		}
	})
}
