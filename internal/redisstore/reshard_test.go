package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redistest"
)

// While a slot moves from one node of a Cluster to another, some keys of its mailboxes are here and some there. Whoever
// asks then is answered as ever or has to ask again: nobody is told that a mailbox is gone, set back or at another
// place, and what was not answered is not done twice.
func TestAMailboxOnTheMoveIsNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, false)
	store := open(t, cluster.URL)
	now := time.Now()
	var seats []relay.Seat
	var ids []chat.Mailbox
	heads := map[chat.Mailbox]chat.Cursor{}
	for range 6 {
		id := chattest.NewMailbox()
		id[0] = 7 // one shard
		opened, err := store.Open(t.Context(), relay.Opening{
			Mailbox: id, Incarnation: chat.Incarnation(id[:]), Tag: chat.Tag{1}, Kommun: "vidby", Devices: []chat.Device{{1}},
			Welcome: chattest.Welcome(100),
			Message: chattest.Text(id, 1, "hej"), Retention: time.Hour, Now: now, Due: relay.Due{Open: now.Add(time.Hour)},
		})
		if err != nil {
			t.Fatal(err)
		}
		ids, heads[id] = append(ids, id), opened.Cursor
		seats = append(seats, relay.Seat{Mailbox: id, Incarnation: opened.Cursor.Incarnation})
	}
	patience := 200 * time.Millisecond
	say := func(seat relay.Seat, counter uint64) (relay.Appended, error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return store.Append(ctx, relay.Appending{
			Seat: seat, Counter: counter, Tag: chat.Tag{byte(counter), 9}, Epoch: 1, Message: chattest.Text(seat.Mailbox, 1,
				fmt.Sprint(counter)), Now: now, Due: relay.Due{Open: now.Add(time.Hour)},
		})
	}
	counters, unanswered := make([]uint64, len(seats)), 0
	for i := range counters {
		counters[i] = 2
	}
	look := func() {
		for i, seat := range seats {
			appended, err := say(seat, counters[i])
			var refusal *chat.Error
			switch {
			case errors.As(err, &refusal):
				t.Errorf("mailbox %d on its way refused with %v", i, refusal)
			case err != nil:
				unanswered++
			case appended.Cursor.Seq != counters[i]:
				t.Errorf("mailbox %d gave message %d the place %d", i, counters[i], appended.Cursor.Seq)
			default:
				heads[seat.Mailbox] = appended.Cursor
				counters[i]++
			}
		}
		found, err := store.Heads(t.Context(), ids)
		for i, head := range found {
			// A message whose answer came too late may be there, too.
			want := heads[ids[i]]
			newer := head.Seq == want.Seq+1 && head.Incarnation == want.Incarnation
			if err == nil && !newer && (head.Seq != want.Seq || head.Tag != want.Tag || head.Incarnation != want.Incarnation) {
				t.Errorf("mailbox %d has its head at %v, want %v", i, head, want)
			}
		}
	}
	text, err := cluster.Nodes[0].Do("CLUSTER", "KEYSLOT", "{07}")
	if err != nil {
		t.Fatal(err)
	}
	slot, _ := strconv.Atoi(text)
	var from, to *redistest.Server
	for _, node := range cluster.Nodes {
		if n, _ := node.Do("CLUSTER", "COUNTKEYSINSLOT", text); n != "0" {
			from = node
		} else {
			to = node
		}
	}
	before := cluster.Redirections()
	if err := cluster.Move(slot, from, to, look); err != nil {
		t.Fatal(err)
	}
	patience = 20 * time.Second
	look()
	after := cluster.Redirections()
	if after["TRYAGAIN"] == before["TRYAGAIN"] || after["ASK"] == before["ASK"] || after["MOVED"] == before["MOVED"] {
		t.Errorf("nothing was asked while the slot moved: %v, then %v", before, after)
	}
	for i, seat := range seats {
		if _, err := say(seat, counters[i]); err != nil {
			t.Errorf("mailbox %d after the move: %v", i, err)
		}
		page, err := store.Read(t.Context(), seat, relay.Position{})
		if err != nil || uint64(len(page.Entries)) != counters[i] {
			t.Errorf("mailbox %d holds %d entries, want %d: %v", i, len(page.Entries), counters[i], err)
		}
	}
	t.Logf("%d asked again", unanswered)
}
