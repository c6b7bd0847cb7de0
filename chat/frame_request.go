package chat

// Login proves that the connection belongs to a device; the signature is over LoginTBS.
type Login struct {
	Ref       uint32
	Device    Device
	Signature []byte
}

// Open makes a mailbox (spec §5.2). Work solves the puzzle of the directory, or is empty where that asks for none.
type Open struct {
	Ref       uint32
	Mailbox   Mailbox
	Slot      CapabilityHash
	Retention Retention
	Devices   []Device
	Work      []byte
	Welcome   []byte
	Message   []byte
}

// Attach starts reading a mailbox (spec §5.4). Capability is empty on a device's connection, else 32 bytes.
type Attach struct {
	Ref        uint32
	Mailbox    Mailbox
	Capability []byte
	Cursor     Cursor
}

// Send appends an entry (spec §5.3).
type Send struct {
	Ref     uint32
	Mailbox Mailbox
	Counter uint64
	Opens   []Device
	Closes  []Device
	Welcome []byte
	Message []byte
}

// Advance says that the reader has stored everything up to Cursor.
type Advance struct {
	Ref     uint32
	Mailbox Mailbox
	Cursor  Cursor
}

// End deletes a mailbox (spec §5.6). With an empty Message the counter is ignored. Read is the last entry that a device
// has decrypted; the visitor's is ignored.
type End struct {
	Ref     uint32
	Mailbox Mailbox
	Counter uint64
	Read    Cursor
	Message []byte
}

// DatedKeyPackage is a device's key package for one day, counted from 1970-01-01 UTC.
type DatedKeyPackage struct {
	Day        uint32
	KeyPackage []byte
}

// Publish leaves a device's key packages at the relay.
type Publish struct {
	Ref         uint32
	KeyPackages []DatedKeyPackage
}

// Fetch asks for the Welcome by which a device enters a mailbox.
type Fetch struct {
	Ref     uint32
	Mailbox Mailbox
}

// Ping tells the relay that the client is still there.
type Ping struct {
	Ref uint32
}

// Resolve says that what the visitor wrote, up to Cursor, has an answer: nobody waits (spec §5.8).
type Resolve struct {
	Ref     uint32
	Mailbox Mailbox
	Cursor  Cursor
}

// Put stores a blob in the place of the version before it; version 1 makes it (spec §5.9).
type Put struct {
	Ref        uint32
	Locator    Locator
	Capability Capability
	Version    uint64
	Keep       BlobKeep
	Blob       []byte
}

// Get asks for a blob.
type Get struct {
	Ref     uint32
	Locator Locator
}

// Drop deletes a blob.
type Drop struct {
	Ref        uint32
	Locator    Locator
	Capability Capability
}

// Leave says that the visitor has left quickly. With Erase 1 the mailbox is deleted at once (spec §5.10).
type Leave struct {
	Ref     uint32
	Mailbox Mailbox
	Erase   uint8
}

// Keep gives a mailbox the retention of a left message (spec §5.7).
type Keep struct {
	Ref     uint32
	Mailbox Mailbox
}

// Acknowledge says that a person at the device will answer, which holds the alarm for a while (spec §5.11).
type Acknowledge struct {
	Ref     uint32
	Mailbox Mailbox
}

func (*Login) Kind() Kind   { return KindLogin }
func (*Open) Kind() Kind    { return KindOpen }
func (*Attach) Kind() Kind  { return KindAttach }
func (*Send) Kind() Kind    { return KindSend }
func (*Advance) Kind() Kind { return KindAdvance }
func (*End) Kind() Kind     { return KindEnd }
func (*Publish) Kind() Kind { return KindPublish }
func (*Fetch) Kind() Kind   { return KindFetch }
func (*Ping) Kind() Kind    { return KindPing }
func (*Resolve) Kind() Kind { return KindResolve }
func (*Put) Kind() Kind     { return KindPut }
func (*Get) Kind() Kind     { return KindGet }
func (*Drop) Kind() Kind    { return KindDrop }
func (*Leave) Kind() Kind   { return KindLeave }
func (*Keep) Kind() Kind    { return KindKeep }

func (*Acknowledge) Kind() Kind { return KindAcknowledge }

