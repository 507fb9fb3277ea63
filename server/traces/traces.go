// Package traces sends what statements, checkpoints and recoveries took as spans to a collector, by OpenTelemetry's
// protocol over HTTP. No span holds the text of a statement, a value of a row or the words of an error: SQLSTATEs,
// names and numbers alone. The only door to the OpenTelemetry libraries.
package traces

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"slipway/conf"
	"slipway/sql/sqlerr"
)

// Options say where spans go.
type Options struct {
	// Endpoint is the URL of the collector, as http://collector:4318; without a path the protocol's own, /v1/traces, is taken.
	Endpoint string
	// Share of the traces that are sent, from 0 to 1.
	Share   float64
	Version string
	Log     *slog.Logger
}

// Tracer sends spans; safe for concurrent use. A nil one sends none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer
}

// tracesPath is where a collector takes spans, by the protocol.
const tracesPath = "/v1/traces"

// New makes a tracer; nil without an endpoint. It does not wait for the collector: spans that it does not take are left out, and the log
// says so.
func New(ctx context.Context, o Options) (*Tracer, error) {
	if o.Endpoint == "" {
		return nil, nil
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("server.trace.endpoint: %q is no URL as http://collector:4318", conf.Redact(o.Endpoint))
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = tracesPath
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(u.String()))
	if err != nil {
		return nil, fmt.Errorf("server.trace.endpoint: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("spans were not taken", "error", conf.Redact(err.Error())) }))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter), sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Share))),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "slipway"), attribute.String("service.version", o.Version))),
	)
	return &Tracer{provider, provider.Tracer("slipway")}, nil
}

// Close sends what waits, as far as ctx allows.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Attributes say more of a span; a value is a text, a whole number or a boolean.
type Attributes map[string]any

func (a Attributes) list() (out []attribute.KeyValue) {
	for key, v := range a {
		switch v := v.(type) {
		case string:
			out = append(out, attribute.String(key, v))
		case int64:
			out = append(out, attribute.Int64(key, v))
		case int:
			out = append(out, attribute.Int(key, v))
		case bool:
			out = append(out, attribute.Bool(key, v))
		}
	}
	return out
}

// Begin begins a span; end ends it, with the SQLSTATE of an error.
func (t *Tracer) Begin(ctx context.Context, name string, a Attributes) (_ context.Context, end func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(a.list()...))
	return ctx, func(err error) {
		if err != nil {
			code := string(sqlerr.From(err).Code)
			span.SetAttributes(attribute.String("db.response.status_code", code))
			span.SetStatus(codes.Error, code)
		}
		span.End()
	}
}

// Past sends a span of what is over; failed is empty, or a word that says how it failed.
func (t *Tracer) Past(name string, began, ended time.Time, failed string, a Attributes) {
	if t == nil {
		return
	}
	_, span := t.tracer.Start(context.Background(), name, trace.WithTimestamp(began), trace.WithAttributes(a.list()...))
	if failed != "" {
		span.SetStatus(codes.Error, failed)
	}
	span.End(trace.WithTimestamp(ended))
}
