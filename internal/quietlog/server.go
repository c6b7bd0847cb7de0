package quietlog

import (
	"bytes"
	"log"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"
)

// every is how often one kind of event is written; the count tells how many there were. It also keeps the moment of a
// single failed connection out of the log.
const every = time.Minute

// ServerLog returns what http.Server.ErrorLog needs: it writes the kind of an event to logger, never its text, which
// holds the client's address and, after a panic, whatever was being worked on.
func ServerLog(logger *slog.Logger) *log.Logger {
	return log.New(&events{logger: logger, now: time.Now, last: make(map[string]time.Time), count: make(map[string]int)},
		"", 0)
}

type events struct {
	logger *slog.Logger
	now    func() time.Time

	mu    sync.Mutex
	last  map[string]time.Time
	count map[string]int
}

// Write takes one event from package log.
func (e *events) Write(text []byte) (int, error) {
	kind := kindOf(string(text))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count[kind]++
	now := e.now()
	if last, ok := e.last[kind]; ok && now.Sub(last) < every {
		return len(text), nil
	}
	attrs := []any{"kind", kind, "count", e.count[kind]}
	if where := frames(text); where != "" {
		attrs = append(attrs, "where", where)
	}
	e.logger.Warn("the web server met an error", attrs...)
	e.last[kind], e.count[kind] = now, 0
	return len(text), nil
}

func kindOf(text string) string {
	for _, k := range []struct{ part, kind string }{
		{"TLS handshake error", "tls"},
		{"panic serving", "panic"},
		{"Accept error", "accept"},
		{"too many connections", "too many connections"},
		{"superfluous response.WriteHeader", "superfluous header"},
		{"URL query contains semicolon", "query"},
	} {
		if strings.Contains(text, k.part) {
			return k.kind
		}
	}
	return "other"
}

var frame = regexp.MustCompile(`(?m)^\t(?:.*/)?([A-Za-z0-9_.-]+\.go:[0-9]+)`)

// frames names the source lines of a panic's stack, without the arguments or the value of the panic.
func frames(text []byte) string {
	if !bytes.Contains(text, []byte("panic serving")) {
		return ""
	}
	var lines []string
	for _, m := range frame.FindAllSubmatch(text, 12) {
		lines = append(lines, string(m[1]))
	}
	return strings.Join(lines, " ")
}
