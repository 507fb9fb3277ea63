package ast

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	goast "go/ast"
)

// nodes are all node types, empty.
var nodes = []Node{
	&Literal{}, &Star{}, &ColumnRef{}, &Param{}, &Unary{}, &Binary{}, &Like{}, &Regexp{}, &Is{}, &Between{}, &In{}, &Exists{}, &Subquery{},
	&Case{}, &Cast{}, &FuncCall{}, &Array{}, &Map{}, &Row{}, &Subscript{}, &Slice{}, &Field{}, &AtTimeZone{}, &IntervalRange{}, &Quantified{}, &Elements{}, &Grouping{}, &JSONCall{},
	&Select{}, &SetOp{}, &With{}, &Values{},
	&TableName{}, &SubqueryRef{}, &Join{}, &TableFunc{}, &Unnest{}, &MatchRecognize{}, &EventPattern{},
	&PatternVariable{}, &PatternSequence{}, &PatternChoice{}, &PatternRepeat{}, &PatternExclude{}, &PatternPermute{},
	&CreateRelation{}, &DropRelation{}, &AlterRelation{}, &Rename{}, &Describe{}, &ShowCreate{}, &ShowList{}, &CreateDatabase{}, &DropDatabase{},
	&UseDatabase{}, &CreateApplication{}, &DropApplication{}, &UseApplication{}, &DescribeApplication{},
	&CreateFunction{}, &DropFunction{}, &CreateJob{}, &StatementSet{}, &StartJob{}, &StopJob{}, &SavepointJob{}, &DropSavepoint{}, &StartJobs{}, &StopJobs{}, &DropJob{}, &AlterJob{}, &ShowJob{},
	&ShowCheckpoints{}, &ShowOperators{}, &ShowFailures{}, &ShowEvents{}, &ShowWatermark{}, &ShowTasks{}, &ShowSplits{}, &ShowFunctions{}, &DescribeFunction{}, &ShowTransactions{}, &ResolveTransactions{}, &ShowProperties{}, &ExplainJob{}, &Explain{},
	&QueryStatement{}, &Insert{}, &Copy{}, &CopyFrom{}, &Transaction{}, &DeclareCursor{}, &Fetch{}, &CloseCursor{}, &Set{}, &Reset{}, &ShowVariable{}, &Discard{},
	&CreateSecret{}, &AlterSecret{}, &DropSecret{}, &ShowSecrets{}, &Prepare{}, &Execute{}, &Deallocate{}, &Listen{}, &Unlisten{},
	&CreateUser{}, &AlterUser{}, &DropUser{}, &ReassignOwned{}, &Grant{}, &GrantRole{}, &ShowUsers{}, &ShowGrants{},
}

// markers are the methods by which the source tells a node.
var markers = []string{"expr", "query", "table", "pattern", "Tag"}

// TestNodesAreListed: nodes holds every type that the package's source declares a node.
func TestNodesAreListed(t *testing.T) {
	var listed []string
	for _, n := range nodes {
		listed = append(listed, reflect.TypeOf(n).Elem().Name())
	}
	declared := declaredNodes(t)
	for _, name := range declared {
		if !slices.Contains(listed, name) {
			t.Errorf("%s is a node, but not in nodes", name)
		}
	}
	if len(declared) != len(listed) {
		t.Errorf("%d types are nodes, %d are listed", len(declared), len(listed))
	}
}

// declaredNodes reads the names of all node types in the package's files.
func declaredNodes(t *testing.T) (names []string) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*goast.FuncDecl)
			if !ok || fn.Recv == nil || !slices.Contains(markers, fn.Name.Name) {
				continue
			}
			if star, ok := fn.Recv.List[0].Type.(*goast.StarExpr); ok {
				names = append(names, star.X.(*goast.Ident).Name)
			}
		}
	}
	return names
}

// TestWalkVisitsAll: of every node type, Walk visits each field that can hold a node.
func TestWalkVisitsAll(t *testing.T) {
	for _, empty := range nodes {
		typ := reflect.TypeOf(empty).Elem()
		whole := reflect.New(typ)
		held := map[Node]string{}
		fill(whole.Elem(), typ.Name(), held)
		first := true
		Walk(whole.Interface().(Node), func(n Node) bool {
			if first != (n == whole.Interface()) {
				t.Errorf("%s: visited first is %T", typ.Name(), n)
			}
			first = false
			delete(held, n)
			return true
		})
		for _, path := range held {
			t.Errorf("%s is not visited", path)
		}
		Walk(reflect.New(typ).Interface().(Node), func(Node) bool { return true }) // nothing in it is nothing to visit
	}
}

// fill puts a node into every place of v that takes one, and notes them in held by their paths.
func fill(v reflect.Value, path string, held map[Node]string) {
	switch v.Kind() {
	case reflect.Interface:
		if n := nodeFor(v.Type()); n != nil {
			v.Set(reflect.ValueOf(n))
			held[n] = path
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		if slices.ContainsFunc(nodes, func(n Node) bool { return reflect.TypeOf(n) == v.Type() }) {
			held[v.Interface().(Node)] = path
			return
		}
		fill(v.Elem(), path, held)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), path+"[0]", held)
		fill(v.Index(1), path+"[1]", held)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[TypeName]() {
			return // types nest and hold no nodes
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				fill(v.Field(i), path+"."+f.Name, held)
			}
		}
	}
}

// nodeFor gives a new node that an interface of the package takes.
func nodeFor(typ reflect.Type) Node {
	switch typ {
	case reflect.TypeFor[Expr]():
		return &Param{}
	case reflect.TypeFor[Query]():
		return &Values{}
	case reflect.TypeFor[TableRef]():
		return &TableName{}
	case reflect.TypeFor[Pattern]():
		return &PatternVariable{}
	case reflect.TypeFor[Statement]():
		return &Reset{}
	case reflect.TypeFor[Node]():
		return &Star{}
	}
	return nil
}

// TestWalkSkips: false leaves out what a node holds and nothing else.
func TestWalkSkips(t *testing.T) {
	sub := &Subquery{Query: &Values{Rows: [][]Expr{{&Param{N: 1}}}}}
	e := &Binary{L: sub, R: &Param{N: 2}}
	var seen []Node
	Walk(e, func(n Node) bool {
		seen = append(seen, n)
		_, inner := n.(Query)
		return !inner
	})
	if want := []Node{e, sub, sub.Query, e.R}; !slices.Equal(seen, want) {
		t.Errorf("visited %v, want %v", seen, want)
	}
	Walk(nil, func(Node) bool { t.Error("nil is visited"); return true })
}
