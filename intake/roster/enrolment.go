package roster

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// enrolmentLabel keeps a request's signature from being taken for a login's, which the same key makes.
const enrolmentLabel = "utvag.1 enrolment request"

// maxEnrolment is far above the longest valid request.
const maxEnrolment = 2 << 10

// ErrEnrolment is wrapped by every refusal of an enrolment request.
var ErrEnrolment = errors.New("the enrolment request is not valid")

// Enrolment is a request by a browser to become a device. Its signature shows only that whoever made it holds the key:
// who that is, the team lead must know from elsewhere.
type Enrolment struct {
	Kommun    string
	Device    DeviceID
	Key       ed25519.PublicKey
	Languages []string
	Alias     string
}

// IDOf derives a device's id from its key: the first 8 bytes of its SHA-256.
func IDOf(key ed25519.PublicKey) DeviceID {
	sum := sha256.Sum256(key)
	return DeviceID(sum[:8])
}

// Fingerprint is what a team lead and a coordinator read to each other before the device is added: SHA-256 of the key,
// the first 20 hex digits in groups of four.
func (e *Enrolment) Fingerprint() string {
	sum := sha256.Sum256(e.Key)
	var groups []string
	for i := 0; i < 10; i += 2 {
		groups = append(groups, fmt.Sprintf("%x", sum[i:i+2]))
	}
	return strings.Join(groups, " ")
}

// ParseEnrolment reads and verifies an enrolment request (spec/protocol.md §6.3).
func ParseEnrolment(text []byte) (*Enrolment, error) {
	e, err := parseEnrolment(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEnrolment, err)
	}
	return e, nil
}

func parseEnrolment(text []byte) (*Enrolment, error) {
	if len(text) > maxEnrolment {
		return nil, fmt.Errorf("larger than %d bytes", maxEnrolment)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 8 || lines[7] != "" {
		return nil, errors.New("not seven lines, each with its end")
	}
	if lines[0] != "utvag enrolment 1" {
		return nil, errors.New("line 1 is not «utvag enrolment 1»")
	}
	var values [6]string
	for i, name := range []string{"kommun", "device", "key", "languages", "alias", "signature"} {
		value, ok := strings.CutPrefix(lines[i+1], name+" ")
		if !ok {
			return nil, fmt.Errorf("line %d is not a «%s» line", i+2, name)
		}
		values[i] = value
	}
	e := &Enrolment{Kommun: values[0], Alias: values[4]}
	var err error
	if !ValidKommun(e.Kommun) {
		return nil, errors.New("not a kommun id")
	}
	if e.Device, err = ParseDeviceID(values[1]); err != nil {
		return nil, err
	}
	if e.Key, err = parseKey(values[2]); err != nil {
		return nil, err
	}
	if e.Languages, err = ParseLanguages(values[3]); err != nil {
		return nil, err
	}
	if err := CheckAlias(e.Alias); err != nil {
		return nil, err
	}
	signature, err := strictBase64(values[5])
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, errors.New("the signature is not 64 bytes in standard base64")
	}
	if IDOf(e.Key) != e.Device {
		return nil, errors.New("the device id does not belong to the key")
	}
	signed := text[:bytes.LastIndex(text, []byte("signature "))]
	if !ed25519.Verify(e.Key, append([]byte(enrolmentLabel), signed...), signature) {
		return nil, errors.New("the signature does not fit")
	}
	return e, nil
}

// SignEnrolment writes a request for the key's device. Browsers make their own; this is for tests and for tools that
// drive a device without one.
func SignEnrolment(kommun string, key ed25519.PrivateKey, languages []string, alias string) ([]byte, error) {
	public := key.Public().(ed25519.PublicKey)
	text := fmt.Appendf(nil, "utvag enrolment 1\nkommun %s\ndevice %s\nkey %s\nlanguages %s\nalias %s\n", kommun,
		IDOf(public),
		base64.StdEncoding.EncodeToString(public), strings.Join(languages, ","), alias)
	signature := ed25519.Sign(key, append([]byte(enrolmentLabel), text...))
	text = fmt.Appendf(text, "signature %s\n", base64.StdEncoding.EncodeToString(signature))
	if _, err := ParseEnrolment(text); err != nil {
		return nil, err
	}
	return text, nil
}
