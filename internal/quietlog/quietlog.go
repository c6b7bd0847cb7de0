// Package quietlog writes logs that cannot tell on anybody. Attributes pass only if their key is on a short list,
// messages and errors are cleaned of whatever looks like an address or an id, and what net/http and crypto/tls want to
// log is reduced to the kind of the event.
package quietlog

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"time"
)

// allowed are the keys of attributes that pass. Their values are about the server and its configuration, never about a
// person.
var allowed = []string{
	slog.TimeKey, slog.LevelKey, slog.MessageKey,
	"kommun", "origin", "listen", "serial", "expires", "devices", "file", "problem", "version", "count", "kind", "code",
	"took", "where",
}

// New returns a logger that writes a line for each event.
func New(w io.Writer) *slog.Logger { return slog.New(Handler(w, slog.LevelInfo)) }

// Handler is the slog.Handler behind New.
func Handler(w io.Writer, level slog.Leveler) slog.Handler {
	return quiet{slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})}
}

type quiet struct{ next slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool { return q.next.Enabled(ctx, level) }

func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, Clean(r.Message), 0)
	r.Attrs(func(a slog.Attr) bool {
		if a, ok := pass(a); ok {
			clean.AddAttrs(a)
		}
		return true
	})
	return q.next.Handle(ctx, clean)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	var clean []slog.Attr
	for _, a := range attrs {
		if a, ok := pass(a); ok {
			clean = append(clean, a)
		}
	}
	return quiet{q.next.WithAttrs(clean)}
}

// WithGroup drops the name: within a group, keys would no longer be those of the list.
func (q quiet) WithGroup(string) slog.Handler { return q }

func pass(a slog.Attr) (slog.Attr, bool) {
	if !slices.Contains(allowed, a.Key) {
		return a, false
	}
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindTime:
		return slog.Attr{Key: a.Key, Value: v}, true
	case slog.KindString:
		return slog.String(a.Key, cleanFor(a.Key, v.String())), true
	case slog.KindAny:
		switch v := v.Any().(type) {
		case error:
			return slog.String(a.Key, Clean(v.Error())), true
		case time.Time:
			return slog.Time(a.Key, v), true
		}
	}
	// Groups, and values that would print themselves as they like.
	return a, false
}

// cleanFor leaves alone what the operator wrote: where the server itself listens is no secret of anybody's.
func cleanFor(key, text string) string {
	switch key {
	case "listen", "origin":
		return text
	}
	return Clean(text)
}

var (
	ipv4    = regexp.MustCompile(`\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?\b`)
	ipv6    = regexp.MustCompile(`(?i)\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:%[a-z0-9]+)?\]?(?::[0-9]+)?`)
	secrets = regexp.MustCompile(`[0-9a-fA-F]{16,}|[A-Za-z0-9+/_-]{40,}={0,2}`)
	control = regexp.MustCompile(`[\x00-\x1f\x7f]+`)
)

// Clean replaces whatever in text looks like a network address, an id or a key, and control characters.
func Clean(text string) string {
	text = control.ReplaceAllString(text, " ")
	text = ipv4.ReplaceAllString(text, "[address]")
	text = ipv6.ReplaceAllStringFunc(text, func(m string) string {
		// Times of day have colons, too.
		if clock.MatchString(m) {
			return m
		}
		return "[address]"
	})
	return secrets.ReplaceAllString(text, "[id]")
}

var clock = regexp.MustCompile(`^[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]$`)
