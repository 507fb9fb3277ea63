package analyzer

import (
	"slipway/sql/ast"
	"slipway/sql/plan"
	"slipway/sql/sqlerr"
	"slipway/sql/types"
	"slipway/sql/value"
)

// atTimeZone is x AT TIME ZONE z: what clocks in z show at a moment, and the moment at which they show a time. A zone
// is a name of the tz database, or an interval, which counts to the east.
func (a *analysis) atTimeZone(e *ast.AtTimeZone, s *scope) (plan.Expr, error) {
	x, err := a.expr(e.X, s)
	if err != nil {
		return nil, err
	}
	if c, ok := x.(*plan.Const); ok && c.Typ.IsText() && !c.Null { // as PostgreSQL takes it
		if x, err = textAs(e.X.Position(), c.Text, types.NewTimestampTZ(types.MaxTimestampPrecision)); err != nil {
			return nil, err
		}
	}
	zone, err := a.expr(e.Zone, s)
	if err != nil {
		return nil, err
	}
	if c, ok := zone.(*plan.Const); ok && c.Typ.IsText() && !c.Null {
		if _, ok := value.Zone(c.Text); !ok {
			return nil, unknownZone(e.Zone.Position(), c.Text)
		}
	}
	return a.resolve(e.OpPos, "at_time_zone", []plan.Expr{x, zone}, []ast.Expr{e.X, e.Zone})
}

func unknownZone(pos int, name string) *sqlerr.Error {
	return sqlerr.At(pos, sqlerr.InvalidParameter, "time zone %q is not known", name).
		WithHint("Write a name of the tz database, such as 'Europe/Berlin' or 'UTC', or a distance to the east: INTERVAL '2' HOUR.")
}

// zonedText is a constant text as a moment: one that says its zone now, else when the expression is made, for the
// zone of the session or server.
func zonedText(pos int, text string, t types.Type) (plan.Expr, error) {
	micros, zoned, f := value.ReadMoment([]byte(text), t.Precision, nil)
	switch {
	case f != value.OK:
		return nil, placedAt(pos, f.Error(t, []byte(text)))
	case !zoned:
		return &plan.Cast{Arg: textConst(text), Typ: t}, nil
	}
	return &plan.Const{Typ: t, Int: micros}, nil
}

// Moment reads a parameter's text as a moment.
func Moment(text string, t types.Type) (plan.Expr, error) { return zonedText(0, text, t) }
