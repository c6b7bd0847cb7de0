package relay

import (
	"context"
	"time"

	"github.com/utvag/utvag/chat"
)

// Store is what a relay needs of the memory that its nodes share. Package internal/redisstore implements it;
// chattest.TestStore judges an implementation.
//
// Every method is safe for concurrent use. A refusal is a *chat.Error and has changed nothing; any other error means
// that the store did not answer and that the step may or may not have been done, so that every step here can be
// repeated. What a method stores has a time to live. No error text holds an id or a body. Open and Append look at
// nothing that they were given once they have returned, also where the caller gave up.
type Store interface {
	Mailboxes
	Presences
	Blobs
	Outbox
	Escalations
	Inboxes
	KeyPackages
	Puzzles
	Events
}

// Mailboxes keeps conversations: who may write and read, in what order, and until when.
type Mailboxes interface {
	// Open makes a mailbox in one step (spec §5.2), or gives the answer of the opening that it repeats.
	Open(ctx context.Context, o Opening) (Opened, error)
	// Append adds an entry in one step, in the order of spec §5.3.
	Append(ctx context.Context, a Appending) (Appended, error)
	// Advance moves the seat on to a cursor and deletes what every open slot has advanced past (spec §5.5).
	Advance(ctx context.Context, seat Seat, cursor chat.Cursor) error
	// End deletes the mailbox and leaves a tombstone (spec §5.6). The Note is to be settled before the answer.
	End(ctx context.Context, e Ending) (Note, error)
	// Attach finds the reader's slot, checks its cursor, fences off older attachments of the slot, and reads on from
	// there, all in one step (spec §5.4).
	Attach(ctx context.Context, a Attaching) (Attached, error)
	// Read returns entries after a place, oldest first, as many as fit a page; none when the seat has read all it may.
	// Where another entry stands at that place, or none does any more, it refuses with chat.CursorMismatch: the store was
	// set back.
	Read(ctx context.Context, seat Seat, after Position) (Page, error)
	// Welcome returns the Welcome that opened the device's newest slot, and where that slot begins, if the mailbox is one
	// of the kommuner's.
	Welcome(ctx context.Context, kommuner []string, device chat.Device, mailbox chat.Mailbox) (Welcomed, error)
	// Keep gives a mailbox that retention from now on, if it is longer than its own (spec §5.7).
	Keep(ctx context.Context, seat Seat, retention time.Duration, now time.Time) (Note, error)
	// Heads tells for each mailbox its incarnation and newest entry; the zero Head where there is none.
	Heads(ctx context.Context, mailboxes []chat.Mailbox) ([]Head, error)
	// Tombstone tells how a mailbox ended; false where there is no tombstone.
	Tombstone(ctx context.Context, mailbox chat.Mailbox) (bool, error)
}

// Presences knows who is connected to a mailbox, and where anybody could answer.
type Presences interface {
	// Detach tells that the connection of a seat is gone. It changes nothing where another has attached the slot since.
	Detach(ctx context.Context, seat Seat) error
	// Leave tells that the visitor has left quickly, until the slot is attached again (spec §5.10).
	Leave(ctx context.Context, seat Seat) error
	// Present says until when this node has an intake device of the kommun logged in; a time in the past takes it back.
	Present(ctx context.Context, kommun, node string, now, until time.Time) error
	// Reachable reports whether any node is present.
	Reachable(ctx context.Context, kommun string, now time.Time) (bool, error)
}

// Blobs keeps sealed values, and counts who looks for them.
type Blobs interface {
	// Put stores a blob in the place of the version before it (spec §5.9). Only what makes a blob looks at the seat.
	Put(ctx context.Context, p Putting) error
	// Get returns a blob, or refuses with chat.NoBlob.
	Get(ctx context.Context, locator chat.Locator) (Blob, error)
	// Drop deletes a blob if the capability is its own.
	Drop(ctx context.Context, locator chat.Locator, capability chat.CapabilityHash) error
	// Lookup counts a lookup over all nodes, and one of that locator where it is a get. It gives how long to wait if
	// there were too many.
	Lookup(ctx context.Context, get *chat.Locator) (time.Duration, error)
}

