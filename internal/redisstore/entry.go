package redisstore

import (
	"strconv"
	"strings"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// The texts here are those of common.lua, function for function.

// appendEntry appends an entry that closes no slot.
func appendEntry(to []byte, p *relay.Appending, after relay.Precondition) []byte {
	to = append(append(append(to, 'e'), p.Mailbox[:]...), p.Incarnation[:]...)
	to = append(append(to, p.Precondition.Tag[:]...), p.Tag[:]...)
	to = appendNumbers(to, after.Seq, uint64(p.Slot), p.Counter, after.Bytes)
	return append(append(to, ' '), p.Message...)
}

func appendHead(to []byte, f *relay.Precondition) []byte {
	return appendNumbers(append(to, f.Tag[:]...), f.Seq, f.Bytes, f.Epoch)
}

func appendProgress(to []byte, f *relay.Precondition) []byte {
	to = append(append(to, f.Answer.Tag[:]...), short(f.Digest)...)
	return appendNumbers(to, f.Counter, f.Answer.Seq)
}

func appendNumbers(text []byte, numbers ...uint64) []byte {
	for i, n := range numbers {
		if i > 0 {
			text = append(text, ' ')
		}
		text = strconv.AppendUint(text, n, 10)
	}
	return text
}

// parseEntry reads an entry as it is kept and told.
func parseEntry(text string) (relay.Event, bool) {
	e := relay.Event{Kind: relay.EventEntry}
	rest := text
	if !strings.HasPrefix(rest, "e") {
		return e, false
	}
	rest = rest[1:]
	for _, into := range [][]byte{e.Mailbox[:], e.Incarnation[:], e.Before[:], e.Entry.Tag[:]} {
		if len(rest) < len(into) {
			return e, false
		}
		rest = rest[copy(into, rest):]
	}
	facts, message, found := strings.Cut(rest, " ")
	var slot uint64
	for _, into := range []*uint64{&e.Entry.Seq, &slot, &e.Entry.Counter} {
		n, err := strconv.ParseUint(facts, 10, 64)
		if !found || err != nil {
			return e, false
		}
		*into = n
		facts, message, found = strings.Cut(message, " ")
	}
	sum, closed, _ := strings.Cut(facts, ",")
	n, err := strconv.ParseUint(sum, 10, 64)
	if !found || err != nil || slot >= chat.LimitSlots {
		return e, false
	}
	e.Entry.Slot, e.Entry.Message, e.Bytes = uint16(slot), message, n
	for closed != "" {
		var one string
		one, closed, _ = strings.Cut(closed, ",")
		slot, err := strconv.ParseUint(one, 10, 16)
		if err != nil {
			return e, false
		}
		e.ClosedSlots = append(e.ClosedSlots, uint16(slot))
	}
	return e, true
}
