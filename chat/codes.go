package chat

import "strconv"

// Named is one row of a table that is also written for TypeScript.
type Named[T any] struct {
	Name  string
	Value T
}

// Kind is the first byte of a frame.
type Kind uint8

// Frames from the client (spec §3.1).
const (
	KindLogin   Kind = 0x01
	KindOpen    Kind = 0x02
	KindAttach  Kind = 0x03
	KindSend    Kind = 0x04
	KindAdvance Kind = 0x05
	KindEnd     Kind = 0x06
	KindPublish Kind = 0x07
	KindFetch   Kind = 0x08
	KindPing    Kind = 0x09
	KindResolve Kind = 0x0a
	KindPut     Kind = 0x0b
	KindGet     Kind = 0x0c
	KindDrop    Kind = 0x0d
	KindLeave   Kind = 0x0e
	KindKeep    Kind = 0x0f

	KindAcknowledge Kind = 0x10
	KindReach       Kind = 0x11
	KindShift       Kind = 0x12
)

// Frames from the relay (spec §3.2).
const (
	KindHello    Kind = 0x41
	KindReady    Kind = 0x42
	KindRefused  Kind = 0x43
	KindAttached Kind = 0x44
	KindAccepted Kind = 0x45
	KindEntry    Kind = 0x46
	KindWelcome  Kind = 0x47
	KindWaiting  Kind = 0x48
	KindGone     Kind = 0x49
	KindBlob     Kind = 0x4a
	KindPresence Kind = 0x4b
	KindAlarm    Kind = 0x4c
	KindDuty     Kind = 0x4d
	KindRoster   Kind = 0x50
)

var kinds = []Named[Kind]{
	{"login", KindLogin}, {"open", KindOpen}, {"attach", KindAttach}, {"send", KindSend}, {"advance", KindAdvance},
	{"end", KindEnd}, {"publish", KindPublish}, {"fetch", KindFetch}, {"ping", KindPing}, {"resolve", KindResolve},
	{"put", KindPut}, {"get", KindGet}, {"drop", KindDrop}, {"leave", KindLeave}, {"keep", KindKeep},
	{"acknowledge", KindAcknowledge}, {"reach", KindReach}, {"shift", KindShift},
	{"hello", KindHello}, {"ready", KindReady}, {"refused", KindRefused}, {"attached", KindAttached},
	{"accepted", KindAccepted}, {"entry", KindEntry}, {"welcome", KindWelcome}, {"waiting", KindWaiting}, {"gone",
		KindGone},
	{"blob", KindBlob}, {"presence", KindPresence}, {"alarm", KindAlarm}, {"duty", KindDuty}, {"roster", KindRoster},
}

// Kinds lists every kind with its name in the spec.
func Kinds() []Named[Kind] { return kinds }

// String is the name in the spec.
func (k Kind) String() string { return nameOf(kinds, k) }

// Code is why a relay refused a request (spec §3.3).
type Code uint16

const (
	Malformed      Code = 1  // the frame breaks §2 or §3
	TooLarge       Code = 2  // over a limit; detail: the limit
	NotLoggedIn    Code = 3  // the request needs a login
	BadLogin       Code = 4  // signature, device, kommun or certificate
	NoMailbox      Code = 5  // never opened, expired or lost
	Ended          Code = 6  // detail: 1 by the visitor, 2 by staff, 3 the visitor left quickly
	BadCapability  Code = 7  // wrong capability, or no slot here
	CursorMismatch Code = 8  // another incarnation, or another tag at that seq
	Trimmed        Code = 9  // detail: the first seq still kept
	WrongEpoch     Code = 10 // detail: the current epoch
	CounterGap     Code = 11 // detail: the expected counter
	CounterOld     Code = 12 // lower than the last: the sender's state is older than the relay's
	Exists         Code = 13 // the mailbox exists, and this is no repeat
	Policy         Code = 14 // slots or content type that the sender may not name
	BadMessage     Code = 15 // the MLS header is wrong
	Full           Code = 16 // the mailbox holds its limit
	Busy           Code = 17 // detail: seconds to wait
	Unavailable    Code = 18 // the store did not answer
	SlotClosed     Code = 19 // detail: the seq of the entry that closed it
	BadKeyPackage  Code = 20 // size or day
	UnknownDevice  Code = 21 // not in the newest roster
	CounterReused  Code = 22 // the last counter, with another message: the sender's state is older than the relay's
	Behind         Code = 23 // the visitor wrote after what the device has read; detail: the newest seq
	Stale          Code = 24 // another version of the blob is stored; detail: which
	NoBlob         Code = 25 // nothing there, or not yours; detail to get: when the store was last emptied
	Work           Code = 26 // the opening needs work for a puzzle that is still taken; detail: the bits of the newest
)

