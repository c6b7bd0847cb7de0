package chat

// Hello is the first frame on a connection. Time is the relay's clock in Unix seconds.
type Hello struct {
	Nonce  [32]byte
	Time   uint64
	Kommun string
}

// Ready answers login, advance, end, publish, ping, resolve, put, drop, leave, keep and acknowledge.
type Ready struct {
	Ref uint32
}

// Refused answers any request. Ref is 0 where the request's own could not be read.
type Refused struct {
	Ref    uint32
	Code   Code
	Detail uint64
}

// Attached answers attach: the reader's slot, the newest entry, the mailbox's epoch, and the last counter accepted from
// the slot.
type Attached struct {
	Ref     uint32
	Mailbox Mailbox
	Slot    uint16
	Head    Cursor
	Epoch   uint64
	Counter uint64
}

// Accepted answers open and send: the entry of that counter stands at Cursor.
type Accepted struct {
	Ref     uint32
	Counter uint64
	Cursor  Cursor
}

// Entry is one entry of a mailbox to which the connection is attached.
type Entry struct {
	Mailbox Mailbox
	Seq     uint64
	Tag     Tag
	Slot    uint16
	Counter uint64
	Message []byte
}

// Welcome answers fetch. From is the entry that opened the device's current slot: seq 0 and all zero for an opening.
type Welcome struct {
	Ref     uint32
	From    Cursor
	Welcome []byte
}

// Waiting tells a device of a mailbox in its inbox. Since is the opening time in Unix seconds, down to the minute.
type Waiting struct {
	Mailbox Mailbox
	Since   uint64
}

// Gone says that the connection is no longer attached to a mailbox.
type Gone struct {
	Mailbox Mailbox
	Reason  GoneReason
}

// Blob answers get.
type Blob struct {
	Ref     uint32
	Version uint64
	Blob    []byte
}

// Presence tells a device about the visitor, and the visitor about whoever may answer (spec §5.10).
type Presence struct {
	Mailbox Mailbox
	State   PresenceState
}

// Alarm tells a device whether somebody is on it, and both sides whether nobody could be reached (spec §5.11).
type Alarm struct {
	Mailbox Mailbox
	State   AlarmState
}

// Roster says that the relay has taken up a roster with this serial (spec §6.6).
type Roster struct {
	Serial uint64
}

func (*Hello) Kind() Kind    { return KindHello }
func (*Ready) Kind() Kind    { return KindReady }
func (*Refused) Kind() Kind  { return KindRefused }
func (*Attached) Kind() Kind { return KindAttached }
func (*Accepted) Kind() Kind { return KindAccepted }
func (*Entry) Kind() Kind    { return KindEntry }
func (*Welcome) Kind() Kind  { return KindWelcome }
func (*Waiting) Kind() Kind  { return KindWaiting }
func (*Gone) Kind() Kind     { return KindGone }
func (*Blob) Kind() Kind     { return KindBlob }
func (*Presence) Kind() Kind { return KindPresence }
func (*Alarm) Kind() Kind    { return KindAlarm }
func (*Roster) Kind() Kind   { return KindRoster }

func (f *Hello) fields(k coder) {
	k.fixed(f.Nonce[:])
	k.uint64(&f.Time)
	k.text(&f.Kommun, noLimit)
}

func (f *Ready) fields(k coder) { ref(k, &f.Ref) }

func (f *Refused) fields(k coder) {
	k.uint32(&f.Ref)
	k.uint16((*uint16)(&f.Code))
	k.uint64(&f.Detail)
}

func (f *Attached) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	k.uint16(&f.Slot)
	f.Head.fields(k)
	k.uint64(&f.Epoch)
	k.uint64(&f.Counter)
}

func (f *Accepted) fields(k coder) {
	ref(k, &f.Ref)
	k.uint64(&f.Counter)
	f.Cursor.fields(k)
}

func (f *Entry) fields(k coder) {
	f.head(k)
	k.opaque(&f.Message, LimitCommit)
}

// head is what stands before the message.
func (f *Entry) head(k coder) {
	k.fixed(f.Mailbox[:])
	k.uint64(&f.Seq)
	k.fixed(f.Tag[:])
	k.uint16(&f.Slot)
	k.uint64(&f.Counter)
}

func (f *Welcome) fields(k coder) {
	ref(k, &f.Ref)
	f.From.fields(k)
	k.opaque(&f.Welcome, LimitWelcome)
}

func (f *Waiting) fields(k coder) {
	k.fixed(f.Mailbox[:])
	k.uint64(&f.Since)
}

func (f *Gone) fields(k coder) {
	k.fixed(f.Mailbox[:])
	within(k, (*uint8)(&f.Reason), uint8(GoneByVisitor), uint8(GoneLeft))
}

func (f *Blob) fields(k coder) {
	ref(k, &f.Ref)
	version(k, &f.Version)
	k.opaque(&f.Blob, LimitBlob)
}

func (f *Presence) fields(k coder) {
	k.fixed(f.Mailbox[:])
	within(k, (*uint8)(&f.State), uint8(Away), uint8(Left))
}

func (f *Alarm) fields(k coder) {
	k.fixed(f.Mailbox[:])
	within(k, (*uint8)(&f.State), uint8(Quiet), uint8(Unheeded))
}

func (f *Roster) fields(k coder) { version(k, &f.Serial) }
