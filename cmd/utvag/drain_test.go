package main

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/redistest"
)

// A node that is told to stop lets its pages go one after the other and takes no new ones; they go on with their
// conversation on another node of the same Redis. Whoever does not answer holds it up for a bounded time.
// graceful is how long internal/server gives what is open when it stops.
const graceful = 10 * time.Second

func TestServeDrains(t *testing.T) {
	redis := redistest.Start(t)
	leaving, staying := serveOn(t, redis), serveOn(t, redis)
	const pages = 400
	closed := make(chan time.Time, pages)
	for range pages {
		c, err := chattest.Dial(leaving.visitor+"/relay", leaving.visitor)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer c.Close()
			if code, err := c.CloseCode(); err == nil && code == chat.CloseDrain {
				closed <- time.Now()
			}
		}()
	}
	mailbox, visitor := leaving.story(t)
	deaf, err := chattest.Dial(leaving.visitor+"/relay", leaving.visitor)
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Cut()
	deaf.Stall()
	if _, err := deaf.Ask(&chat.Ping{}); err != nil { // the frame that is read last
		t.Fatal(err)
	}

	begun := time.Now()
	leaving.cmd.Process.Signal(syscall.SIGTERM)
	first := <-closed
	if _, err := chattest.Dial(leaving.visitor+"/relay", leaving.visitor); err == nil {
		t.Error("a connection was taken while the node drains")
	}
	times := []time.Time{first}
	for len(times) < pages {
		select {
		case at := <-closed:
			times = append(times, at)
		case <-time.After(graceful):
			t.Fatalf("%d of %d pages were told to move on", len(times), pages)
		}
	}
	if spread := slices.MaxFunc(times, time.Time.Compare).Sub(first); spread < 400*time.Millisecond {
		t.Errorf("all were told within %v: the other nodes meet them at once", spread)
	}
	leaving.end(t, syscall.SIGTERM)
	if took := time.Since(begun); took > graceful+5*time.Second {
		t.Errorf("it took %v to end", took)
	}

	// Both nodes have one roster, and the other knows the conversation.
	visitor.Close()
	again, err := chattest.Dial(staying.visitor+"/relay", staying.visitor)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	answer, err := again.Ask(&chat.Attach{Mailbox: mailbox, Capability: leaving.capability})
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= answer.(*chat.Attached).Head.Seq; seq++ {
		frame, err := again.Next()
		if e, ok := frame.(*chat.Entry); err != nil || !ok || e.Seq != seq {
			t.Fatal(fmt.Errorf("entry %d: %v, %w", seq, frame, err))
		}
	}
	if _, err := again.Ask(&chat.Send{Mailbox: mailbox, Counter: 3,
		Message: chattest.Text(mailbox, 2, "vidare")}); err != nil {
		t.Error(err)
	}
}
