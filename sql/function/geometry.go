package function

import "slipway/sql/types"

// Functions of points. A point is a row of two numbers: of places on the earth the longitude and the latitude, in degrees.

var pointT = types.NewStruct(types.Field{Name: "x", Type: doubleT}, types.Field{Name: "y", Type: doubleT})

func init() {
	scalar("point", fixed(pointT, 0, doubleT, doubleT))
	scalar("st_x", fixed(doubleT, 0, pointT))
	scalar("st_y", fixed(doubleT, 0, pointT))
	scalar("st_distance_sphere", fixed(doubleT, 1, pointT, pointT, doubleT))
	also("point", "st_point")
}

func init() {
	describe(Numbers,
		Description{Name: "point", Form: "point(x, y)", Text: "A point, which is a row of x and y; of a place on the earth x is the longitude and y the latitude. NULL where one of them is.",
			Example: "(point(13.4, 52.5)).y", Gives: "52.5", Follows: MySQL},
		Description{Name: "st_x", Form: "st_x(point)", Text: "The x of a point.", Example: "st_x(point(13.4, 52.5))", Gives: "13.4", Follows: MySQL},
		Description{Name: "st_y", Form: "st_y(point)", Text: "The y of a point.", Example: "st_y(point(13.4, 52.5))", Gives: "52.5", Follows: MySQL},
		Description{Name: "st_distance_sphere", Form: "st_distance_sphere(point, point[, radius])",
			Text:    "The shortest way between two places on a sphere, in the unit of its radius; without one in metres, on a sphere of 6370986 m.",
			Example: "round(st_distance_sphere(point(13.4, 52.5), point(9.99, 53.55)))", Gives: "256172", Follows: MySQL,
			Nulls:   "22003 where a longitude is not within -180 and 180, a latitude not within -90 and 90, or the radius not above 0.",
			Differs: "MySQL refuses a longitude of -180."},
	)
}
