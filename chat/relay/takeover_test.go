package relay

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// counted counts writes, and takes no more bytes than it is given room for.
type counted struct {
	net.Conn
	got    strings.Builder
	writes int
	room   int
	until  []time.Time
}

func (c *counted) SetWriteDeadline(t time.Time) error {
	c.until = append(c.until, t)
	return nil
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes++
	n := min(c.room, len(p))
	c.room -= n
	c.got.Write(p[:n])
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func TestTheAnswerToAnUpgradeGoesOutWithTheGreeting(t *testing.T) {
	under := &counted{room: 100}
	u := &upgraded{Conn: under}
	for _, text := range []string{"101 ", "hello ", "entry"} {
		if n, err := u.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
	if under.got.String() != "101 hello entry" || under.writes != 2 {
		t.Errorf("%q in %d writes", under.got.String(), under.writes)
	}
	// What is left out is counted in what the caller gave.
	for room, want := range map[int]int{2: 0, 4: 0, 7: 3} {
		u := &upgraded{Conn: &counted{room: room}}
		u.Write([]byte("101 "))
		if n, err := u.Write([]byte("hello")); n != want || err == nil {
			t.Errorf("with room for %d: %d of 5, %v", room, n, err)
		}
	}
}

func TestAWriteDeadlineIsMovedWhereThatMatters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		under := &counted{}
		u := &upgraded{Conn: under}
		var want []time.Time
		for i, step := range []struct {
			pass, ask time.Duration
			moved     bool
		}{
			{0, writeTimeout, true},
			{0, writeTimeout, false},
			{deadlineSlack - 1, writeTimeout, false},
			{1, writeTimeout, true},
			{time.Second, writeTimeout, false},
			{0, closeTimeout, true}, // sooner
			{0, writeTimeout, true},
			{writeTimeout + time.Second, closeTimeout, true}, // little later than one that is over
			{closeTimeout, writeTimeout, true},
			{0, time.Hour, true},
			{time.Second, time.Hour, false},
		} {
			time.Sleep(step.pass)
			deadline := time.Now().Add(step.ask)
			if step.moved {
				want = append(want, deadline)
			}
			if err := u.SetWriteDeadline(deadline); err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(under.until, want, time.Time.Equal) {
				t.Fatalf("step %d: %v, not %v", i, under.until, want)
			}
		}
	})
}
