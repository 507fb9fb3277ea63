package session

import (
	"context"
	"fmt"
	"strings"

	"slipway/conf"
	"slipway/ha"
	"slipway/sql/ast"
	"slipway/sql/catalog"
)

var _ = register(statement[*ast.ShowProperties]{right: inspect,
	needs: onJob(catalog.Read, func(st *ast.ShowProperties) (ast.Name, bool) { return st.Job, true }),
	tag:   "SHOW PROPERTIES", names: []string{"property", "value", "source", "meaning"},
	list: (*session).showProperties})

func (s *session) showProperties(_ context.Context, st *ast.ShowProperties, t *table) error {
	j, err := s.status(st.Job)
	if err != nil {
		return err
	}
	return s.addProperties(&j.Job, t)
}

func (s *session) addProperties(j *ha.Job, t *table) error {
	v, err := settingsOf(j)
	if err != nil {
		return err
	}
	for _, c := range conf.All() {
		if c.Level != conf.Job || c.Ignored {
			continue
		}
		value := v.Text(c.Key)
		if c == conf.CheckpointBackend.Setting {
			value = s.backendName(v)
		}
		if c.Secret && value != "" {
			value = conf.Hidden
		}
		t.add(c.Key, conf.Redact(value), v.Source(c.Key), c.Text)
	}
	return nil
}

// properties are those that a job was given.
func properties(j *ha.Job) string {
	v, err := settingsOf(j)
	if err != nil {
		return ""
	}
	return printed(v)
}

// printed is what was given of settings, as a property list has it.
func printed(v *conf.Values) string {
	var parts []string
	for _, p := range v.Redacted() {
		parts = append(parts, fmt.Sprintf("%q=%q", p.Key, p.Value))
	}
	return strings.Join(parts, ", ")
}

var _ = describe(described{chapter: "Stream jobs", place: 4, form: `SHOW PROPERTIES FOR STREAMJOB name`,
	text:    "Lists every property of the job, its value and where that comes from.",
	example: `SHOW PROPERTIES FOR STREAMJOB count_pages;`}, of[*ast.ShowProperties]())