// Outbox carries out what a step on a mailbox owes to inboxes.
type Outbox interface {
	// Settle carries a note of the outbox out: pointers into inboxes, a Waiting event to newly opened devices, then
	// forgets the note. It can be repeated, by any node.
	Settle(ctx context.Context, n Note) error
	// Pending returns notes written before a time, which the node that wrote them did not settle.
	Pending(ctx context.Context, before time.Time) ([]Note, error)
}

// Escalations keeps the timers of alarms and the steps that nodes have taken.
type Escalations interface {
	// Acknowledge holds the alarm of a mailbox, if there is one, until due, when a new escalation begins (spec §5.11).
	Acknowledge(ctx context.Context, seat Seat, due time.Time) error
	// Resolve removes the alarm timer unless slot 0 has an entry after the cursor; only the claimer may (spec §5.8).
	Resolve(ctx context.Context, seat Seat, cursor chat.Cursor) error
	// DueSteps returns what is due at now: timers, and steps whose node has not settled them while it held them; and when
	// the next is due, zero where there is none. What lies more than longest ahead was set by a clock that has been set
	// back since, and is due.
	DueSteps(ctx context.Context, now time.Time, longest time.Duration) ([]DueStep, time.Time, error)
	// Take takes a step: of several nodes one gets it. The timer goes on at once; the step is to be completed
	// before its lease ends.
	Take(ctx context.Context, a DueStep, t Taking) (bool, error)
	// Complete says that a step was carried out.
	Complete(ctx context.Context, a DueStep) error
	// Snooze sets a timer that is due to another time.
	Snooze(ctx context.Context, a DueStep, until time.Time) error
}

// Inboxes lists what waits for a device.
type Inboxes interface {
	// Inbox lists the mailboxes that wait for a device; some may no longer exist.
	Inbox(ctx context.Context, kommun string, device chat.Device) ([]Pointer, error)
	// Forget takes pointers out of an inbox.
	Forget(ctx context.Context, kommun string, device chat.Device, mailboxes []chat.Mailbox) error
}

// KeyPackages keeps what devices publish for each day.
type KeyPackages interface {
	// PutKeyPackages keeps a device's key packages until the end of the day after their own.
	PutKeyPackages(ctx context.Context, kommun string, device chat.Device, now time.Time,
		packages []chat.DatedKeyPackage) error
	// KeyPackages returns what is kept for a day.
	KeyPackages(ctx context.Context, kommun string, day uint32) (map[chat.Device][]byte, error)
}

// Puzzles counts openings on all nodes, and keeps what they have to solve.
type Puzzles interface {
	// Tally counts openings that this node has let through since it last asked, and gives those of all nodes in the last
	// minute with the puzzles that are still taken, the newest first.
	Tally(ctx context.Context, opened int, now time.Time) (Tally, error)
	// Renew puts a puzzle in front of the others unless another than after is the newest; a zero after: unless there is
	// one.
	Renew(ctx context.Context, after chat.Salt, p Puzzle) error
}

// Events tells all nodes what any has done, and since when the store has not been emptied.
type Events interface {
	// Subscribe calls handle for every event until ctx ends, in the order in which the store made them for one mailbox.
	// It reconnects by itself and calls handle with EventConfirmed each time that the subscription stands (again).
	Subscribe(ctx context.Context, handle func(Event)) error
	// Born tells when the store was first found empty: now, if nothing in it says otherwise. What it remembers lives that
	// long from now.
	Born(ctx context.Context, now time.Time, longest time.Duration) (time.Time, error)
}

// Seat is one member's place in one life of a mailbox, held by one connection.
type Seat struct {
	Mailbox     chat.Mailbox
	Incarnation chat.Incarnation
	Slot        uint16
	Holder      Holder
	// Kommun is the mailbox's own, which decides its alarm. Attach gives it; no method looks at it.
	Kommun string
}

// Holder names a connection at random. A slot belongs to the one that attached it last: what another asks for is
// refused.
type Holder [8]byte

