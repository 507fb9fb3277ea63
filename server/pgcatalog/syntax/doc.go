// Package syntax reads the SELECT statements that PostgreSQL's clients send to its catalog, in PostgreSQL's own
// dialect ("SQL Commands", SELECT, and "Value Expressions"): double quotes make names, :: casts, OPERATOR(…), ARRAY, ANY.
// It is not the dialect of streams, which the package sql reads.
//
// Parsing is a walk with precedence climbing over tokens that were cut once. Its cost grows with the length of the text, and
// a text that is nested deeper than maxDepth is refused (54001).
package syntax
