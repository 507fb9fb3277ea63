package traces

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"slipway/sql/sqlerr"
)

// collect is a collector: it gives each span that it takes.
func collect(t *testing.T) (url string, taken chan *otlp.Span) {
	t.Helper()
	taken = make(chan *otlp.Span, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		b, err := io.ReadAll(body)
		var m collector.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(b, &m) != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		for _, resource := range m.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					taken <- span
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, taken
}

func tracer(t *testing.T, o Options) *Tracer {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	x, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func valueOf(s *otlp.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// TestSpans: what is begun and what is over arrives, with its attributes, its times and the SQLSTATE of an error, and without the
// words of the error.
func TestSpans(t *testing.T) {
	url, taken := collect(t)
	x := tracer(t, Options{Endpoint: url, Share: 1})
	_, end := x.Begin(t.Context(), "SELECT", Attributes{"db.user": "ann", "n": int64(7), "m": 8, "yes": true})
	end(sqlerr.New(sqlerr.UndefinedColumn, "the word hunter2"))
	began := time.Unix(1000, 0)
	x.Past("checkpoint", began, began.Add(time.Second), "EXPIRED", nil)
	if err := x.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(taken)
	spans := map[string]*otlp.Span{}
	for s := range taken {
		if spans[s.Name] = s; strings.Contains(s.String(), "hunter2") {
			t.Errorf("it holds the words of the error: %s", s)
		}
	}
	s, c := spans["SELECT"], spans["checkpoint"]
	if s == nil || c == nil {
		t.Fatalf("%d spans: %v", len(spans), spans)
	}
	for key, want := range map[string]string{"db.user": "ann", "n": "7", "m": "8", "yes": "true", "db.response.status_code": "42703"} {
		if got := valueOf(s, key); !strings.Contains(got, want) {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	if s.Status.Code != otlp.Status_STATUS_CODE_ERROR || c.Status.Code != otlp.Status_STATUS_CODE_ERROR {
		t.Error("errors are none")
	}
	if c.StartTimeUnixNano != uint64(began.UnixNano()) || c.EndTimeUnixNano != uint64(began.Add(time.Second).UnixNano()) {
		t.Errorf("from %d to %d", c.StartTimeUnixNano, c.EndTimeUnixNano)
	}
}

// TestShare: of a share of nothing nothing is sent.
func TestShare(t *testing.T) {
	url, taken := collect(t)
	x := tracer(t, Options{Endpoint: url})
	for range 50 {
		_, end := x.Begin(t.Context(), "SELECT", nil)
		end(nil)
	}
	if err := x.Close(t.Context()); err != nil || len(taken) != 0 {
		t.Errorf("%v, %d spans", err, len(taken))
	}
}

// TestOff: without an endpoint there is no tracer, and whoever has none goes on; an endpoint that is none is refused.
func TestOff(t *testing.T) {
	x := tracer(t, Options{})
	if x != nil {
		t.Fatal("there is a tracer")
	}
	_, end := x.Begin(context.Background(), "SELECT", nil)
	end(nil)
	x.Past("checkpoint", time.Now(), time.Now(), "", nil)
	if err := x.Close(t.Context()); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"collector:4318", "grpc://collector", "http://"} {
		if _, err := New(t.Context(), Options{Endpoint: bad}); err == nil || !strings.Contains(err.Error(), "server.trace.endpoint") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
