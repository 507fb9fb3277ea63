package function

import (
	"strings"

	"slipway/sql/types"
)

// Functions of numbers that are not of every day.

func init() {
	for _, f := range []string{"cbrt", "degrees", "radians", "asin", "acos", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "cot", "sind", "cosd", "tand", "cotd", "asind", "acosd", "atand"} {
		scalar(f, fixed(doubleT, 0, doubleT))
	}
	scalar("log", fixed(doubleT, 1, doubleT, doubleT))
	scalar("atan", fixed(doubleT, 1, doubleT, doubleT))
	scalar("e", fixed(doubleT, 0))
	scalar("isnan", fixed(boolT, 0, doubleT))
	scalar("isinf", fixed(boolT, 0, doubleT))
	scalar("width_bucket", fixed(bigT, 0, doubleT, doubleT, doubleT, bigT))
	scalar("factorial", fixed(bigT, 0, bigT))
	scalar("gcd", fixed(bigT, 0, bigT, bigT))
	scalar("lcm", fixed(bigT, 0, bigT, bigT))
	scalar("pmod", remainder)
	hidden("number_of_seed", fixed(doubleT, 0, bigT)) // RAND(seed)
	also("rand", "random")
	for _, f := range []string{"&", "|", "^", "<<", ">>", "shiftleft", "shiftright", "shiftrightunsigned"} {
		scalar(f, fixed(bigT, 0, bigT, bigT))
	}
	scalar("~", fixed(bigT, 0, bigT))
	scalar("bit_count", fixed(bigT, 0, bigT))
	scalar("bin", fixed(textT, 0, bigT))
	scalar("oct", fixed(textT, 0, bigT))
	scalar("conv", fixed(textT, 0, textT, bigT, bigT))
	also("truncate", "trunc")
	also("atan", "atan2")
	also("sign", "signum")
}

// remainder is PMOD: of whole numbers one, else DOUBLE.
func remainder(args []types.Type) (Signature, string) {
	if len(args) == 2 && orBig(args[0]).IsInteger() && orBig(args[1]).IsInteger() {
		return fixed(bigT, 0, bigT, bigT)(args)
	}
	return fixed(doubleT, 0, doubleT, doubleT)(args)
}

func atLeast(n int) string { return strings.Replace(takes(n, n), "takes", "takes at least", 1) }
