package function

import (
	"fmt"

	"slipway/sql/types"
)

// A function that wants OVER is a line here and its computation in executor/op. One that is an aggregate
// besides, which leaves NULLs out, stands with the aggregates: with OVER it is of a row, be it NULL or not.

func init() {
	for _, name := range []string{"row_number", "rank", "dense_rank"} {
		window(name, name, noArguments(bigT))
	}
	for _, name := range []string{"percent_rank", "cume_dist"} {
		window(name, name, noArguments(doubleT))
	}
	window("ntile", "ntile", func(args []types.Type) (Signature, string) {
		if len(args) != 1 || !args[0].IsInteger() {
			return Signature{}, "it takes a number of groups"
		}
		return Signature{Args: args, Result: types.Of(types.Int)}, ""
	})
	window("lag", "lag", shifted)
	window("lead", "lead", shifted)
	window("nth_value", "nth", ofRow(2))
}

// overs holds the functions that want OVER: some names are aggregates too.
var overs = map[string]over{}

type over struct {
	resolve resolver
	does    string // what computes it
}

// window declares a function that wants OVER, and by which name the executor knows what computes it.
func window(name, does string, resolve resolver) {
	overs[name] = over{resolve, does}
	if functions[name] == nil {
		define(name, definition{kind: Window})
	}
}

// WindowOf says what computes a function with OVER; empty for others.
func WindowOf(name string) string { return overs[canonical(name)].does }

// IsWindow tells a function that has a meaning of its own with OVER.
func IsWindow(name string) bool { _, ok := overs[canonical(name)]; return ok }

// ResolveWindow finds the signature of a call with OVER; its one part says what computes it. The error is a sentence without position.
func ResolveWindow(name string, args []types.Type) (Signature, error) {
	f := overs[canonical(name)]
	sig, problem := f.resolve(args)
	if problem != "" {
		return Signature{}, fmt.Errorf("%s(%s): %s", name, list(args), problem)
	}
	sig.Name, sig.Kind = canonical(name), Window
	sig.Parts = []Part{{Func: f.does, Result: sig.Result, As: sig.Result}}
	return sig, nil
}

func noArguments(result types.Type) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) > 0 {
			return Signature{}, takes(0, 0)
		}
		return Signature{Result: result}, ""
	}
}

// shifted is LAG and LEAD: a value, how many rows away, and what is given where there is none.
func shifted(args []types.Type) (Signature, string) {
	if len(args) < 1 || len(args) > 3 {
		return Signature{}, takes(1, 3)
	}
	sig := Signature{Args: append([]types.Type{}, args...), Result: args[0]}
	if len(args) > 1 && !args[1].IsInteger() {
		return Signature{}, "the distance must be a whole number"
	}
	if len(args) == 3 {
		t, ok := Common(args[0], args[2])
		if !ok {
			return Signature{}, "the value and the default have no type in common"
		}
		sig.Args[0], sig.Args[2], sig.Result = t, t, t
	}
	if _, ok := kept(sig.Result); !ok {
		return Signature{}, "values of this type cannot be kept"
	}
	return sig, ""
}

// ofRow is the value of one row of the frame, of a function with so many arguments.
func ofRow(n int) resolver {
	return func(args []types.Type) (Signature, string) {
		if len(args) != n {
			return Signature{}, takes(n, n)
		}
		if n == 2 && !args[1].IsInteger() {
			return Signature{}, "the number of the row must be a whole number"
		}
		if _, ok := kept(args[0]); !ok {
			return Signature{}, "values of this type cannot be kept"
		}
		return Signature{Args: args, Result: args[0]}, ""
	}
}
