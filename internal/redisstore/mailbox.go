package redisstore

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// A page is bounded by entries and by bytes, so that one reader's replay holds neither Redis nor the node for long.
const (
	pageEntries = 64
	pageBytes   = 256 << 10
	// What comes with an attachment is asked for by as many as come at once.
	firstEntries = 16
	firstBytes   = 32 << 10
)

func (s *Store) Open(ctx context.Context, o relay.Opening) (relay.Opened, error) {
	a, err := s.run(ctx, openScript, o.Mailbox, openArguments(o)...)
	if err != nil {
		return relay.Opened{}, err
	}
	var opened relay.Opened
	a.bytes(opened.Cursor.Incarnation[:])
	opened.Cursor.Seq = 1
	a.bytes(opened.Cursor.Tag[:])
	opened.Fence = a.number()
	opened.Repeat = a.number() == 1
	opened.Note = a.note(o.Mailbox)
	return opened, a.err
}

// openArguments are those of open.lua. They outlive the caller where it gives up: Welcome and message are copied.
func openArguments(o relay.Opening) []any {
	return []any{o.Mailbox[:], o.Incarnation[:], o.Kommun, short(o.Slot),
		minute(o.Now), seconds(o.Retention), o.Tag[:], o.Due.Open.UnixMilli(), o.Now.UnixMilli(),
		joined(o.Devices), bytes.Clone(o.Welcome), bytes.Clone(o.Message), o.Holder[:], short(o.Digest), refusal(o.Refusal)}
}

func (s *Store) Advance(ctx context.Context, seat relay.Seat, c chat.Cursor) error {
	_, err := s.run(ctx, advanceScript, seat.Mailbox, seat.Incarnation[:], seat.Slot, seat.Holder[:],
		c.Incarnation[:], bounded(c.Seq), c.Tag[:])
	return err
}

func (s *Store) Resolve(ctx context.Context, seat relay.Seat, c chat.Cursor) error {
	_, err := s.run(ctx, resolveScript, seat.Mailbox, seat.Mailbox[:], seat.Incarnation[:], seat.Slot, seat.Holder[:],
		c.Incarnation[:], bounded(c.Seq), c.Tag[:])
	return err
}

func (s *Store) End(ctx context.Context, e relay.Ending) (relay.Note, error) {
	a, err := s.run(ctx, endScript, e.Mailbox, e.Mailbox[:], e.Incarnation[:], e.Slot, e.Holder[:], e.Reason.Tombstone(),
		e.Read.Incarnation[:], bounded(e.Read.Seq), e.Read.Tag[:], bounded(e.Counter),
		refusal(e.Refusals.Message), refusal(e.Refusals.Policy), bounded(e.Epoch), e.Tag[:], e.Now.UnixMilli(), e.Message)
	if err != nil {
		return relay.Note{}, err
	}
	n := a.note(e.Mailbox)
	return n, a.err
}

func (s *Store) Attach(ctx context.Context, t relay.Attaching) (relay.Attached, error) {
	var hash, device []byte
	if t.Capability != nil {
		hash = short(*t.Capability)
	} else {
		device = t.Device[:]
	}
	a, err := s.run(ctx, attachScript, t.Mailbox, t.Mailbox[:], listed(t.Kommuner), hash, device,
		t.Cursor.Incarnation[:], bounded(t.Cursor.Seq), t.Cursor.Tag[:], t.Holder[:], firstEntries, firstBytes)
	if err != nil {
		return relay.Attached{}, err
	}
	var found relay.Attached
	found.Mailbox, found.Holder = t.Mailbox, t.Holder
	a.bytes(found.Incarnation[:])
	found.Slot = uint16(a.number())
	found.Head.Incarnation = found.Incarnation
	found.Head.Seq = a.number()
	a.bytes(found.Head.Tag[:])
	found.Epoch = a.number()
	found.Counter = a.number()
	found.After = a.number()
	found.Fence = a.number()
	found.Kommun = a.text()
	found.Page, err = a.page(found.Head.Seq)
	return found, err
}

// listed is how a script looks for one of several kommuner: no id has a space in it.
func listed(kommuner []string) string { return " " + strings.Join(kommuner, " ") + " " }

func (s *Store) Detach(ctx context.Context, seat relay.Seat) error {
	_, err := s.run(ctx, detachScript, seat.Mailbox, seat.Mailbox[:], seat.Incarnation[:], seat.Slot, seat.Holder[:])
	return err
}

