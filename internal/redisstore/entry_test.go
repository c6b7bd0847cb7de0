package redisstore

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// An entry's bytes are put together in Go (appendEntry) and in Lua (entryText), and read in Go (parseEntry) and by
// offsets in Lua (tagAt, sumAt): all of them mean the same bytes.
func TestLuaAndGoMeanTheSameEntry(t *testing.T) {
	url, err := InProcess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	script := redis.NewScript(linked(`-- uses: entryText, sumAt, tagAt
redis.call('RPUSH', entries, entryText(unpack(ARGV)))
return {0, redis.call('LINDEX', entries, -1), tagAt(-1), sumAt(-1)}`))
	for _, c := range []struct{ message, closed string }{
		{"a message", ""}, {"", ""}, {"1 2,3 4\x00\r\n ", ""}, {"closes", ",3,25"},
	} {
		p := &relay.Appending{Message: []byte(c.message), Counter: 7, Tag: chat.Tag{4, 0, ' ', ','},
			Precondition: &relay.Precondition{}}
		p.Mailbox, p.Incarnation, p.Slot = chat.Mailbox{1, 0, ' '}, chat.Incarnation{2, 0, '\n'}, 12
		p.Precondition.Tag = chat.Tag{3, 0, '%'}
		after := relay.Precondition{Position: relay.Position{Seq: 1234, Tag: p.Tag}, Bytes: 56789}
		a, err := store.run(t.Context(), script, p.Mailbox, p.Mailbox[:], p.Incarnation[:], p.Precondition.Tag[:],
			p.Tag[:], after.Seq, p.Slot, p.Counter, after.Bytes, c.closed, p.Message)
		if err != nil {
			t.Fatal(err)
		}
		text, tag, sum := a.text(), a.text(), a.number()
		if tag != string(p.Tag[:]) || sum != after.Bytes || a.err != nil {
			t.Errorf("%q: Lua reads tag %q and sum %d, %v", c.message, tag, sum, a.err)
		}
		if ours := string(appendEntry(nil, p, after)); c.closed == "" && ours != text {
			t.Errorf("%q: Go writes %q, Lua %q", c.message, ours, text)
		}
		e, ok := parseEntry(text)
		if !ok || e.Mailbox != p.Mailbox || e.Incarnation != p.Incarnation || e.Before != p.Precondition.Tag ||
			e.Entry.Tag != p.Tag || e.Entry.Seq != after.Seq || e.Entry.Slot != p.Slot || e.Entry.Counter != p.Counter ||
			e.Bytes != after.Bytes || e.Entry.Message != c.message || len(e.ClosedSlots) != strings.Count(c.closed, ",") {
			t.Errorf("%q: Go reads %+v, %v", c.message, e, ok)
		}
	}
}
