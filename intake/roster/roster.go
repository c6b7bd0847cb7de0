package roster

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Limits of spec/protocol.md §6.1.
const (
	MaxDevices   = 64
	MaxIntake    = 32                 // of intake roles: as many as one opening can add
	MaxBytes     = 16 << 10           // of the whole signed note
	MaxValidity  = 7 * 24 * time.Hour // from issued to expires
	MaxAhead     = 24 * time.Hour     // how far issued may lie ahead of the reader's clock
	MaxAlias     = 40                 // characters
	MaxLanguages = 16
)

// The refusals of a roster. Every error of Parse and Pins.Verify wraps exactly one of them; Code gives its name on the
// wire of vectors and pages.
var (
	ErrMalformed = errors.New("the roster is malformed")
	ErrSignature = errors.New("no pinned team key has signed the roster")
	ErrKommun    = errors.New("the roster is of another kommun")
	ErrExpired   = errors.New("the roster has expired")
	ErrOld       = errors.New("the roster is older than one already seen")
	ErrClock     = errors.New("the roster was issued in the future: check the clock")
)

// Code returns the name that spec/protocol.md §6.1 gives to a refusal, or "" for any other error.
func Code(err error) string {
	for _, c := range []struct {
		err  error
		code string
	}{
		{ErrMalformed, "roster_malformed"},
		{ErrSignature, "roster_signature"},
		{ErrKommun, "roster_kommun"},
		{ErrExpired, "roster_expired"},
		{ErrOld, "roster_old"},
		{ErrClock, "clock"},
	} {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return ""
}

// DeviceID names a device. It is derived from the key, see IDOf: whoever pins an id pins its key.
type DeviceID [8]byte

func (id DeviceID) String() string { return hex.EncodeToString(id[:]) }

// Role says what a device's owner may do.
type Role string

// The roles of spec/protocol.md §6.1.
const (
	Coordinator Role = "coordinator"
	Caseworker  Role = "caseworker"
	Peer        Role = "peer"
	Interpreter Role = "interpreter"
	Lead        Role = "lead"
)

// Valid reports whether r is one of the five roles.
func (r Role) Valid() bool { return r.Intake() || r == Interpreter }

// Intake reports whether devices of this role are in a conversation from its start.
func (r Role) Intake() bool {
	return r == Coordinator || r == Caseworker || r == Peer || r == Lead
}

// Device is one line of a roster: the certificate of one browser of one member of staff.
type Device struct {
	ID        DeviceID
	Role      Role
	Languages []string // BCP 47, in the order of preference
	Expires   time.Time
	Key       ed25519.PublicKey
	Alias     string
}

// Valid reports whether the certificate holds at now.
func (d *Device) Valid(now time.Time) bool { return now.Before(d.Expires) }

// Roster is the text of a signed roster. Devices are sorted by id.
type Roster struct {
	Kommun  string
	Serial  uint64
	Issued  time.Time
	Expires time.Time
	Devices []Device
}

// Device returns the device with this id, or nil.
func (r *Roster) Device(id DeviceID) *Device {
	for i := range r.Devices {
		if r.Devices[i].ID == id {
			return &r.Devices[i]
		}
	}
	return nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}
