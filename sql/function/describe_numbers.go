package function

// What users read of functions of numbers and of conditions.

func init() {
	describe(Conditions,
		Description{Name: "coalesce", Form: "coalesce(x, …)", Text: "The first value that is not NULL; those behind it are not computed.", Example: "coalesce(NULL, 'a', 'b')", Gives: "a", Follows: Standard,
			Nulls: "NULL where all are."},
		Description{Name: "greatest", Form: "greatest(x, y, …)", Text: "The greatest of the values.", Example: "greatest(1, 3, 2)", Gives: "3", Follows: MySQL,
			Differs: "PostgreSQL leaves NULLs out."},
		Description{Name: "least", Form: "least(x, y, …)", Text: "The least of the values.", Example: "least(1, 3, 2)", Gives: "1", Follows: MySQL, Differs: "PostgreSQL leaves NULLs out."},
		Description{Name: "if", Form: "if(condition, x, y)", Text: "x where the condition holds, else y.", Example: "if(1 < 2, 'yes', 'no')", Gives: "yes", Follows: MySQL,
			Nulls: "A condition that is NULL does not hold."},
		Description{Name: "nullif", Form: "nullif(x, y)", Text: "NULL where both are equal, else x.", Example: "nullif(5, 0)", Gives: "5", Follows: Standard, Nulls: "x where y is NULL."},
		Description{Name: "is_null", Form: "isnull(x)", Text: "Whether it is NULL: x IS NULL.", Example: "isnull(NULL)", Gives: "t", Follows: MySQL, Nulls: "Never NULL."},
	)
	describe(Numbers,
		Description{Name: "abs", Form: "abs(x)", Text: "The number without its sign.", Example: "abs(-5)", Gives: "5", Follows: Standard, Nulls: "abs(-9223372036854775808) is 22003."},
		Description{Name: "ceil", Form: "ceil(x)", Text: "The least whole number that is not less.", Example: "ceil(1.2)", Gives: "2", Follows: Standard},
		Description{Name: "floor", Form: "floor(x)", Text: "The greatest whole number that is not greater.", Example: "floor(-1.2)", Gives: "-2", Follows: Standard},
		Description{Name: "round", Form: "round(x[, digits])", Text: "Rounded at digits behind the point, before it where they are negative; halves away from zero.", Example: "round(2.345, 2)", Gives: "2.350", Follows: MySQL,
			Differs: "A DECIMAL keeps its scale, since the digits may be a column."},
		Description{Name: "truncate", Form: "truncate(x[, digits])", Text: "Cut at digits behind the point, before it where they are negative.", Example: "truncate(-1.29, 1)", Gives: "-1.20", Follows: MySQL,
			Differs: "A DECIMAL keeps its scale, since the digits may be a column."},
		Description{Name: "sign", Form: "sign(x)", Text: "-1, 0 or 1.", Example: "sign(-2.5)", Gives: "-1", Follows: MySQL},
		Description{Name: "sqrt", Form: "sqrt(x)", Text: "The square root.", Example: "sqrt(2.25)", Gives: "1.5", Follows: MySQL, Nulls: "NULL of a negative number.", Differs: "PostgreSQL: 2201F."},
		Description{Name: "exp", Form: "exp(x)", Text: "e to the power of x.", Example: "exp(0)", Gives: "1", Follows: Standard, Nulls: "22003 beyond DOUBLE."},
		Description{Name: "ln", Form: "ln(x)", Text: "The natural logarithm.", Example: "ln(1)", Gives: "0", Follows: MySQL, Nulls: "NULL of zero and less.", Differs: "PostgreSQL: 2201E."},
		Description{Name: "log10", Form: "log10(x)", Text: "The logarithm to the base 10.", Example: "log10(1000)", Gives: "3", Follows: MySQL, Nulls: "NULL of zero and less.", Differs: "PostgreSQL: 2201E."},
		Description{Name: "log2", Form: "log2(x)", Text: "The logarithm to the base 2.", Example: "log2(8)", Gives: "3", Follows: MySQL, Nulls: "NULL of zero and less."},
		Description{Name: "sin", Form: "sin(x)", Text: "The sine of an angle in radians.", Example: "sin(0)", Gives: "0", Follows: Standard},
		Description{Name: "cos", Form: "cos(x)", Text: "The cosine of an angle in radians.", Example: "cos(0)", Gives: "1", Follows: Standard},
		Description{Name: "tan", Form: "tan(x)", Text: "The tangent of an angle in radians.", Example: "tan(0)", Gives: "0", Follows: Standard},
		Description{Name: "power", Form: "power(x, y)", Text: "x to the power of y, a DOUBLE.", Example: "power(2, 10)", Gives: "1024", Follows: MySQL,
			Nulls: "NULL where it has no real value: power(-8, 0.5). 22003 beyond DOUBLE.", Differs: "PostgreSQL: 2201F where there is no real value, and of a zero to a negative power."},
		Description{Name: "pi", Form: "pi()", Text: "3.141592653589793.", Example: "pi()", Gives: "3.141592653589793", Follows: Standard},
		Description{Name: "%", Form: "x % y, mod(x, y)", Text: "The remainder, with the sign of x.", Example: "mod(-7, 3)", Gives: "-1", Follows: MySQL, Nulls: "NULL where y is 0.", Differs: "PostgreSQL: 22012 where y is 0."},
	)
}
