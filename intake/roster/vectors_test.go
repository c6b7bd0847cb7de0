package roster

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

var write = flag.Bool("write", false, "write spec/vectors/roster.json and enrolment.json anew")

const (
	rosterVectors    = "../../spec/vectors/roster.json"
	enrolmentVectors = "../../spec/vectors/enrolment.json"
	// A runner that sees fewer cases than this has lost some.
	fewestRosterCases    = 100
	fewestEnrolmentCases = 25
)

type vector struct {
	Name    string   `json:"name"`
	Comment string   `json:"comment"`
	Expect  string   `json:"expect"`
	Kommun  string   `json:"kommun"`
	Pins    []string `json:"pins"`
	Now     int64    `json:"now"`
	Newest  string   `json:"newest"`
	Note    string   `json:"note"`
}

type vectors struct {
	Comment string   `json:"comment"`
	Count   int      `json:"count"`
	Cases   []vector `json:"cases"`
}

// teamKey is derived from a word, so that the vectors are the same wherever they are made. These keys protect nothing.
type teamKey struct {
	name    string
	private ed25519.PrivateKey
}

func newTeamKey(name, word string) teamKey {
	seed := sha256.Sum256([]byte("utvag test vector " + word))
	return teamKey{name, ed25519.NewKeyFromSeed(seed[:])}
}

func (k teamKey) public() []byte { return k.private.Public().(ed25519.PublicKey) }

func (k teamKey) pin() string {
	pin, err := note.NewEd25519VerifierKey(k.name, k.public())
	if err != nil {
		panic(err)
	}
	return pin
}

func (k teamKey) hash() []byte {
	sum := sha256.Sum256(append([]byte(k.name+"\n\x01"), k.public()...))
	return sum[:4]
}

// line is written here from the description of the format, not with package note, which the code under test uses.
func (k teamKey) line(text string) string {
	return sigLine(k.name, append(k.hash(), ed25519.Sign(k.private, []byte(text))...))
}

