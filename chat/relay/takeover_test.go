package relay

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
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
	under := &counted{}
	u := &upgraded{Conn: under}
	begin := time.Now()
	at := func(d time.Duration) time.Time { return begin.Add(d) }
	asked := []time.Duration{0, time.Millisecond, deadlineSlack - 1, deadlineSlack, deadlineSlack + time.Second, time.Second, 2 * time.Second, time.Hour}
	for _, d := range asked {
		if err := u.SetWriteDeadline(at(d)); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Time{at(0), at(deadlineSlack), at(time.Second), at(time.Hour)}
	if !slices.EqualFunc(under.until, want, time.Time.Equal) {
		t.Errorf("%v, not %v", under.until, want)
	}
}
