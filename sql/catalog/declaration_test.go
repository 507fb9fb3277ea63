package catalog

import (
	"errors"
	"strings"
	"testing"

	"slipway/conf"
)

type declared struct {
	NothingBehind
	d *Declaration
}

func (d declared) Declaration() *Declaration { return d.d }

var (
	wide  = conf.IntOption("size", "5", 1, 100, "", "O", "How wide.")
	words = conf.ChoiceOption("size", "small", "small large", "O", "How large.")
	style = conf.StringOption("style", "", "O", "Of a text.")
	depth = conf.IntOption("depth", "0", 0, 9, "", "O", "Of a tree.")
)

// all has two connectors that declare the same key differently, and three formats.
var all = map[string]Connector{
	"one": declared{d: &Declaration{
		Name: "one", Options: []*conf.Setting{wide.Setting}, DefaultFormat: "text", Source: &SourceTraits{}, Sink: &SinkTraits{},
		Formats: []*FormatTraits{
			{Name: "tree", Options: []*conf.Setting{depth.Setting}, Reads: true, Changes: true},
			{Name: "text", Options: []*conf.Setting{style.Setting}, Reads: true, Writes: true},
			{Name: "out", Writes: true},
		},
	}},
	"two": declared{d: &Declaration{Name: "two", Options: []*conf.Setting{words.Setting}, Sink: &SinkTraits{}}},
}

func relation(properties ...string) *Relation {
	r := &Relation{Database: "d", Name: "r"}
	for i := 0; i < len(properties); i += 2 {
		r.Properties = append(r.Properties, Property{properties[i], properties[i+1]})
	}
	return r
}

// TestScopes: a key means what the relation's own connector and format say.
func TestScopes(t *testing.T) {
	for _, c := range []struct {
		properties []string
		want       string // the error, or a value in force
	}{
		{[]string{"connector", "one", "size", "7"}, "size=7"},
		{[]string{"Connector", "Two", "SIZE", "Large"}, "size=large"},
		{[]string{"connector", "two", "size", "7"}, `property "size": "7" is none of small, large`},
		{[]string{"connector", "one", "style", "x"}, "style=x"},
		{[]string{"connector", "one", "format", "Tree", "style", "x"}, `option style belongs to format "text"; d.r has format "tree"`},
		{[]string{"connector", "two", "style", "x"}, `option style belongs to format "text"; d.r has connector "two"`},
		{[]string{"connector", "two", "format", "text"}, `option format belongs to connector "one"; d.r has connector "two"`},
		{[]string{"connector", "one", "format", "wood"}, `property "format": "wood" is none of tree, text, out`},
		{[]string{"connector", "two", "dept", "1"}, `unknown stream property "dept"`},
		{[]string{"connector", "three", "depth", "1"}, `option depth belongs to format "tree"; d.r has connector "three"`},
	} {
		r := relation(c.properties...)
		var given []conf.Property
		for _, p := range r.Properties {
			given = append(given, conf.P(p.Key, p.Value))
		}
		_, err := ParseOptions(all, r, given)
		if key, value, ok := strings.Cut(c.want, "="); ok {
			if got := DeclarationOf(all, r).Values(r).Map()[key]; err != nil || got != value {
				t.Errorf("%v: %s is %q, %v", c.properties, key, got, err)
			}
			continue
		}
		e, ok := errors.AsType[*conf.Error](err)
		if !ok || e.Message != c.want {
			t.Errorf("%v: %v, want %s", c.properties, err, c.want)
		}
	}
}

// TestTraits: what a relation can be used for is its connector's and its format's to say.
func TestTraits(t *testing.T) {
	for _, c := range []struct {
		properties  []string
		read, write string
		changes     bool
	}{
		{[]string{"connector", "one"}, "", "", false},
		{[]string{"connector", "one", "format", "TREE"}, "", `format "tree" only reads`, true},
		{[]string{"connector", "one", "format", "out"}, `format "out" only writes`, "", false},
		{[]string{"connector", "two"}, `connector "two" only writes`, "", false},
		{[]string{"connector", "three"}, `connector "three" only writes`, `connector "three" only reads`, false},
	} {
		r := relation(c.properties...)
		d := DeclarationOf(all, r)
		if read, write := d.CheckRead(r), d.CheckWrite(r); read != c.read || write != c.write || d.Changes(r) != c.changes {
			t.Errorf("%v: read %q, write %q, changes %t", c.properties, read, write, d.Changes(r))
		}
	}
}

// TestRowFormat: the clause is among the options in force, and no property sets it.
func TestRowFormat(t *testing.T) {
	r := relation("connector", "one")
	d := DeclarationOf(all, r)
	if got := d.Values(r).Text(FieldsKey); got != HiveFields {
		t.Errorf("%q", got)
	}
	r.RowFormat = &RowFormat{Fields: "|"}
	if got := d.Read(d.Values(r).Map()).Text(FieldsKey); got != "|" {
		t.Errorf("%q", got)
	}
	if _, err := ParseOptions(all, r, []conf.Property{conf.P(FieldsKey, ",")}); err == nil {
		t.Error("a property sets the clause")
	}
}

// TestReference: a section a connector and a format, each with what it can do.
func TestReference(t *testing.T) {
	var text []string
	for _, s := range Reference([]*Declaration{all["one"].Declaration(), all["two"].Declaration()}) {
		keys := []string{}
		for _, o := range s.Settings {
			keys = append(keys, o.Key)
		}
		text = append(text, s.Title+":"+strings.TrimSpace(s.Text)+" ["+strings.Join(keys, " ")+"]")
	}
	want := "Connector `one`:Delivery: . [size format]; Connector `two`:It only writes. Delivery: . [size]; " +
		"Format `tree`:It is only read. Records say what they do to rows. [depth]; Format `text`: [style]; Format `out`:It is only written. []"
	if got := strings.Join(text, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
