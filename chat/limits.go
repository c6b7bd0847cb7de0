package chat

import "time"

// Limits of spec §9 in bytes or in number.
const (
	LimitFrame       = 131072 // a frame from a client that is no put
	LimitApplication = 20480  // message of an application frame
	LimitCommit      = 65536  // message of a commit frame
	LimitWelcome     = 98304
	LimitDevices     = 32 // in open, opens and closes
	LimitWork        = 48 // in open: a salt and WorkNonces nonces
	LimitWorkBits    = 24 // of a puzzle
	LimitKeyPackage  = 4096
	LimitKeyPackages = 8 // in one publish
	LimitEntries     = 2000
	LimitMailbox     = 4 << 20 // bytes kept in a mailbox
	LimitSlots       = 256     // over the life of a mailbox

	LimitBlob    = 262144 + 64    // sealed state, with its nonce, its tag and what tells its form
	LimitHalfKey = 64             // a blob that is kept for minutes
	LimitPut     = LimitBlob + 82 // a frame put
	LimitBlobs   = 8              // made from one mailbox over its life

	// LimitLocatorGets bounds the gets of one locator in a minute, LimitLookups those of all locators on all nodes in a
	// second, and with them every put and drop by which one could guess.
	LimitLocatorGets = 5
	LimitLookups     = 20

	LimitEarlyEntries = 64        // from slot 0 until a device has appended
	LimitEarlyBytes   = 256 << 10 // the same, in bytes

	LimitVisitorMailboxes = 1  // attached on a visitor's connection
	LimitDeviceMailboxes  = 64 // attached on a device's connection
	LimitRequests         = 16 // unanswered on a connection

	LimitChannel  = 16   // the name of an alarm channel
	LimitChannels = 8    // in the answer to reach
	LimitEndpoint = 1024 // where a browser's push service is

	LimitRate  = 20 // frames a second from a connection
	LimitBurst = 60

	// LimitRoster bounds the signed roster in a Directory: 16 KiB of text and room for signatures.
	LimitRoster = 20 << 10
	// LimitRosterDevices is the number of devices that a roster may hold.
	LimitRosterDevices = 64
)

const (
	// PingAfter is the silence after which a client sends ping.
	PingAfter = 20 * time.Second
	// IdleAfter is the silence after which the relay closes a connection.
	IdleAfter = 60 * time.Second
	// HalfKeyFor is how long a half key is kept after it was last put.
	HalfKeyFor = 10 * time.Minute
)

// Limits lists what the clients need to know, by the name that the generated TypeScript uses.
func Limits() []Named[int] {
	return []Named[int]{
		{"frame", LimitFrame},
		{"application", LimitApplication},
		{"commit", LimitCommit},
		{"welcome", LimitWelcome},
		{"devices", LimitDevices},
		{"work", LimitWork},
		{"work_bits", LimitWorkBits},
		{"key_package", LimitKeyPackage},
		{"key_packages", LimitKeyPackages},
		{"entries", LimitEntries},
		{"mailbox", LimitMailbox},
		{"slots", LimitSlots},
		{"early_entries", LimitEarlyEntries},
		{"early_bytes", LimitEarlyBytes},
		{"blob", LimitBlob},
		{"half_key", LimitHalfKey},
		{"put", LimitPut},
		{"blobs", LimitBlobs},
		{"visitor_mailboxes", LimitVisitorMailboxes},
		{"device_mailboxes", LimitDeviceMailboxes},
		{"requests", LimitRequests},
		{"channel", LimitChannel},
		{"channels", LimitChannels},
		{"endpoint", LimitEndpoint},
		{"duty", LimitDuty},
		{"alias", LimitAlias},
		{"pause_minutes", LimitPauseMinutes},
		{"rate", LimitRate},
		{"burst", LimitBurst},
		{"ping_seconds", int(PingAfter / time.Second)},
		{"idle_seconds", int(IdleAfter / time.Second)},
		{"half_key_seconds", int(HalfKeyFor / time.Second)},
	}
}
