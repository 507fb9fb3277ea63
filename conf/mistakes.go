package conf

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Mistake is something wrong in a configuration file, with its line; 0: that is not known.
type Mistake struct {
	Line    int
	Message string
	Hint    string
}

// Mistakes finds everything that is wrong with the settings of a file, not only the first as LoadServer does.
func Mistakes(path string) (out []Mistake, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(b, &tree); err != nil {
		return []Mistake{notYAML(err)}, nil
	}
	if len(tree.Content) > 0 {
		eachKey("", tree.Content[0], func(key string, value *yaml.Node, line int) {
			if m := mistaken(key, value); m != nil {
				m.Line = line
				out = append(out, *m)
			}
		})
	}
	slices.SortStableFunc(out, func(a, b Mistake) int { return a.Line - b.Line })
	return out, nil
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

func notYAML(err error) Mistake {
	m := Mistake{Message: "this is no YAML: " + err.Error(), Hint: "Each line reads key: value; inner keys are indented by spaces."}
	if at := yamlLine.FindStringSubmatch(err.Error()); at != nil {
		m.Line, _ = strconv.Atoi(at[1]) // digits
	}
	return m
}

// eachKey visits the keys with their values, nested ones joined by dots.
func eachKey(prefix string, n *yaml.Node, visit func(key string, value *yaml.Node, line int)) {
	if n.Kind != yaml.MappingNode {
		visit(prefix, n, n.Line)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if prefix != "" {
			key = prefix + "." + key
		}
		if value := n.Content[i+1]; value.Kind == yaml.MappingNode {
			eachKey(key, value, visit)
		} else {
			visit(key, value, n.Content[i].Line)
		}
	}
}

// mistaken says what is wrong with one key.
func mistaken(key string, value *yaml.Node) *Mistake {
	if value.Kind != yaml.ScalarNode {
		return &Mistake{Message: fmt.Sprintf("%q must be one value", key), Hint: "Several are one text with commas between them."}
	}
	p := []Property{P(key, value.Value)}
	err := refuse(p)
	if err == nil {
		_, err = newValues(Of(Server)).add(p, FromFile, true)
	}
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Mistake{Message: e.Message, Hint: e.Hint}
	}
	return &Mistake{Message: err.Error()}
}