// Opening is what Open stores. The store takes Incarnation and Tag as given: the relay makes them.
type Opening struct {
	Mailbox     chat.Mailbox
	Incarnation chat.Incarnation
	Tag         chat.Tag
	Kommun      string
	Slot        chat.CapabilityHash
	Holder      Holder
	Digest      Digest
	Devices     []chat.Device
	Welcome     []byte
	Message     []byte
	Retention   time.Duration
	Now         time.Time
	Due         Due
	// Refusal, where set, is the answer to everything but a repeat.
	Refusal *chat.Error
}

// Puzzle is one that openings may solve, and since when.
type Puzzle struct {
	chat.Puzzle
	Since time.Time
}

// Tally is the answer to Tally.
type Tally struct {
	LastMinute int
	Puzzles    []Puzzle
}

// Due says when an escalation's first step is due: FirstStep for Open, 0 for the others.
type Due struct {
	Open    time.Time // while nobody has claimed
	Claimed time.Time // for a word of whoever has claimed
	Held    time.Time // after a claim
}

// FirstStep stands for the step with which the escalation of an unclaimed conversation begins: the policy says which
// that is.
const FirstStep = -1

// DueStep is a step of the escalation that is due. Its Note has the devices with an open slot as Opened, and no Token;
// its Retention is what is left of the mailbox's life.
type DueStep struct {
	Note
	Incarnation chat.Incarnation
	Claimer     *chat.Device // nil where nobody has claimed
	Escalation  uint64
	Step        int // FirstStep or more
	State       chat.AlarmState
	Due         time.Time // of the timer, or the end of the lease
	Expired     bool      // a step whose node has not settled it
}

// Taking says what becomes of the timer with a step.
type Taking struct {
	Next  time.Time // the step after it, or after the failing the first of the next escalation
	Fails bool      // it is the end of its escalation
	Then  int       // where it is not: number of the step that follows
	Lease time.Time
}

// Digest is that of a frame (chat.Digest). A store may keep the first 16 bytes of it alone, and of a CapabilityHash.
type Digest = [32]byte

// Opened is the answer to Open. Repeat: the mailbox was there, opened by the same frame; Note is then empty.
type Opened struct {
	Cursor chat.Cursor
	Fence  uint64
	Repeat bool
	Note   Note
}

// Welcomed is the answer to Welcome. From is zero where the slot was opened with the mailbox.
type Welcomed struct {
	From    chat.Cursor
	Welcome []byte
}

// Refusals is what the relay found before it asked the store, to be reported in its turn among the store's own checks.
type Refusals struct {
	Message *chat.Error // step 3: header, group id, content type, size
	Policy  *chat.Error // step 4: what can be decided without the slots
}

// Appending is what Append stores. Header is that of Message.
type Appending struct {
	Seat
	Counter      uint64
	Digest       Digest
	Tag          chat.Tag
	Refusals     Refusals
	Epoch        uint64
	Commit       bool
	Opens        []chat.Device
	Closes       []chat.Device
	Welcome      []byte
	Message      []byte
	Now          time.Time
	Due          Due
	Precondition *Precondition // what is known of the mailbox, or nil
}

// Appended is the answer to Append. Note is empty unless slots were opened or closed. Precondition is nil where the
// frame was a repeat.
type Appended struct {
	Cursor       chat.Cursor
	Note         Note
	Precondition *Precondition
}

// Precondition is what Append has told of a mailbox, and what events have since: where it still is so, or others have
// done no more than write, the seat's next message needs no more than to be put behind the newest entry. A precondition
// that is out of date costs a little time and changes no answer: the store compares it with what is.
type Precondition struct {
	Position                // of the newest entry
	Bytes            uint64 // of all messages, up to and with that one
	Epoch            uint64
	Counter          uint64    // of the seat's last frame,
	Digest           Digest    // and the frame's,
	Answer           Position  // and where it was put
	MaxSeq, MaxBytes uint64    // up to which messages may follow
	Until            time.Time // the mailbox's life is to be renewed then
}

// Putting is what Put stores.
type Putting struct {
	Seat       Seat // slot 0 of the mailbox from which it is put; not stored with the blob
	Locator    chat.Locator
	Capability chat.CapabilityHash
	Version    uint64
	Digest     Digest // SHA-256 of Blob
	Blob       []byte
	Retention  time.Duration
}

