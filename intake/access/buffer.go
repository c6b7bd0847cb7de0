package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

// maxHeld bounds what is held of a kommun until it can be written. A busy hour has some hundred events.
const maxHeld = 50_000

// Buffer holds the events of a kommun until their hour is over, so that neither the order of lines nor the time of a
// file tells the minute. What a device does more than once to a conversation in one hour is one event. Its methods do
// not block on anything.
type Buffer struct {
	zone *time.Location

	mu    sync.Mutex
	month string
	key   [sha256.Size]byte // of the references of that month; nowhere else, and never written
	held  map[Event]struct{}
	lost  int
}

// NewBuffer makes an empty one for a kommun whose clock hangs in zone.
func NewBuffer(zone *time.Location) *Buffer {
	return &Buffer{zone: zone, held: make(map[Event]struct{})}
}

// Note takes an event. The mailbox is used for the reference alone, and is nil for SignIn.
func (b *Buffer) Note(now time.Time, device, alias, what string, mailbox []byte) {
	hour := now.In(b.zone).Format(hourLayout)
	if alias == "" {
		alias = nobody
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	e := Event{hour, device, what, nobody, alias}
	if what != SignIn {
		e.Reference = b.reference(e.Month(), mailbox)
	}
	if _, again := b.held[e]; again {
		return
	}
	if len(b.held) >= maxHeld {
		b.lost++
		return
	}
	b.held[e] = struct{}{}
}

// reference is the same for a conversation within a month and a process. The key of a month that is over is
// overwritten.
func (b *Buffer) reference(month string, mailbox []byte) string {
	if month != b.month {
		b.month = month
		rand.Read(b.key[:])
	}
	sum := hmac.New(sha256.New, b.key[:])
	sum.Write(mailbox)
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Over gives the events whose hour is not now's, or all, sorted, by month. They stay held until Written.
func (b *Buffer) Over(now time.Time, all bool) map[string][]Event {
	present := now.In(b.zone).Format(hourLayout)
	months := make(map[string][]Event)
	b.mu.Lock()
	defer b.mu.Unlock()
	for e := range b.held {
		if all || e.Hour != present {
			months[e.Month()] = append(months[e.Month()], e)
		}
	}
	for _, events := range months {
		slices.SortFunc(events, compare)
	}
	return months
}

// Written lets go of events.
func (b *Buffer) Written(events []Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range events {
		delete(b.held, e)
	}
}

// Lost tells how many events found no room since it was asked last.
func (b *Buffer) Lost() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.lost
	b.lost = 0
	return n
}

func compare(a, b Event) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// Expired tells whether a file of that month is too old where that many months are kept, the present one among them.
func Expired(month string, now time.Time, zone *time.Location, keep int) bool {
	y, m, _ := now.In(zone).Date()
	return month < time.Date(y, m-time.Month(keep)+1, 1, 0, 0, 0, 0, time.UTC).Format(monthLayout)
}
