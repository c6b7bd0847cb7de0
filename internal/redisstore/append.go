package redisstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

func (s *Store) Append(ctx context.Context, p relay.Appending) (relay.Appended, error) {
	if follows(&p) {
		if appended, err := s.follow(ctx, &p); appended.Precondition != nil || err != nil {
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
	appended.Precondition = a.precondition(appended.Cursor, p)
	return appended, a.err
}

// appendArguments are those of send.lua. They outlive the caller where it gives up: the message is copied.
func appendArguments(p relay.Appending) []any {
	dues := fmt.Sprintf("%d %d %d", p.Due.Open.UnixMilli(), p.Due.Claimed.UnixMilli(), p.Due.Held.UnixMilli())
	args := []any{p.Mailbox[:], p.Incarnation[:], p.Slot, bounded(p.Counter), p.Holder[:],
		short(p.Digest), p.Tag[:], bounded(p.Epoch), flag(p.Commit), bytes.Clone(p.Message),
		refusal(p.Refusals.Message), refusal(p.Refusals.Policy), dues}
	if len(p.Opens)+len(p.Closes) > 0 {
		args = append(args, joined(p.Opens), joined(p.Closes), bytes.Clone(p.Welcome), p.Now.UnixMilli())
	}
	return args
}

// precondition reads what stands behind a message that send.lua has taken.
func (a *answer) precondition(at chat.Cursor, p relay.Appending) *relay.Precondition {
	if a.number() == 0 {
		return nil
	}
	f := &relay.Precondition{Position: relay.Position{Seq: at.Seq, Tag: at.Tag}, Counter: p.Counter, Digest: p.Digest}
	f.Answer = f.Position
	f.Bytes, f.Epoch, f.MaxSeq, f.MaxBytes = a.number(), a.number(), a.number(), a.number()
	f.Until = p.Now.Add(time.Duration(a.number()) * time.Millisecond)
	return f
}
