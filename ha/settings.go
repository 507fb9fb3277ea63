package ha

import "slipway/conf"

// Settings reads the job's properties; what is wrong with them is a *conf.Error.
func (j *Job) Settings() (*conf.Values, error) {
	list := make([]conf.Property, len(j.Properties))
	for i, p := range j.Properties {
		list[i] = conf.P(p.Key, p.Value)
	}
	v, _, err := conf.Parse(conf.Job, list)
	return v, err
}
