package chat

import "time"

// Limits of spec §9 in bytes or in number.
const (
	LimitFrame       = 131072 // a frame from a client
	LimitApplication = 20480  // message of an application frame
	LimitCommit      = 65536  // message of a commit frame
	LimitWelcome     = 98304
	LimitDevices     = 32 // in open, opens and closes
	LimitWork        = 64 // in open; this version knows no work
	LimitKeyPackage  = 4096
	LimitKeyPackages = 8 // in one publish
	LimitEntries     = 2000
	LimitMailbox     = 4 << 20 // bytes kept in a mailbox
	LimitSlots       = 256     // over the life of a mailbox

	LimitEarlyEntries = 64        // from slot 0 until a device has appended
	LimitEarlyBytes   = 256 << 10 // the same, in bytes

	LimitVisitorMailboxes = 1  // attached on a visitor's connection
	LimitDeviceMailboxes  = 64 // attached on a device's connection
	LimitRequests         = 16 // unanswered on a connection

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
		{"key_package", LimitKeyPackage},
		{"key_packages", LimitKeyPackages},
		{"entries", LimitEntries},
		{"mailbox", LimitMailbox},
		{"slots", LimitSlots},
		{"early_entries", LimitEarlyEntries},
		{"early_bytes", LimitEarlyBytes},
		{"visitor_mailboxes", LimitVisitorMailboxes},
		{"device_mailboxes", LimitDeviceMailboxes},
		{"requests", LimitRequests},
		{"rate", LimitRate},
		{"burst", LimitBurst},
		{"ping_seconds", int(PingAfter / time.Second)},
		{"idle_seconds", int(IdleAfter / time.Second)},
	}
}
