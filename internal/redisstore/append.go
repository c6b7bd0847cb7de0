package redisstore

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (s *Store) Append(ctx context.Context, p relay.Appending) (relay.Appended, error) {
	if follows(p) {
		if appended, err := s.follow(ctx, p); appended.Footing != nil || err != nil {
			return appended, err
		}
	}
	script := sendScript
	if p.Commit || len(p.Opens)+len(p.Closes) > 0 {
		script = commitScript
	}
	a, err := s.run(ctx, script, p.Mailbox, appendArguments(p)...)
	if err != nil {
		return relay.Appended{}, err
	}
	appended := relay.Appended{Cursor: chat.Cursor{Incarnation: p.Incarnation}}
	appended.Cursor.Seq = a.number()
	a.bytes(appended.Cursor.Tag[:])
	appended.Note = a.note(p.Mailbox)
	appended.Footing = a.footing(appended.Cursor, p)
	return appended, a.err
}

// appendArguments are those of send.lua. They outlive the caller where it gives up: the message is copied.
func appendArguments(p relay.Appending) []any {
	dues := fmt.Sprintf("%d %d %d", p.Due.Open.UnixMilli(), p.Due.Claimed.UnixMilli(), p.Due.Held.UnixMilli())
	args := []any{p.Mailbox[:], p.Incarnation[:], p.Slot, bounded(p.Counter), p.Holder[:],
		short(p.Digest), p.Tag[:], bounded(p.Epoch), flag(p.Commit), bytes.Clone(p.Message),
		refusal(p.Verdict.Message), refusal(p.Verdict.Policy), dues}
	if len(p.Opens)+len(p.Closes) > 0 {
		args = append(args, joined(p.Opens), joined(p.Closes), bytes.Clone(p.Welcome), p.Now.UnixMilli())
	}
	return args
}

// footing reads what stands behind a message that send.lua has taken.
func (a *answer) footing(at chat.Cursor, p relay.Appending) *relay.Footing {
	if a.number() == 0 {
		return nil
	}
	f := &relay.Footing{Place: relay.Place{Seq: at.Seq, Tag: at.Tag}, Counter: p.Counter, Digest: p.Digest}
	f.Answer = f.Place
	f.Bytes, f.Epoch, f.MostSeq, f.MostBytes = a.number(), a.number(), a.number(), a.number()
	f.Until = p.Now.Add(time.Duration(a.number()) * time.Millisecond)
	return f
}

// follows tells whether follow.lua may take a message: one that send.lua would take unless something has changed since.
func follows(p relay.Appending) bool {
	f := p.Footing
	return f != nil && p.Counter == f.Counter+1 && p.Epoch == f.Epoch && !p.Commit && len(p.Opens)+len(p.Closes)+len(p.Welcome) == 0 &&
		p.Verdict == (relay.Verdict{}) && f.Seq < f.MostSeq && f.Bytes+uint64(len(p.Message)) <= f.MostBytes && p.Now.Before(f.Until)
}

// follow appends a message that follows behind the entry that the footing names. It gives no footing where that is no longer the newest.
func (s *Store) follow(ctx context.Context, p relay.Appending) (relay.Appended, error) {
	after := afterwards(p)
	a, err := s.runOn(ctx, followScript, followKeysOf(p.Mailbox), followArguments(p, after)...)
	if err != nil || a.number() == 0 {
		return relay.Appended{}, err
	}
	return relay.Appended{Cursor: chat.Cursor{Incarnation: p.Incarnation, Seq: after.Seq, Tag: after.Tag}, Footing: &after}, nil
}

// afterwards is what is known once the message stands behind the entry that its footing names.
func afterwards(p relay.Appending) relay.Footing {
	after := *p.Footing
	after.Place = relay.Place{Seq: p.Footing.Seq + 1, Tag: p.Tag}
	after.Counter, after.Digest, after.Answer = p.Counter, p.Digest, after.Place
	after.Bytes += uint64(len(p.Message))
	return after
}

func followArguments(p relay.Appending, after relay.Footing) []any {
	slot := strconv.Itoa(int(p.Slot))
	var visitors []byte
	if p.Slot == 0 {
		visitors = p.Mailbox[:]
	}
	return []any{
		"a" + slot, "c" + slot, visitors, entryText(p, after),
		headText(*p.Footing), string(p.Holder[:]) + "+", progressText(*p.Footing), headText(after), progressText(after),
	}
}
