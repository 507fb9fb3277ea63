package functions

import (
	"math"
	"math/rand/v2"
	"strconv"
)

func randomPoint(r *rand.Rand) string { return strconv.Itoa(r.IntN(0x110000)) }

func init() {
	generate("base", generator{kind: integer, edges: []string{"2", "8", "10", "16", "36", "-10", "-16", "1", "37", "0"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(80) - 40) }})
	generate("digits", generator{kind: text, edges: []string{"", "0", "ff", "FF", "-1", "+7", "zz", " 12", "12x", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "7fffffffffffffff", "1.5"},
		random: func(r *rand.Rand) string { return strconv.FormatInt(r.Int64(), 2+r.IntN(35)) }})
	generate("shift", generator{kind: integer, edges: []string{"0", "1", "63", "64", "65", "-1", "127"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(70)) }})
	generate("buckets", generator{kind: integer, edges: []string{"1", "5", "0", "-1", "2147483647"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(20)) }})
	generate("small", generator{kind: integer, edges: []string{"0", "1", "5", "20", "21", "-1"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(21)) }})
	generate("seed", generator{kind: integer, never: true, edges: []string{"0", "1", "-1", "3", "2147483647"}, random: func(r *rand.Rand) string { return strconv.Itoa(r.IntN(1 << 31)) }})
	generate("longitude", generator{kind: double, edges: []string{"0", "13.4", "180", "-180", "-179.999", "180.001", "-200"}, random: func(r *rand.Rand) string { return strconv.FormatFloat(r.Float64()*360-180, 'f', 6, 64) }})
	generate("latitude", generator{kind: double, edges: []string{"0", "52.5", "90", "-90", "90.001"}, random: func(r *rand.Rand) string { return strconv.FormatFloat(r.Float64()*180-90, 'f', 6, 64) }})
	add(line{name: "exp", ours: "exp({g})", postgres: same, mariadb: same, gives: double, differs: either(refused("22003"), beyond("underflow"))})
	for _, name := range []string{"degrees", "radians", "atan"} {
		add(line{name: name, ours: name + "({g})", postgres: same, mariadb: same, gives: double})
	}
	for _, name := range []string{"cbrt", "tanh", "asinh", "atand"} {
		add(line{name: name, ours: name + "({f})", postgres: same, gives: double})
	}
	for _, name := range []string{"sind", "cosd"} {
		add(line{name: name, ours: name + "({angle})", postgres: same, gives: double})
	}
	for _, name := range []string{"asin", "acos"} {
		add(line{name: name, ours: name + "({unit})", postgres: same, mariadb: same, gives: double, differs: code("22003")})
	}
	for _, name := range []string{"asind", "acosd"} {
		add(line{name: name, ours: name + "({unit})", postgres: same, gives: double, differs: code("22003")})
	}
	for _, name := range []string{"tand", "cotd"} {
		add(line{name: name, ours: name + "({angle})", postgres: same, gives: double, differs: infinite})
	}
	generate("steep", generator{kind: double, edges: []string{"0", "1", "-1", "710.4", "-710.4582298827313", "711", "-711", "700", "1e-9"}, random: randomFloat})
	for _, name := range []string{"sinh", "cosh"} {
		add(line{name: name, ours: name + "({steep})", postgres: same, gives: double, differs: infinite})
	}
	for _, name := range []string{"sin", "cos", "tan"} {
		add(line{name: name, ours: name + "({g})", postgres: same, mariadb: same, gives: double})
	}
	for _, name := range []string{"&", "|"} {
		add(line{name: name, ours: "{i} " + name + " {j}", postgres: same, mariadb: "cast({i} " + name + " {j} as signed)", gives: bigint})
	}
	add(
		line{name: "sqrt", ours: "sqrt({f})", postgres: same, mariadb: same, gives: double, differs: code("2201F")},
		line{name: "ln", ours: "ln({f})", postgres: same, mariadb: same, gives: double, differs: code("2201E")},
		line{name: "log10", ours: "log10({f})", postgres: same, mariadb: same, gives: double, differs: code("2201E")},
		line{name: "log2", ours: "log2({f})", mariadb: same, gives: double},
		line{name: "log", ours: "log({f})", postgres: "ln({f})", mariadb: same, gives: double, differs: code("2201E")},
		line{name: "log", ours: "log({g}, {f})", mariadb: same, gives: double},
		line{name: "acosh", ours: "acosh({f})", postgres: same, gives: double, differs: code("22003")},
		line{name: "atanh", ours: "atanh({unit})", postgres: same, gives: double, differs: either(code("22003"), infinite)},
		line{name: "cot", ours: "cot({g})", postgres: same, mariadb: same, gives: double, differs: either(infinite, refused("22003"))},
		line{name: "atan2", ours: "atan2({f}, {g})", postgres: same, mariadb: same, gives: double},
		line{name: "atan", ours: "atan({f}, {g})", postgres: "atan2({f}, {g})", mariadb: same, gives: double},
		line{name: "e", ours: "e()", postgres: "exp(1::double precision)", mariadb: "exp(1)", gives: double},
		line{name: "pi", ours: "pi()", postgres: same, gives: double},
		line{name: "sign", ours: "sign({d})", postgres: same, mariadb: same, gives: bigint},
		line{name: "abs", ours: "abs({d})", postgres: same, mariadb: same, gives: exact},
		line{name: "ceil", ours: "ceil({d})", postgres: same, mariadb: same, gives: exact},
		line{name: "floor", ours: "floor({d})", postgres: same, mariadb: same, gives: exact},
		line{name: "round", ours: "round({d}, {few})", postgres: same, mariadb: same, gives: exact},
		line{name: "trunc", ours: "trunc({d}, {few})", postgres: same, mariadb: "truncate({d}, {few})", gives: exact},
		line{name: "mod", ours: "mod({i}, {j})", postgres: same, mariadb: same, gives: bigint, differs: code("22012")},
		line{name: "pmod", ours: "pmod({i}, {j})", postgres: "mod(mod({i}::numeric, nullif({j}, 0)) + {j}, nullif({j}, 0))", gives: bigint},
		line{name: "isnan", ours: "isnan({f})", postgres: "{f} = 'NaN'", gives: boolean},
		line{name: "isinf", ours: "isinf({f})", postgres: "{f} in ('Infinity', '-Infinity')", gives: boolean},
		line{name: "width_bucket", ours: "width_bucket({f}, {g}, {unit}, {buckets})", postgres: same, gives: bigint, differs: either(beyond("integer out of range"), atFarBound)},
		line{name: "factorial", ours: "factorial({small})", postgres: same, gives: bigint, differs: inPostgres(func(c call) bool { n := c.args["small"].text; return n == "21" || n == "-1" })},
		line{name: "gcd", ours: "gcd({i}, {j})", postgres: same, gives: bigint},
		line{name: "lcm", ours: "lcm({i}, {j})", postgres: same, gives: bigint},
		line{name: "st_distance_sphere", ours: "st_distance_sphere(point({longitude}, {latitude}), point({latitude}, {latitude}))", mariadb: same, gives: double, differs: refused("22003")},
		line{name: "st_distance_sphere", ours: "st_distance_sphere(point({longitude}, {latitude}), point(0, 0), {f})", mariadb: same, gives: double, differs: refused("22003")},
		line{name: "point", ours: "st_x(point({f}, {g}))", mariadb: same, gives: double},
		line{name: "st_x", ours: "st_x(point({f}, {g}))", mariadb: same, gives: double},
		line{name: "st_y", ours: "st_y(point({f}, {g}))", mariadb: same, gives: double},
		line{name: "rand", ours: "rand({seed})", mariadb: same, gives: double},
		line{name: "^", ours: "{i} ^ {j}", postgres: "{i} # {j}", mariadb: "cast({i} ^ {j} as signed)", gives: bigint},
		line{name: "~", ours: "~{i}", postgres: same, mariadb: "cast(~{i} as signed)", gives: bigint},
		line{name: "<<", ours: "{i} << {shift}", postgres: same, mariadb: "cast({i} << {shift} as signed)", gives: bigint, differs: inPostgres(beyondBits)},
		line{name: ">>", ours: "{i} >> {shift}", postgres: same, mariadb: "cast({i} >> {shift} as signed)", gives: bigint,
			differs: inPostgres(func(c call) bool { return beyondBits(c) || isNegative(c.args["i"]) })},
		line{name: "shiftleft", ours: "shiftleft({i}, {shift})", postgres: "{i} << {shift}", gives: bigint},
		line{name: "shiftright", ours: "shiftright({i}, {shift})", postgres: "{i} >> {shift}", gives: bigint},
		line{name: "bit_count", ours: "bit_count({i})", mariadb: same, gives: bigint},
		line{name: "bin", ours: "bin({i})", mariadb: same, gives: text},
		line{name: "oct", ours: "oct({i})", mariadb: same, gives: text},
		line{name: "conv", ours: "conv({digits}, {base}, {base})", mariadb: same, gives: text},
		line{name: "conv", ours: "conv({digits}, 16, {base})", mariadb: same, gives: text},
		line{name: "conv", ours: "conv({digits}, -10, {base})", mariadb: same, gives: text},
	)
}

