package node

import (
	"fmt"
	"io"
	"log/slog"

	"slipway/conf"
)

// Logger writes the log; every text passes through redaction.
func Logger(cfg *conf.Values, w io.Writer) *slog.Logger {
	var level slog.Level
	level.UnmarshalText([]byte(conf.LogLevel.Get(cfg)))
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: redacted}
	kept := &recent{}
	w = io.MultiWriter(w, kept)
	if conf.LogFormat.Get(cfg) == "json" {
		return slog.New(remembering{slog.NewJSONHandler(w, o), kept})
	}
	return slog.New(remembering{slog.NewTextHandler(w, o), kept})
}

// redacted is an attribute as it may be written: also of what prints itself, and of lists.
func redacted(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(conf.Redact(v))
	case slog.Level, *slog.Source, nil:
	default:
		if a.Value.Kind() == slog.KindAny {
			a.Value = slog.StringValue(conf.Redact(fmt.Sprint(v)))
		}
	}
	return a
}