func sigLine(name string, sig []byte) string {
	return "— " + name + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

func signedBy(text string, keys ...teamKey) string {
	var b strings.Builder
	b.WriteString(text + "\n")
	for _, k := range keys {
		b.WriteString(k.line(text))
	}
	return b.String()
}

// deviceKeys are in the order of their ids, so that the n-th device's line stands in the n-th place.
var deviceKeys = func() (keys []ed25519.PublicKey) {
	for n := range 70 {
		keys = append(keys, newTeamKey("", fmt.Sprint("device ", n)).public())
	}
	slices.SortFunc(keys, func(a, b ed25519.PublicKey) int { return strings.Compare(deviceID(a), deviceID(b)) })
	return keys
}()

// deviceID is written from the text: the first 8 bytes of SHA-256 of the key.
func deviceID(key []byte) string {
	sum := sha256.Sum256(key)
	return fmt.Sprintf("%x", sum[:8])
}

// nudge changes the last digit.
func nudge(id string) string {
	digit := "0"
	if id[15] == '0' {
		digit = "1"
	}
	return id[:15] + digit
}

func lastOf(key []byte) string {
	sum := sha256.Sum256(key)
	return fmt.Sprintf("%x", sum[24:])
}

func deviceKey(n int) string { return base64.StdEncoding.EncodeToString(deviceKeys[n]) }

func deviceLine(n int, alias string) string { return roleLine(n, "coordinator", alias) }

func roleLine(n int, role, alias string) string {
	return fmt.Sprintf("device %s %s sv,en 2027-05-01T00:00:00Z %s %s\n", deviceID(deviceKeys[n]), role, deviceKey(n),
		alias)
}

const (
	vIssued  = "2026-11-22T10:00:00Z"
	vExpires = "2026-11-29T10:00:00Z"
	vHead    = "utvag roster 1\nkommun vidby\nserial 7\nissued " + vIssued + "\nexpires " + vExpires + "\n"
)

func unix(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func makeVectors() vectors {
	first, second := newTeamKey("team.vidby", "first"), newTeamKey("team.vidby", "second")
	stranger := newTeamKey("team.vidby", "stranger")
	foreign := newTeamKey("team.annanby", "foreign")
	witness := newTeamKey("witness.example", "witness")
	pins := []string{first.pin(), second.pin()}
	now := unix("2026-11-23T12:00:00Z")
	first8 := deviceID(deviceKeys[1])
	good := vHead + deviceLine(1, "Sara") + deviceLine(2, "Amir")

	var all []vector
	put := func(expect, name, comment, signed string, change ...func(*vector)) {
		v := vector{Name: name, Comment: comment, Expect: expect, Kommun: "vidby", Pins: pins, Now: now, Note: signed}
		for _, f := range change {
			f(&v)
		}
		all = append(all, v)
	}
	at := func(s string) func(*vector) { return func(v *vector) { v.Now = unix(s) } }
	seen := func(s string) func(*vector) { return func(v *vector) { v.Newest = s } }
	pinned := func(p ...string) func(*vector) { return func(v *vector) { v.Pins = append([]string{}, p...) } }
	// text puts a well signed roster, so that nothing but the text can be what is wrong.
	text := func(expect, name, comment, t string) { put(expect, name, comment, signedBy(t, first)) }
	swap := func(old, new string) string {
		if strings.Count(good, old) == 0 {
			panic("nothing to replace: " + old)
		}
		return strings.Replace(good, old, new, 1)
	}

	// What is accepted.
	put("ok", "plain", "two devices, signed by the first pinned key", signedBy(good, first))
	put("ok", "second key", "signed by the other pinned key alone", signedBy(good, second))
	put("ok", "both keys", "signed by both", signedBy(good, first, second))
	put("ok", "no device", "a roster may be empty", signedBy(vHead, first))
	put("ok", "with a witness", "a signature by a key nobody pins is ignored", signedBy(good, witness, first))
	put("ok", "with a stranger", "a key of the right name but not pinned is ignored beside a pinned one",
		signedBy(good, stranger, first))
	put("ok", "same signature twice", "a repeat is ignored", signedBy(good, first, first))
	put("ok", "repeat of a pinned key is not looked at", "only the first signature of a key counts",
		signedBy(good, first)+sigLine(first.name, append(first.hash(), make([]byte, 64)...)))
	put("ok", "one pin", "one pin is enough to verify", signedBy(good, first), pinned(first.pin()))
	put("ok", "a pin twice", "the same pin listed twice is one pin", signedBy(good, first),
		pinned(first.pin(), first.pin()))
	put("ok", "same serial", "the newest serial seen, again", signedBy(good, first), seen("7"))
	put("ok", "higher serial", "newer than seen", signedBy(good, first), seen("6"))
	put("ok", "serial beyond 2^53", "a serial is 64 bits wide",
		signedBy(swap("serial 7", "serial 9007199254740993"), first), seen("9007199254740992"))
	put("ok", "largest serial", "2^64-1", signedBy(swap("serial 7", "serial 18446744073709551615"), first),
		seen("18446744073709551615"))
	put("ok", "at the moment of issue", "", signedBy(good, first), at(vIssued))
	put("ok", "issued 24 hours ahead", "just allowed", signedBy(good, first), at("2026-11-21T10:00:00Z"))
	put("ok", "last second", "one second before it expires", signedBy(good, first), at("2026-11-29T09:59:59Z"))
	text("ok", "short validity", "less than seven days", swap(vExpires, "2026-11-24T00:00:00Z"))
	text("ok", "expired certificate",
		"a roster may hold a device whose own certificate is over; the device is not valid, the roster is",
		swap("2027-05-01", "2020-05-01"))
	text("ok", "leap day", "2028 has a 29 February", swap("2027-05-01", "2028-02-29"))
	for _, role := range []string{"caseworker", "peer", "interpreter", "lead"} {
		text("ok", "role "+role, "", swap("coordinator", role))
	}
	text("ok", "one language", "", swap("sv,en", "so"))
	text("ok", "language with subtags", "", swap("sv,en", "zh-Hant-TW,ckb,sr-Latn"))
	text("ok", "sixteen languages", "", swap("sv,en", "sv,en,fi,so,ar,fa,ckb,ti,am,pl,ru,uk,es,fr,de,tr"))
	text("ok", "alias of several words", "", swap("Sara", "Sara i Norra"))
	text("ok", "alias of one character", "", swap("Sara", "Å"))
	text("ok", "alias of 40 characters", "counted as code points, not bytes or UTF-16 units",
		swap("Sara", strings.Repeat("𝔖", 40)))
	text("ok", "two spaces inside an alias", "", swap("Sara", "Sara  N"))
	text("ok", "the same alias twice", "one person may have two devices", swap("Amir", "Sara"))
	text("ok", "alias that looks like a field", "the alias is the rest of the line", swap("Sara", "lead sv 1"))
	many := vHead
	intake := []string{"coordinator", "caseworker", "peer", "lead"}
	for i := 1; i <= 32; i++ {
		many += roleLine(i, intake[i%4], "Sara")
	}
	text("ok", "32 devices of intake roles", "as many as one opening can add", many)
	crowded := many + deviceLine(33, "Sara")
	for i := 33; i <= 64; i++ {
		many += roleLine(i, "interpreter", "Sara")
	}
	text("ok", "64 devices", "32 of intake roles, 32 interpreters", many)

	// Signatures.
	put("roster_signature", "stranger", "right name, key not pinned", signedBy(good, stranger))
	put("roster_signature", "witness alone", "no pinned key signed", signedBy(good, witness))
	put("roster_signature", "no pins", "nobody is trusted", signedBy(good, first), pinned())
	put("roster_signature", "other text", "the signature is of another text",
		strings.Replace(signedBy(good, first), "Sara", "Sora", 1))
	put("roster_signature", "bad one beside a good one", "a pinned key whose signature fails spoils the note",
		good+"\n"+sigLine(first.name, append(first.hash(), make([]byte, 64)...))+second.line(good))
	put("roster_signature", "good one beside a bad one", "in the other order, too",
		good+"\n"+second.line(good)+sigLine(first.name, append(first.hash(), make([]byte, 64)...)))
	put("roster_signature", "signature cut short", "63 bytes",
		good+"\n"+sigLine(first.name, append(first.hash(), ed25519.Sign(first.private, []byte(good))[:63]...)))
	put("roster_signature", "signature with a byte more", "65 bytes",
		good+"\n"+sigLine(first.name, append(append(first.hash(), ed25519.Sign(first.private, []byte(good))...), 0)))
	put("roster_signature", "other key hash", "the line names a key that is not pinned",
		good+"\n"+sigLine(first.name, append([]byte{1, 2, 3, 4}, ed25519.Sign(first.private, []byte(good))...)))
	put("roster_signature", "signature over the blank line", "the text ends before the blank line",
		good+"\n"+sigLine(first.name, append(first.hash(), ed25519.Sign(first.private, []byte(good+"\n"))...)))
	put("roster_signature", "signature S not reduced", "S + L: another spelling of the same signature", func() string {
		sig := ed25519.Sign(first.private, []byte(good))
		addOrder(sig[32:])
		return good + "\n" + sigLine(first.name, append(first.hash(), sig...))
	}())
	put("roster_signature", "key of another kommun", "a pin counts only under the kommun's name", signedBy(good, foreign),
		pinned(foreign.pin()))
	alias := teamKey{"team.annanby", first.private}
	put("roster_signature", "pinned key under another name", "the key's name is part of the key", signedBy(good, alias))
	put("roster_signature", "malformed and unsigned", "the signature is judged first",
		signedBy("utvag roster 2\n", stranger))
	put("roster_signature", "expired and unsigned", "the signature is judged first", signedBy(good, stranger),
		at("2030-01-01T00:00:00Z"))

	// Kommun.
	text("roster_kommun", "other kommun", "well signed, for somebody else", swap("kommun vidby", "kommun annanby"))
	put("roster_kommun", "asked for another kommun", "the roster says vidby; both pins are named for annanby's reader",
		signedBy(good, foreign), pinned(foreign.pin()), func(v *vector) { v.Kommun = "annanby" })
	text("roster_kommun", "longer name", "no prefix rule", swap("kommun vidby", "kommun vidby-norra"))

	// Time and serial.
	put("roster_expired", "at the moment of expiry", "", signedBy(good, first), at(vExpires))
	put("roster_expired", "long over", "", signedBy(good, first), at("2030-01-01T00:00:00Z"))
	put("roster_expired", "expired and old", "expiry is judged before the serial", signedBy(good, first),
		at("2030-01-01T00:00:00Z"), seen("8"))
	put("clock", "issued 24 hours and a second ahead", "", signedBy(good, first), at("2026-11-21T09:59:59Z"))
	put("clock", "clock of 1970", "", signedBy(good, first), func(v *vector) { v.Now = 0 })
	put("clock", "clock and old", "the clock is judged before the serial", signedBy(good, first),
		at("2026-11-01T00:00:00Z"), seen("8"))
	put("roster_old", "lower serial", "", signedBy(good, first), seen("8"))
	put("roster_old", "numbers, not text", "7 is lower than 10", signedBy(good, first), seen("10"))
	put("roster_old", "beyond 2^53", "the two differ only beyond what a double holds",
		signedBy(swap("serial 7", "serial 9007199254740992"), first), seen("9007199254740993"))

	// The note's own form.
	for _, c := range []struct{ name, comment, note string }{
		{"empty", "", ""},
		{"text alone", "no signature", good},
		{"no signature line", "a blank line, then nothing", good + "\n"},
		{"no last line end", "", strings.TrimSuffix(signedBy(good, first), "\n")},
		{"no blank line", "", good + first.line(good)},
		{"line ends of CR LF", "", strings.ReplaceAll(signedBy(good, first), "\n", "\r\n")},
		{"tab", "a control character", signedBy(swap("Sara", "Sa\tra"), first)},
		{"NUL", "", signedBy(swap("Sara", "Sa\x00ra"), first)},
		{"something after the signatures", "", signedBy(good, first) + "and more\n"},
		{"hyphen instead of a dash", "", strings.ReplaceAll(signedBy(good, first), "—", "-")},
		{"signature not base64", "", good + "\n— team.vidby ***\n"},
		{"no signature bytes", "", good + "\n— team.vidby \n"},
		{"signature of four bytes", "a hash and nothing else", good + "\n" + sigLine(first.name, first.hash())},
		{"base64 without padding", "", strings.TrimSuffix(strings.TrimSpace(signedBy(good, first)), "=") + "\n"},
		{"base64 with other trailing bits", "a second spelling of the same bytes", respell(signedBy(good, first))},
		{"key name empty", "", good + "\n" + sigLine("", append(first.hash(), ed25519.Sign(first.private, []byte(good))...))},
		{"key name with a plus", "", good + "\n" +
			sigLine("team+vidby", append(first.hash(), ed25519.Sign(first.private, []byte(good))...)) + first.line(good)},
		{"101 signatures", "at most 100", good + "\n" + strings.Repeat("— w AAAAAAA=\n", 100) + first.line(good)},
		{"larger than 16 KiB", "counted with the signatures",
			signedBy(good, first) + strings.Repeat(sigLine("witness.example/"+strings.Repeat("x", 400), make([]byte, 68)), 32)},
	} {
		put("roster_malformed", "note: "+c.name, c.comment, c.note)
	}

	// The text, well signed.
	for _, c := range []struct{ name, comment, text string }{
		{"empty line", "", "\n"},
		{"version 2", "", swap("utvag roster 1", "utvag roster 2")},
		{"version 1.0", "", swap("utvag roster 1", "utvag roster 1.0")},
		{"header with a space after", "", swap("utvag roster 1\n", "utvag roster 1 \n")},
		{"no kommun line", "", swap("kommun vidby\n", "")},
		{"empty kommun", "", swap("kommun vidby", "kommun ")},
		{"kommun in capitals", "", swap("kommun vidby", "kommun Vidby")},
		{"kommun with a space", "", swap("kommun vidby", "kommun vid by")},
		{"kommun with a hyphen first", "", swap("kommun vidby", "kommun -vidby")},
		{"kommun of 41 characters", "", swap("kommun vidby", "kommun "+strings.Repeat("v", 41))},
		{"two spaces after kommun", "", swap("kommun vidby", "kommun  vidby")},
		{"lines in another order", "", swap("kommun vidby\nserial 7\n", "serial 7\nkommun vidby\n")},
		{"kommun twice", "", swap("kommun vidby\n", "kommun vidby\nkommun vidby\n")},
		{"serial 0", "", swap("serial 7", "serial 0")},
		{"serial with a leading zero", "", swap("serial 7", "serial 07")},
		{"serial with a sign", "", swap("serial 7", "serial +7")},
		{"negative serial", "", swap("serial 7", "serial -7")},
		{"serial in hex", "", swap("serial 7", "serial 0x7")},
		{"serial with an underscore", "", swap("serial 7", "serial 1_000")},
		{"serial with a point", "", swap("serial 7", "serial 7.0")},
		{"serial in other digits", "Arabic-Indic seven", swap("serial 7", "serial ٧")},
		{"serial of 2^64", "", swap("serial 7", "serial 18446744073709551616")},
		{"serial of 30 digits", "", swap("serial 7", "serial 123456789012345678901234567890")},
		{"empty serial", "", swap("serial 7", "serial ")},
		{"time with an offset", "", swap(vIssued, "2026-11-22T10:00:00+00:00")},
		{"time with a fraction", "", swap(vIssued, "2026-11-22T10:00:00.000Z")},
		{"time in lower case", "", swap(vIssued, "2026-11-22t10:00:00z")},
		{"time with a space", "", swap(vIssued, "2026-11-22 10:00:00Z")},
		{"time without seconds", "", swap(vIssued, "2026-11-22T10:00Z")},
		{"date alone", "", swap(vIssued, "2026-11-22")},
		{"30 February", "", swap("2027-05-01", "2027-02-30")},
		{"29 February of a common year", "", swap("2027-05-01", "2027-02-29")},
		{"24 o'clock", "", swap("2027-05-01T00", "2027-05-01T24")},
		{"second 60", "", swap("2027-05-01T00:00:00Z", "2027-05-01T00:00:60Z")},
		{"month 13", "", swap("2027-05-01", "2027-13-01")},
		{"year of five digits", "", swap("2027-05-01", "12027-05-01")},
		{"seven days and a second", "", swap(vExpires, "2026-11-29T10:00:01Z")},
		{"expires at issue", "", swap(vExpires, vIssued)},
		{"expires before issue", "", swap(vExpires, "2026-11-22T09:59:59Z")},
		{"empty line between devices", "", vHead + deviceLine(1, "Sara") + "\n" + deviceLine(2, "Amir")},
		{"unknown line", "", good + "note hello\n"},
		{"comment", "", good + "# hello\n"},
		{"devices not sorted", "", vHead + deviceLine(2, "Amir") + deviceLine(1, "Sara")},
		{"an id twice", "", vHead + deviceLine(1, "Sara") +
			strings.Replace(deviceLine(2, "Amir"), deviceID(deviceKeys[2]), deviceID(deviceKeys[1]), 1)},
		{"a key twice", "one browser under two names",
			vHead + deviceLine(1, "Sara") +
				strings.Replace(deviceLine(1, "Amir"), deviceID(deviceKeys[1]), deviceID(deviceKeys[2]), 1)},
		{"65 devices", "", many + roleLine(65, "interpreter", "Sara")},
		{"33 devices of intake roles", "one opening adds 32", crowded},
		{"33 devices of intake roles, one whose certificate is over", "every line counts",
			strings.Replace(crowded, "2027-05-01", "2020-05-01", 1)},
		{"id of another key", "the ids of two devices change places", vHead +
			strings.Replace(deviceLine(2, "Amir"), deviceID(deviceKeys[2]), deviceID(deviceKeys[1]), 1) +
			strings.Replace(deviceLine(1, "Sara"), deviceID(deviceKeys[1]), deviceID(deviceKeys[2]), 1)},
		{"id that is nobody's", "one digit is another", swap(first8, nudge(first8))},
		{"id from the end of the hash", "the first 8 bytes count", swap(first8, lastOf(deviceKeys[1]))},
		{"id in capitals", "", swap(first8, strings.ToUpper(first8))},
		{"id of 15 digits", "", swap(first8, first8[:15])},
		{"id of 17 digits", "", swap(first8, first8+"0")},
		{"unknown role", "there is no such role, and there will not be", swap("coordinator", "police")},
		{"supervisor", "", swap("coordinator", "supervisor")},
		{"role in capitals", "", swap("coordinator", "Coordinator")},
		{"no role", "", swap(" coordinator", "")},
		{"no language", "", swap("sv,en ", " ")},
		{"empty language", "", swap("sv,en", "sv,")},
		{"language twice", "", swap("sv,en", "sv,sv")},
		{"language with an underscore", "", swap("sv,en", "sv_SE")},
		{"language in capitals", "", swap("sv,en", "SV")},
		{"language of one letter", "", swap("sv,en", "s")},
		{"subtag of nine characters", "", swap("sv,en", "sv-abcdefghi")},
		{"seventeen languages", "", swap("sv,en", "sv,en,fi,so,ar,fa,ckb,ti,am,pl,ru,uk,es,fr,de,tr,it")},
		{"language of 36 characters", "", swap("sv,en", "sv"+strings.Repeat("-ab", 11)+"x")},
		{"key of 31 bytes", "", swap(deviceKey(1), base64.StdEncoding.EncodeToString(make([]byte, 31)))},
		{"key of 33 bytes", "", swap(deviceKey(1), base64.StdEncoding.EncodeToString(make([]byte, 33)))},
		{"key without padding", "", swap(deviceKey(1), strings.TrimRight(deviceKey(1), "="))},
		{"key in the URL alphabet", "", swap(deviceKey(1), "-_"+deviceKey(1)[2:])},
		{"key with other trailing bits", "a second spelling of the same key", swap(deviceKey(1), respell(deviceKey(1)))},
		{"no alias", "", swap(" Sara", "")},
		{"empty alias", "", swap(" Sara", " ")},
		{"alias of 41 characters", "", swap("Sara", strings.Repeat("å", 41))},
		{"alias that begins with a space", "", swap("Sara", " Sara")},
		{"alias that ends with a space", "", swap("Sara", "Sara ")},
		{"alias that ends with a no-break space", "", swap("Sara", "Sara\u00a0")},
		{"alias that turns direction", "U+202E", swap("Sara", "Sa\u202era")},
		{"alias with a zero-width joiner", "U+200D", swap("Sara", "Sa\u200dra")},
		{"alias with a byte order mark", "U+FEFF", swap("Sara", "\ufeffSara")},
		{"alias with U+0085", "a control character that notes let pass", swap("Sara", "Sa\u0085ra")},
		{"alias with DEL", "U+007F", swap("Sara", "Sa\u007fra")},
		{"alias with a line separator", "U+2028", swap("Sara", "Sa\u2028ra")},
		{"byte order mark first", "", "\ufeff" + good},
		{"two spaces between fields", "", swap(" coordinator ", "  coordinator ")},
	} {
		text("roster_malformed", "text: "+c.name, c.comment, c.text)
	}
	text("roster_malformed", "malformed and of another kommun", "the text is judged before what it says",
		strings.Replace(swap("kommun vidby", "kommun annanby"), "serial 7", "serial 0", 1))
	put("roster_malformed", "malformed and expired", "", signedBy(swap("serial 7", "serial 0"), first),
		at("2030-01-01T00:00:00Z"))

	return vectors{
		Comment: "spec/protocol.md §6.1. Every case is judged with the pins, the clock (now, Unix seconds) and the newest serial seen (empty: none) that it names.",
		Count:   len(all), Cases: all,
	}
}

// respell changes the unused bits of the last base64 group, or panics where there are none.
func respell(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.LastIndex(s, "=")
	for s[i] == '=' {
		i--
	}
	return s[:i] + string(alphabet[strings.IndexByte(alphabet, s[i])^1]) + s[i+1:]
}

// addOrder adds the order of the group to S.
func addOrder(s []byte) {
	order := []uint64{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000}
	var carry uint64
	for i, w := range order {
		v := binary.LittleEndian.Uint64(s[8*i:])
		sum := v + w
		c := uint64(0)
		if sum < v {
			c = 1
		}
		sum += carry
		if sum < carry {
			c = 1
		}
		binary.LittleEndian.PutUint64(s[8*i:], sum)
		carry = c
	}
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func encode(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// held fails unless the committed file is what the generator makes.
func held(t *testing.T, path string, made []byte) {
	t.Helper()
	if *write {
		if err := os.WriteFile(path, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, made) {
		t.Fatalf("%s is not what its generator makes: go test ./intake/roster -run Vectors -write", path)
	}
}

func TestRosterVectors(t *testing.T) {
	held(t, rosterVectors, encode(t, makeVectors()))
	var v vectors
	read(t, rosterVectors, &v)
	if v.Count != len(v.Cases) || v.Count < fewestRosterCases {
		t.Fatalf("%d cases, the file says %d; at least %d were expected", len(v.Cases), v.Count, fewestRosterCases)
	}
	names, judged := map[string]bool{}, map[string]int{}
	for _, c := range v.Cases {
		if names[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		names[c.Name] = true
		got := "ok"
		if _, err := verify(c); err != nil {
			if got = Code(err); got == "" {
				t.Errorf("%s: an error without a name: %v", c.Name, err)
			}
		}
		if got != c.Expect {
			t.Errorf("%s: got %s, want %s", c.Name, got, c.Expect)
		}
		judged[c.Expect]++
	}
	for _, code := range []string{"ok", "roster_signature", "roster_kommun", "roster_expired", "roster_old",
		"roster_malformed", "clock"} {
		if judged[code] == 0 {
			t.Errorf("no case expects %s", code)
		}
	}
}

func verify(c vector) (*Roster, error) {
	var pins Pins
	for _, key := range c.Pins {
		pin, err := ParsePin(key)
		if err != nil {
			return nil, err
		}
		pins = append(pins, pin)
	}
	var newest uint64
	if c.Newest != "" {
		if _, err := fmt.Sscan(c.Newest, &newest); err != nil {
			return nil, err
		}
	}
	return pins.Verify([]byte(c.Note), c.Kommun, time.Unix(c.Now, 0), newest)
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

type enrolmentVector struct {
	Name    string `json:"name"`
	Comment string `json:"comment"`
	OK      bool   `json:"ok"`
	Request string `json:"request"`
	// For cases that a client can make itself: the Ed25519 seed in hex, and what it asks for.
	Seed      string   `json:"seed,omitempty"`
	Kommun    string   `json:"kommun,omitempty"`
	Languages []string `json:"languages,omitempty"`
	Alias     string   `json:"alias,omitempty"`
	Device    string   `json:"device,omitempty"`
}

type enrolmentFile struct {
	Comment string            `json:"comment"`
	Count   int               `json:"count"`
	Cases   []enrolmentVector `json:"cases"`
}

func makeEnrolments() enrolmentFile {
	sign := func(key ed25519.PrivateKey, label, body string) string {
		sig := ed25519.Sign(key, []byte(label+body))
		return body + "signature " + base64.StdEncoding.EncodeToString(sig) + "\n"
	}
	body := func(kommun string, key ed25519.PrivateKey, languages, alias string) string {
		public := key.Public().(ed25519.PublicKey)
		sum := sha256.Sum256(public)
		return fmt.Sprintf("utvag enrolment 1\nkommun %s\ndevice %x\nkey %s\nlanguages %s\nalias %s\n", kommun, sum[:8],
			base64.StdEncoding.EncodeToString(public), languages, alias)
	}
	const label = "utvag.1 enrolment request"
	key, other := newTeamKey("", "enrolment").private, newTeamKey("", "another").private
	good := body("vidby", key, "sv,en", "Sara")

	var all []enrolmentVector
	for _, c := range []struct{ name, languages, alias string }{
		{"plain", "sv,en", "Sara"}, {"one language", "so", "Amir"}, {"alias of several words", "sv", "Åsa i Norra"},
		{"alias that looks like a line", "sv", "signature AAAA"}, {"alias beyond the basic plane", "sv", "𝔖𝔞𝔯𝔞"},
	} {
		k := newTeamKey("", "enrolment "+c.name).private
		sum := sha256.Sum256(k.Public().(ed25519.PublicKey))
		all = append(all, enrolmentVector{Name: c.name,
			Comment: "a client that asks for this with this key writes these bytes", OK: true,
			Request: sign(k, label, body("vidby", k, c.languages, c.alias)), Seed: fmt.Sprintf("%x", k.Seed()), Kommun: "vidby",
			Languages: strings.Split(c.languages, ","), Alias: c.alias, Device: fmt.Sprintf("%x", sum[:8])})
	}
	refused := func(name, comment, request string) {
		all = append(all, enrolmentVector{Name: name, Comment: comment, Request: request})
	}
	with := func(old, new string) string {
		if !strings.Contains(good, old) {
			panic("nothing to replace: " + old)
		}
		return sign(key, label, strings.Replace(good, old, new, 1))
	}
	signed := sign(key, label, good)
	refused("empty", "", "")
	refused("unsigned", "", good)
	refused("signed without the label", "", sign(key, "", good))
	refused("signed with the login's label", "", sign(key, "utvag.1 login", good))
	refused("signed by another key", "", sign(other, label, good))
	refused("changed after signing", "", strings.Replace(signed, "Sara", "Sora", 1))
	refused("signature of zeros", "", good+"signature "+base64.StdEncoding.EncodeToString(make([]byte, 64))+"\n")
	refused("no last line end", "", strings.TrimSuffix(signed, "\n"))
	refused("a line more", "", signed+"\n")
	refused("line ends of CR LF", "", strings.ReplaceAll(signed, "\n", "\r\n"))
	refused("version 2", "", with("utvag enrolment 1", "utvag enrolment 2"))
	refused("kommun in capitals", "", with("kommun vidby", "kommun Vidby"))
	refused("device of another key", "the id is the first 8 bytes of the key's SHA-256",
		with("device "+IDOf(key.Public().(ed25519.PublicKey)).String(), "device 0011223344556677"))
	refused("lines in another order", "", with("languages sv,en\nalias Sara\n", "alias Sara\nlanguages sv,en\n"))
	refused("no languages", "", with("languages sv,en", "languages "))
	refused("language twice", "", with("sv,en", "sv,sv"))
	refused("empty alias", "", with("alias Sara", "alias "))
	refused("alias of 41 characters", "", with("Sara", strings.Repeat("å", 41)))
	refused("alias that turns direction", "", with("Sara", "Sa\u202era"))
	refused("alias with a space before", "", with("Sara", " Sara"))
	refused("larger than 2 KiB", "", with("Sara", strings.Repeat("x", 3000)))
	refused("signature with other trailing bits", "a second spelling", respell(signed))
	refused("a role", "nobody asks for a role", with("alias Sara", "role lead\nalias Sara"))
	return enrolmentFile{Comment: "spec/protocol.md §6.3.", Count: len(all), Cases: all}
}

func TestEnrolmentVectors(t *testing.T) {
	held(t, enrolmentVectors, encode(t, makeEnrolments()))
	var v enrolmentFile
	read(t, enrolmentVectors, &v)
	if v.Count != len(v.Cases) || v.Count < fewestEnrolmentCases {
		t.Fatalf("%d cases, the file says %d; at least %d were expected", len(v.Cases), v.Count, fewestEnrolmentCases)
	}
	for _, c := range v.Cases {
		e, err := ParseEnrolment([]byte(c.Request))
		if (err == nil) != c.OK {
			t.Errorf("%s: got error %v, want ok %v", c.Name, err, c.OK)
			continue
		}
		if err != nil {
			if !errors.Is(err, ErrEnrolment) {
				t.Errorf("%s: an error without a name: %v", c.Name, err)
			}
			continue
		}
		if e.Device.String() != c.Device || e.Kommun != c.Kommun || e.Alias != c.Alias ||
			strings.Join(e.Languages, ",") != strings.Join(c.Languages, ",") {
			t.Errorf("%s: read as %+v", c.Name, e)
		}
	}
}
