package redisstore

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// follows reports whether follow.lua may take a message: one that send.lua would take unless something has changed
// since.
func follows(p *relay.Appending) bool {
	f := p.Precondition
	return f != nil && p.Counter == f.Counter+1 && p.Epoch == f.Epoch && !p.Commit &&
		len(p.Opens)+len(p.Closes)+len(p.Welcome) == 0 &&
		p.Refusals == (relay.Refusals{}) && f.Seq < f.MaxSeq && f.Bytes+uint64(len(p.Message)) <= f.MaxBytes &&
		p.Now.Before(f.Until)
}

// follow appends a message that follows behind the entry that the precondition names, or behind others' messages of the
// same epoch. It gives no precondition where anything else has changed.
func (s *Store) follow(ctx context.Context, p *relay.Appending) (relay.Appended, error) {
	f := followings.Get().(*following)
	after := afterwards(p)
	f.say(p, after)
	a, answered, err := s.ask(ctx, call{script: followScript, words: f.words[:]})
	if answered {
		f.giveBack()
	}
	if err != nil {
		return relay.Appended{}, err
	}
	switch a.number() {
	case 0:
		return relay.Appended{}, a.err
	case 2:
		after.Seq, after.Bytes = a.number(), a.number()
		after.Answer = after.Position
	}
	return relay.Appended{Cursor: chat.Cursor{Incarnation: p.Incarnation, Seq: after.Seq, Tag: after.Tag},
		Precondition: &after}, a.err
}

// afterwards is what is known once the message stands behind the entry that its precondition names.
func afterwards(p *relay.Appending) relay.Precondition {
	after := *p.Precondition
	after.Position = relay.Position{Seq: p.Precondition.Seq + 1, Tag: p.Tag}
	after.Counter, after.Digest, after.Answer = p.Counter, p.Digest, after.Position
	after.Bytes += uint64(len(p.Message))
	return after
}

// following is the command that runs follow.lua, with the room for what it says: it is needed for each message, and
// lent again once Redis has answered.
type following struct {
	words [keysAt + followKeys + 2 + 8]any
	room  []byte
	// Of room, in the order of the script's arguments from the third.
	visitor, entry, head, holder, progress, headAfter, progressAfter, limits text
}

// text is what a command says, where it lies.
type text []byte

// MarshalBinary implements encoding.BinaryMarshaler.
func (t *text) MarshalBinary() ([]byte, error) { return *t, nil }

var followings = sync.Pool{New: func() any { return newFollowing() }}

func newFollowing() *following {
	f := new(following)
	f.words = [...]any{"evalsha", followScript.Hash(), followKeys, nil, nil, nil, nil, nil,
		&f.visitor, &f.entry, &f.head, &f.holder, &f.progress, &f.headAfter, &f.progressAfter, &f.limits}
	return f
}

// followKeys is how many keys follow.lua is told of.
const followKeys = 3

const (
	followRoom = 1 << 10  // more than all takes but the message itself
	maxRoom    = 16 << 10 // that is kept
)

func (f *following) say(p *relay.Appending, after relay.Precondition) {
	shard := &keysOfShards[shardOf(p.Mailbox)]
	name := string(p.Mailbox[:])
	f.words[keysAt], f.words[keysAt+1], f.words[keysAt+2] = shard.box+name, shard.entries+name, shard.timers
	f.words[keysAt+followKeys], f.words[keysAt+followKeys+1] = slotFields[p.Slot].holder, slotFields[p.Slot].progress

	room, begin := slices.Grow(f.room[:0], followRoom+len(p.Message)), 0
	cut := func(t *text) { *t, begin = room[begin:], len(room) }
	if p.Slot == 0 {
		room = append(room, p.Mailbox[:]...)
	}
	cut(&f.visitor)
	room = appendEntry(room, p, after)
	cut(&f.entry)
	room = appendHead(room, p.Precondition)
	cut(&f.head)
	room = append(append(room, p.Holder[:]...), '+')
	cut(&f.holder)
	room = appendProgress(room, p.Precondition)
	cut(&f.progress)
	room = appendHead(room, &after)
	cut(&f.headAfter)
	room = appendProgress(room, &after)
	cut(&f.progressAfter)
	room = appendNumbers(room, after.Epoch, after.MaxSeq, after.MaxBytes)
	cut(&f.limits)
	f.room = room
}

// giveBack wipes what a message has left. Room for a long one is not kept.
func (f *following) giveBack() {
	clear(f.room)
	if cap(f.room) <= maxRoom {
		followings.Put(f)
	}
}

// slotFields are the fields of a mailbox that follow.lua is told of, made once.
var slotFields = func() (all [chat.LimitSlots]struct{ holder, progress any }) {
	for slot := range all {
		all[slot].holder, all[slot].progress = "a"+strconv.Itoa(slot), "c"+strconv.Itoa(slot)
	}
	return all
}()
