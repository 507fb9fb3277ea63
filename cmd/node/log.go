package node

import (
	"io"
	"log/slog"

	"slipway/conf"
)

// Logger writes the log; every text passes through redaction.
func Logger(cfg *conf.Values, w io.Writer) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(conf.LogLevel.Get(cfg)))
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(conf.Redact(v))
		case error:
			a.Value = slog.StringValue(conf.Redact(v.Error()))
		}
		return a
	}}
	if conf.LogFormat.Get(cfg) == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