func (f *Login) Number() uint32   { return f.Ref }
func (f *Open) Number() uint32    { return f.Ref }
func (f *Attach) Number() uint32  { return f.Ref }
func (f *Send) Number() uint32    { return f.Ref }
func (f *Advance) Number() uint32 { return f.Ref }
func (f *End) Number() uint32     { return f.Ref }
func (f *Publish) Number() uint32 { return f.Ref }
func (f *Fetch) Number() uint32   { return f.Ref }
func (f *Ping) Number() uint32    { return f.Ref }
func (f *Resolve) Number() uint32 { return f.Ref }
func (f *Put) Number() uint32     { return f.Ref }
func (f *Get) Number() uint32     { return f.Ref }
func (f *Drop) Number() uint32    { return f.Ref }
func (f *Leave) Number() uint32   { return f.Ref }
func (f *Keep) Number() uint32    { return f.Ref }

func (f *Acknowledge) Number() uint32 { return f.Ref }

func (f *Login) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Device[:])
	k.opaque(&f.Signature, noLimit)
}

func (f *Open) fields(k coder) {
	f.upToWork(k)
	k.opaque(&f.Welcome, LimitWelcome)
	k.opaque(&f.Message, LimitApplication)
}

// upToWork are the fields that stand in the first kilobyte of a frame.
func (f *Open) upToWork(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	k.fixed(f.Slot[:])
	within(k, (*uint8)(&f.Retention), uint8(RetentionLive), uint8(RetentionMessage))
	k.devices(&f.Devices)
	k.opaque(&f.Work, LimitWork)
}

// OpenWork reads the mailbox and the work of an Open from the beginning of its frame, of which a kilobyte is enough;
// false where that is no such beginning. Whether the rest of the frame is well-formed it does not tell. The work lies
// in the frame.
func OpenWork(beginning []byte) (mailbox Mailbox, work []byte, ok bool) {
	r, kind := start(beginning)
	if kind != KindOpen {
		return Mailbox{}, nil, false
	}
	var f Open
	f.upToWork(r)
	return f.Mailbox, f.Work, r.class == ""
}

func (f *Attach) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	k.opaque(&f.Capability, noLimit)
	if n := len(f.Capability); n != 0 && n != capabilitySize {
		k.fail(NoMeaning, 0)
	}
	f.Cursor.fields(k)
}

func (f *Send) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	k.uint64(&f.Counter)
	k.devices(&f.Opens)
	k.devices(&f.Closes)
	k.opaque(&f.Welcome, LimitWelcome)
	k.opaque(&f.Message, LimitCommit)
}

func (f *Advance) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	f.Cursor.fields(k)
}

func (f *End) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	k.uint64(&f.Counter)
	f.Read.fields(k)
	k.opaque(&f.Message, LimitApplication)
}

func (f *Publish) fields(k coder) {
	ref(k, &f.Ref)
	k.vector(len(f.KeyPackages), LimitKeyPackages, func(k coder, i int) {
		if i == len(f.KeyPackages) {
			f.KeyPackages = append(f.KeyPackages, DatedKeyPackage{})
		}
		p := &f.KeyPackages[i]
		k.uint32(&p.Day)
		k.opaque(&p.KeyPackage, LimitKeyPackage)
	})
}

func (f *Fetch) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
}

func (f *Ping) fields(k coder) { ref(k, &f.Ref) }

func (f *Resolve) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	f.Cursor.fields(k)
}

func (f *Put) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Locator[:])
	k.fixed(f.Capability[:])
	version(k, &f.Version)
	within(k, (*uint8)(&f.Keep), uint8(KeepHalfKey), uint8(KeepState))
	limit := LimitHalfKey
	if f.Keep == KeepState {
		limit = LimitBlob
	}
	k.opaque(&f.Blob, limit)
}

func (f *Get) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Locator[:])
}

func (f *Drop) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Locator[:])
	k.fixed(f.Capability[:])
}

func (f *Leave) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
	within(k, &f.Erase, 0, 1)
}

func (f *Keep) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
}

func (f *Acknowledge) fields(k coder) {
	ref(k, &f.Ref)
	k.fixed(f.Mailbox[:])
}