var codes = []Named[Code]{
	{"malformed", Malformed}, {"too_large", TooLarge}, {"not_logged_in", NotLoggedIn}, {"bad_login", BadLogin},
	{"no_mailbox", NoMailbox}, {"ended", Ended}, {"bad_capability", BadCapability}, {"cursor_mismatch", CursorMismatch},
	{"trimmed", Trimmed}, {"epoch", WrongEpoch}, {"counter_gap", CounterGap}, {"counter_old", CounterOld},
	{"exists", Exists}, {"policy", Policy}, {"bad_message", BadMessage}, {"full", Full}, {"busy", Busy},
	{"unavailable", Unavailable}, {"slot_closed", SlotClosed}, {"bad_key_package", BadKeyPackage},
	{"unknown_device", UnknownDevice}, {"counter_reused", CounterReused}, {"behind", Behind},
	{"stale", Stale}, {"no_blob", NoBlob}, {"work", Work},
}

// Codes lists every refusal with its name in the spec.
func Codes() []Named[Code] { return codes }

// String is the name in the spec.
func (c Code) String() string { return nameOf(codes, c) }

// CloseCode is a WebSocket close code of this protocol (spec §3.3).
type CloseCode int

const (
	CloseDrain      CloseCode = 4000 // this node stops; come back at once
	CloseSlowReader CloseCode = 4001 // the reader did not keep up
	CloseIdle       CloseCode = 4002 // nothing was heard for IdleAfter
	CloseOverloaded CloseCode = 4003 // come back with a delay
	CloseProtocol   CloseCode = 4500 // a frame broke the protocol
	CloseTooLarge   CloseCode = 4501 // a frame was over LimitFrame
	CloseRevoked    CloseCode = 4502 // the device is no longer valid; do not come back
)

var closeCodes = []Named[CloseCode]{
	{"drain", CloseDrain}, {"slow_reader", CloseSlowReader}, {"idle", CloseIdle}, {"overloaded", CloseOverloaded},
	{"protocol_error", CloseProtocol}, {"too_large", CloseTooLarge}, {"revoked", CloseRevoked},
}

// CloseCodes lists every close code with its name.
func CloseCodes() []Named[CloseCode] { return closeCodes }

// String is the name in the generated TypeScript.
func (c CloseCode) String() string { return nameOf(closeCodes, c) }

// GoneReason tells why a mailbox has left a connection (spec §3.2).
type GoneReason uint8

const (
	GoneByVisitor GoneReason = 1
	GoneByStaff   GoneReason = 2
	GoneLost      GoneReason = 3 // expired, or the store was emptied
	GoneClosed    GoneReason = 4 // this slot was closed
	GoneReplaced  GoneReason = 5 // the same slot was attached on another connection
	GoneLeft      GoneReason = 6 // the visitor left quickly, and nothing is kept
)

// Tombstone is the detail of Ended where a mailbox was ended for this reason.
func (r GoneReason) Tombstone() uint64 {
	if r == GoneLeft {
		return 3
	}
	return uint64(r)
}

// GoneBy is the reason for which a mailbox was ended, from the detail of Ended.
func GoneBy(tombstone uint64) GoneReason {
	if tombstone == 3 {
		return GoneLeft
	}
	return GoneReason(tombstone)
}

// Retention is the kind of conversation; the kommun's configuration gives each its time.
type Retention uint8

const (
	RetentionLive    Retention = 0
	RetentionMessage Retention = 1
)

// BlobKeep is how long a blob is kept after it was last put (spec §5.9).
type BlobKeep uint8

const (
	KeepHalfKey BlobKeep = 0 // for HalfKeyFor
	KeepState   BlobKeep = 1 // as long as a left message
)

// PresenceState is what the relay knows of the other side (spec §5.10).
type PresenceState uint8

const (
	Away PresenceState = 0
	Here PresenceState = 1
	Left PresenceState = 2 // of the visitor only
)

// AlarmState is what is told of a mailbox's alarm (spec §5.11).
type AlarmState uint8

const (
	Quiet    AlarmState = 0 // nothing to tell
	OnIt     AlarmState = 1 // a person has said that they will answer; told to devices only
	Unheeded AlarmState = 2 // everybody has been called, and nobody has come
)

// Error is a refusal. Its text holds the name of the code and nothing else.
type Error struct {
	Code   Code
	Detail uint64 // what the spec says for Code, else 0
}

func (e *Error) Error() string { return "refused: " + e.Code.String() }

// Refuse makes an Error.
func Refuse(code Code, detail uint64) *Error { return &Error{Code: code, Detail: detail} }

func nameOf[T interface {
	comparable
	~uint8 | ~uint16 | ~int
}](table []Named[T], value T) string {
	for _, row := range table {
		if row.Value == value {
			return row.Name
		}
	}
	return "unknown " + strconv.Itoa(int(value))
}