// Blob is the answer to Get.
type Blob struct {
	Version uint64
	Bytes   []byte
}

// Ending is what End needs. Read counts for a device. With an empty Message, everything from Counter on is ignored.
type Ending struct {
	Seat
	Reason   chat.GoneReason
	Read     chat.Cursor
	Message  []byte
	Counter  uint64
	Tag      chat.Tag
	Refusals Refusals
	Epoch    uint64
	Now      time.Time
}

// Attaching names the reader: a capability's hash, or a device that has logged in.
type Attaching struct {
	Mailbox    chat.Mailbox
	Kommuner   []string // whose mailbox it may be
	Capability *chat.CapabilityHash
	Device     *chat.Device
	Holder     Holder
	Cursor     chat.Cursor
}

// Attached is the answer to Attach, and where reading starts. Its Seat has the Holder of Attaching.
type Attached struct {
	Seat
	Head    chat.Cursor
	Epoch   uint64
	Counter uint64
	After   uint64 // entries with a higher seq are to be read
	Fence   uint64 // rises with each attachment of the slot; the highest wins
	Page    Page   // as Read would give it, if a little shorter
}

// Entry is an entry as it is stored.
type Entry struct {
	Seq     uint64
	Tag     chat.Tag
	Slot    uint16
	Counter uint64
	Message string

	frame []byte // that tells readers of it, once it is encoded
}

// Position is that of an entry. Where the Tag is zero, it is not known or there is none.
type Position struct {
	Seq uint64
	Tag chat.Tag
}

// Page is an answer of Read. Closed is the seq of the entry that closed the seat's slot, or 0.
type Page struct {
	Entries  []Entry
	Head     uint64
	Closed   uint64
	Presence Presence
	Alarm    chat.AlarmState
}

// Presence is what either side of a mailbox is told of the other (spec §5.10).
type Presence struct {
	Visitor chat.PresenceState // for devices
	Staff   chat.PresenceState // for the visitor
}

// Head is the newest entry of a mailbox.
type Head struct {
	Incarnation chat.Incarnation
	Position
}

// Pointer stands in a device's inbox. Since is in Unix seconds, down to the minute; Until is the Unix second up to
// which the mailbox was to be kept when the pointer was put here, give or take a minute; it may live longer, and
// expires no sooner.
type Pointer struct {
	Mailbox chat.Mailbox
	Since   uint64
	Until   uint64
}

// Note says which inboxes a mailbox belongs into. It stands in the outbox of the mailbox's shard until it is settled.
type Note struct {
	Mailbox   chat.Mailbox
	Kommun    string
	Since     uint64
	Retention time.Duration
	Opened    []chat.Device // get a pointer, and are told
	Kept      []chat.Device // get a pointer
	Closed    []chat.Device // lose it
	// Token is the store's own mark for this note; empty where no note stands in an outbox.
	Token string
}

// Empty tells that there is nothing to settle.
func (n *Note) Empty() bool { return len(n.Opened)+len(n.Kept)+len(n.Closed) == 0 }

// EventKind tells which fields of an Event count.
type EventKind uint8

const (
	EventConfirmed EventKind = iota // the subscription stands; what came before may have been missed
	EventEntry                      // Mailbox, Incarnation, Before, Bytes, Entry, ClosedSlots
	EventEnded                      // Mailbox, Incarnation, Reason
	EventAttached                   // Mailbox, Incarnation, Slot, Fence, Holder
	EventPresence                   // Mailbox, Incarnation, Presence
	EventWaiting                    // Mailbox, Kommun, Since, Devices
	EventAlarm                      // Mailbox, Incarnation, Alarm
)

// Event is what one node tells all.
type Event struct {
	Kind        EventKind
	Mailbox     chat.Mailbox
	Incarnation chat.Incarnation
	Before      chat.Tag // of the entry before this one, or zero
	Bytes       uint64   // of all messages, up to and with this one
	Entry       Entry
	ClosedSlots []uint16
	Reason      chat.GoneReason
	Slot        uint16
	Fence       uint64
	Holder      Holder
	Presence    Presence
	Alarm       chat.AlarmState
	Kommun      string
	Since       uint64
	Devices     []chat.Device
}
