package roster

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const timeLayout = "2006-01-02T15:04:05Z"

var (
	kommunPattern   = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)
	languagePattern = regexp.MustCompile(`^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$`)
	idPattern       = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// ValidKommun reports whether id can name a kommun: 1 to 40 of a to z, 0 to 9 and hyphens, no hyphen at either end.
func ValidKommun(id string) bool { return kommunPattern.MatchString(id) }

// Parse reads the text of a roster: what stands before the blank line of the note. It accepts exactly one spelling of
// each roster, the one Text writes. It checks no signature and no clock; Pins.Verify does.
func Parse(text []byte) (*Roster, error) {
	if len(text) > MaxBytes {
		return nil, malformed("larger than %d bytes", MaxBytes)
	}
	if !utf8.Valid(text) {
		return nil, malformed("not UTF-8")
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		return nil, malformed("the last line has no end")
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) < 5 {
		return nil, malformed("fewer than five lines")
	}
	if lines[0] != "utvag roster 1" {
		return nil, malformed("line 1 is not «utvag roster 1»")
	}
	r := &Roster{}
	var err error
	if r.Kommun, err = field(lines, 1, "kommun"); err != nil {
		return nil, err
	}
	if !ValidKommun(r.Kommun) {
		return nil, malformed("line 2: not a kommun id")
	}
	serial, err := field(lines, 2, "serial")
	if err != nil {
		return nil, err
	}
	if r.Serial, err = parseSerial(serial); err != nil {
		return nil, err
	}
	issued, err := field(lines, 3, "issued")
	if err != nil {
		return nil, err
	}
	if r.Issued, err = parseTime(issued); err != nil {
		return nil, err
	}
	expires, err := field(lines, 4, "expires")
	if err != nil {
		return nil, err
	}
	if r.Expires, err = parseTime(expires); err != nil {
		return nil, err
	}
	for i, line := range lines[5:] {
		d, err := parseDevice(line)
		if err != nil {
			return nil, malformed("line %d: %v", i+6, err)
		}
		r.Devices = append(r.Devices, d)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return r, nil
}

// Text writes the roster in the form that is signed, or says what makes it invalid.
func (r *Roster) Text() ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "utvag roster 1\nkommun %s\nserial %d\nissued %s\nexpires %s\n",
		r.Kommun, r.Serial, r.Issued.UTC().Format(timeLayout), r.Expires.UTC().Format(timeLayout))
	for i := range r.Devices {
		d := &r.Devices[i]
		fmt.Fprintf(&b, "device %s %s %s %s %s %s\n", d.ID, d.Role, strings.Join(d.Languages, ","),
			d.Expires.UTC().Format(timeLayout), base64.StdEncoding.EncodeToString(d.Key), d.Alias)
	}
	text := []byte(b.String())
	// Reading it back applies the one set of rules to what we write, too.
	if _, err := Parse(text); err != nil {
		return nil, err
	}
	return text, nil
}

// check holds the rules that span lines.
func (r *Roster) check() error {
	if !r.Expires.After(r.Issued) {
		return malformed("it expires before it is issued")
	}
	if r.Expires.Sub(r.Issued) > MaxValidity {
		return malformed("it expires more than 7 days after it is issued")
	}
	if len(r.Devices) > MaxDevices {
		return malformed("more than %d devices", MaxDevices)
	}
	intake := 0
	for i := range r.Devices {
		d := &r.Devices[i]
		if i > 0 && bytes.Compare(r.Devices[i-1].ID[:], d.ID[:]) >= 0 {
			return malformed("device lines are not sorted by id, or an id stands twice")
		}
		if d.ID != IDOf(d.Key) {
			return malformed("the id of a device does not belong to its key")
		}
		if d.Role.Intake() {
			intake++
		}
	}
	if intake > MaxIntake {
		return malformed("more than %d devices of intake roles", MaxIntake)
	}
	return nil
}

func field(lines []string, n int, name string) (string, error) {
	value, ok := strings.CutPrefix(lines[n], name+" ")
	if !ok {
		return "", malformed("line %d is not a «%s» line", n+1, name)
	}
	return value, nil
}

func parseSerial(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != s {
		return 0, malformed("the serial is not a decimal from 1 to 2^64-1 without leading zeros")
	}
	return n, nil
}

func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(timeLayout, s)
	if err != nil || t.Format(timeLayout) != s {
		return time.Time{}, malformed("a time is not of the form 2026-11-22T10:00:00Z")
	}
	return t, nil
}

func parseDevice(line string) (Device, error) {
	f := strings.SplitN(line, " ", 7)
	if len(f) != 7 || f[0] != "device" {
		return Device{}, errors.New("not a device line of seven fields")
	}
	d := Device{Role: Role(f[2]), Alias: f[6]}
	var err error
	if d.ID, err = ParseDeviceID(f[1]); err != nil {
		return Device{}, err
	}
	if !d.Role.Valid() {
		return Device{}, errors.New("unknown role")
	}
	if d.Languages, err = ParseLanguages(f[3]); err != nil {
		return Device{}, err
	}
	if d.Expires, err = parseTime(f[4]); err != nil {
		return Device{}, err
	}
	if d.Key, err = parseKey(f[5]); err != nil {
		return Device{}, err
	}
	if err := CheckAlias(d.Alias); err != nil {
		return Device{}, err
	}
	return d, nil
}

// ParseDeviceID reads 16 lower-case hex digits.
func ParseDeviceID(s string) (DeviceID, error) {
	var id DeviceID
	if !idPattern.MatchString(s) {
		return id, errors.New("a device id is not 16 lower-case hex digits")
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return id, errors.New("a device id is not 16 lower-case hex digits")
	}
	return id, nil
}

// ParseLanguages reads comma-separated language tags: 1 to 16, none twice.
func ParseLanguages(s string) ([]string, error) {
	tags := strings.Split(s, ",")
	if len(tags) > MaxLanguages {
		return nil, fmt.Errorf("more than %d languages", MaxLanguages)
	}
	seen := make(map[string]bool, len(tags))
	for _, tag := range tags {
		if len(tag) > 35 || !languagePattern.MatchString(tag) {
			return nil, errors.New("a language is not a BCP 47 tag such as sv or zh-Hant")
		}
		if seen[tag] {
			return nil, errors.New("a language stands twice")
		}
		seen[tag] = true
	}
	return tags, nil
}

// CheckAlias says why s cannot be an alias, or nil. Invisible and direction-changing characters are refused, because an
// alias is what a visitor and a team lead judge a device by.
func CheckAlias(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("an alias is not UTF-8")
	}
	if n := utf8.RuneCountInString(s); n < 1 || n > MaxAlias {
		return fmt.Errorf("an alias is not 1 to %d characters long", MaxAlias)
	}
	for _, c := range s {
		if unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return errors.New("an alias has a control or invisible character")
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.Is(unicode.Zs, first) || unicode.Is(unicode.Zs, last) {
		return errors.New("an alias begins or ends with a space")
	}
	return nil
}

func parseKey(s string) (ed25519.PublicKey, error) {
	key, err := strictBase64(s)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("a key is not 32 bytes in standard base64")
	}
	return key, nil
}

// strictBase64 refuses a second spelling of the same bytes, and the line breaks that encoding/base64 forgives.
func strictBase64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return nil, errors.New("not base64")
	}
	return b, nil
}
