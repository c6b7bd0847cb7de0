package roster

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// ErrDuplicate is returned by Add for a device that the roster holds already.
var ErrDuplicate = errors.New("the roster already holds this device")

// New returns the roster before the first: serial 0, no device. It is not valid until Add or Renew has given it a
// serial.
func New(kommun string) *Roster { return &Roster{Kommun: kommun} }

// Renew returns the roster with the next serial, issued now and valid for Validity.
func (r *Roster) Renew(now time.Time) (*Roster, error) {
	if r.Serial == math.MaxUint64 {
		return nil, malformed("the serial has reached its end")
	}
	issued := now.UTC().Truncate(time.Second)
	return &Roster{
		Kommun:  r.Kommun,
		Serial:  r.Serial + 1,
		Issued:  issued,
		Expires: issued.Add(Validity),
		Devices: slices.Clone(r.Devices),
	}, nil
}

// Add returns Renew's roster with the device of a verified enrolment request in it, certified until expires.
func (r *Roster) Add(request *Enrolment, role Role, expires, now time.Time) (*Roster, error) {
	if request.Kommun != r.Kommun {
		return nil, fmt.Errorf("%w: the request says «%s», the roster «%s»", ErrKommun, request.Kommun, r.Kommun)
	}
	if !role.Valid() {
		return nil, malformed("unknown role")
	}
	if !expires.After(now) {
		return nil, malformed("the certificate would have expired already")
	}
	for i := range r.Devices {
		if r.Devices[i].ID == request.Device || bytes.Equal(r.Devices[i].Key, request.Key) {
			return nil, fmt.Errorf("%w: %s %s", ErrDuplicate, r.Devices[i].ID, r.Devices[i].Alias)
		}
	}
	next, err := r.Renew(now)
	if err != nil {
		return nil, err
	}
	next.Devices = append(next.Devices, Device{
		ID: request.Device, Role: role, Languages: request.Languages,
		Expires: expires.UTC().Truncate(time.Second), Key: request.Key, Alias: request.Alias,
	})
	slices.SortFunc(next.Devices, func(a, b Device) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	if _, err := next.Text(); err != nil {
		return nil, err
	}
	return next, nil
}

// ErrAbsent is wrapped by the refusal of a change to a device that the roster does not hold.
var ErrAbsent = errors.New("the roster holds no such device")

// Prolong returns Renew's roster with the certificates of these devices ending at expires, sooner or later than before.
func (r *Roster) Prolong(ids []DeviceID, expires, now time.Time) (*Roster, error) {
	if !expires.After(now) {
		return nil, malformed("the certificate would have expired already")
	}
	next, err := r.Renew(now)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		d := next.Device(id)
		if d == nil {
			return nil, fmt.Errorf("%w: %s", ErrAbsent, id)
		}
		d.Expires = expires.UTC().Truncate(time.Second)
	}
	return next, nil
}

// Revoke returns Renew's roster without the device. Relays cut it off at once; the visitors it was talking to remove it
// from their conversations when they are next there.
func (r *Roster) Revoke(id DeviceID, now time.Time) (*Roster, error) {
	if r.Device(id) == nil {
		return nil, fmt.Errorf("%w: %s", ErrAbsent, id)
	}
	next, err := r.Renew(now)
	if err != nil {
		return nil, err
	}
	next.Devices = slices.DeleteFunc(next.Devices, func(d Device) bool { return d.ID == id })
	return next, nil
}