// atFarBound tells a number so near to the far bound that its distance from the near one is rounded to that of the far one.
func atFarBound(c call, other dialect, here, there answer) bool {
	n, _ := strconv.Atoi(c.args["buckets"].text)
	return other == postgres && here.text == strconv.Itoa(n) && there.text == strconv.Itoa(n+1)
}

func beyondBits(c call) bool {
	n, _ := strconv.Atoi(c.args["shift"].text)
	return n < 0 || n > 63
}

func init() {
	add(
		line{name: "round", ours: "round({f}, {few})", mariadb: same, gives: double, differs: half},
		line{name: "sign", ours: "sign({f})", postgres: same, mariadb: same, gives: bigint},
		line{name: "ceil", ours: "ceil({f})", postgres: same, mariadb: same, gives: double},
		line{name: "floor", ours: "floor({f})", postgres: same, mariadb: same, gives: double},
		line{name: "round", ours: "round({i}, {few})", postgres: same, mariadb: same, gives: bigint,
			differs: func(_ call, _ dialect, here, _ answer) bool { return here.code == "22003" }},
	)
}

// half tells a double that lies in the middle between two numbers of so many digits.
func half(c call, _ dialect, _, _ answer) bool {
	x, _ := strconv.ParseFloat(c.args["f"].text, 64)
	digits, _ := strconv.Atoi(c.args["few"].text)
	_, fraction := math.Modf(math.Abs(x) * math.Pow(10, float64(digits)))
	return fraction == 0.5
}
