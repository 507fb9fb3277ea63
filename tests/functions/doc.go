// Package functions holds every scalar function beside its originals in a real PostgreSQL and a real MariaDB, over
// edges (NULL, empty, unicode, negatives, zero, limits, long) and random values; and as columns, with NULLs and
// selections, beside itself one by one. It runs where the servers are in PATH (or where Debian puts them) and says so
// where they are not.
//
// A function is a line: what it is called here and there, with {s} and its like for arguments, which are made by the
// generator of that name (values_test.go). A difference must be said in the function's description (sql/function),
// which docs/sql/functions.md shows, and named in the line by when it shows itself.
// To add some, write a file with an init that calls add, and one that calls generate where a kind of value is new.
package functions
