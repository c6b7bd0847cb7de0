package relay

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
)

// A panic on one goroutine would end the process, and with it everybody's conversation. Each goroutine here begins with
// one of the two rescues.

// rescue keeps a goroutine's panic from the rest of the node.
func (r *Relay) rescue() {
	if recover() != nil {
		r.reportPanic()
	}
}

// rescue also closes the connection that the goroutine worked for: what it holds in memory may be half changed.
func (c *conn) rescue() {
	if recover() == nil {
		return
	}
	c.relay.reportPanic()
	defer c.relay.rescue()
	c.broken.Store(true)
	c.abort(chat.CloseCode(websocket.CloseInternalServerErr))
	c.ws.Close()
}

// reportPanic leaves out the panic's value: it could hold what was being worked on. It is called by a rescue.
func (r *Relay) reportPanic() {
	r.log.Error("a fault of this server", "kind", "panic", "where", whereOfPanic())
}

// whereOfPanic is the line that panicked, as file:line. Below it on the stack stand the runtime's own frames and the
// rescue.
func whereOfPanic() string {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	panicking := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !inRuntime {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return "unknown"
		}
	}
}