func (s *Store) Leave(ctx context.Context, seat relay.Seat) error {
	_, err := s.run(ctx, leaveScript, seat.Mailbox, seat.Mailbox[:], seat.Incarnation[:], seat.Holder[:])
	return err
}

func (s *Store) Keep(ctx context.Context, seat relay.Seat, retention time.Duration, now time.Time) (relay.Note, error) {
	a, err := s.run(ctx, keepScript, seat.Mailbox, seat.Mailbox[:], seat.Incarnation[:], seat.Holder[:],
		seconds(retention), now.UnixMilli())
	if err != nil {
		return relay.Note{}, err
	}
	n := a.note(seat.Mailbox)
	return n, a.err
}

func (s *Store) Read(ctx context.Context, seat relay.Seat, after relay.Position) (relay.Page, error) {
	a, err := s.run(ctx, readScript, seat.Mailbox, seat.Incarnation[:], seat.Slot, after.Seq, after.Tag[:], pageEntries,
		pageBytes)
	if err != nil {
		return relay.Page{}, err
	}
	return a.page(a.number())
}

// page reads the rest of an answer: the seq that closed the slot, presence, alarm, and entries.
func (a *answer) page(head uint64) (relay.Page, error) {
	page := relay.Page{Head: head, Closed: a.number()}
	page.Presence.Visitor = chat.PresenceState(a.number())
	page.Presence.Staff = chat.PresenceState(a.number())
	page.Alarm = chat.AlarmState(a.number())
	for len(a.fields) > 0 && a.err == nil {
		kept, ok := parseEntry(a.text())
		if !ok {
			return relay.Page{}, errAnswer
		}
		page.Entries = append(page.Entries, kept.Entry)
	}
	return page, a.err
}

func (s *Store) Welcome(ctx context.Context, kommuner []string, device chat.Device,
	mailbox chat.Mailbox) (relay.Welcomed, error) {
	a, err := s.run(ctx, welcomeScript, mailbox, listed(kommuner), device.String())
	if err != nil {
		return relay.Welcomed{}, err
	}
	var w relay.Welcomed
	a.bytes(w.From.Incarnation[:])
	w.From.Seq = a.number()
	a.bytes(w.From.Tag[:])
	w.Welcome = []byte(a.text())
	return w, a.err
}

func (s *Store) Heads(ctx context.Context, mailboxes []chat.Mailbox) ([]relay.Head, error) {
	if len(mailboxes) == 0 {
		return nil, nil
	}
	if err := s.gate(); err != nil {
		return nil, err
	}
	answers := make([]redis.Cmder, len(mailboxes))
	for i, id := range mailboxes {
		answers[i] = redis.NewSliceCmd(ctx, "hmget", boxKey(id), "i", "h")
	}
	if err := s.pipeline.run(ctx, answers...); err != nil {
		return nil, plain(err)
	}
	heads := make([]relay.Head, len(mailboxes))
	for i, cmd := range answers {
		values := cmd.(*redis.SliceCmd).Val()
		incarnation, _ := values[0].(string)
		head, _ := values[1].(string)
		copy(heads[i].Incarnation[:], incarnation)
		tag := copy(heads[i].Tag[:], head)
		seq, _, _ := strings.Cut(head[tag:], " ")
		heads[i].Seq, _ = strconv.ParseUint(seq, 10, 64)
	}
	return heads, nil
}

func (s *Store) Tombstone(ctx context.Context, mailbox chat.Mailbox) (bool, error) {
	if err := s.gate(); err != nil {
		return false, err
	}
	n, err := s.client.Exists(ctx, tombKey(mailbox)).Result()
	return n == 1, plain(err)
}

// bounded brings a client's number to where Lua counts exactly. No stored number comes near it, so that a higher one
// stays too high.
func bounded(n uint64) uint64 { return min(n, 1<<53) }

func joined(devices []chat.Device) string {
	var out strings.Builder
	for _, d := range devices {
		out.WriteString(d.String())
	}
	return out.String()
}

// refusal is what refusalOf of common.lua reads; empty where there is none.
func refusal(e *chat.Error) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%d %d", e.Code, e.Detail)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// short is what is kept of a digest or of a capability's hash, which make up much of a short mailbox. Nobody finds
// another with the same 16 bytes; a sender who had two frames of one digest would fool nobody but itself.
func short(digest [32]byte) []byte { return digest[:16] }

func seconds(d time.Duration) int64 { return max(1, int64(d/time.Second)) }

func minute(t time.Time) int64 { return t.Unix() - t.Unix()%60 }
