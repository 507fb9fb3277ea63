// Package pgcatalog is PostgreSQL's catalog of what Slipway has: the relations of pg_catalog and information_schema, and the
// functions that clients call beside them, so that psql's commands, drivers and tools find their way. It answers a query out of
// one World, which is of one moment.
//
// How things look (shared with tools, which keep numbers): a database of Slipway is a schema, and a row of pg_database too, since
// clients connect to it by name; a stream or a table is a table (relkind r), a view a view (v). Numbers of relations and
// databases are stored with them; those of a primary key's constraint and index are the relation's with a high bit set.
// Relations that PostgreSQL has and Slipway does not fill are there with all columns and without rows.
//
// relations.txt, types.txt and keywords.txt are what PostgreSQL 15 says of itself: the columns of its relations, its types, its words.
package pgcatalog
