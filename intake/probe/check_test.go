package probe

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/utvag/utvag/intake/roster"
)

// ahead is how much earlier a console's clock may be.
const ahead = 2 * time.Minute

// errPerson is what check says of a text that is no mark: whoever wrote it is a person.
var errPerson = errors.New("not the mark of a probe")

var form = regexp.MustCompile(`^utvag-probe ([a-z0-9-]{1,40}) ([1-9][0-9]{0,9}) ([0-9a-f]{32}) ([A-Za-z0-9+/]{86}==)$`)

// check returns the nonce of a mark, or errPerson. The twin of readMark in web/src/console/probe.ts. Whoever calls it
// remembers the nonce: a mark that comes twice is a person's.
func check(text, public, kommun string, now time.Time) (string, error) {
	v, err := verifier(public, kommun)
	if err != nil || !roster.ValidKommun(kommun) {
		return "", errPerson
	}
	m := form.FindStringSubmatch(text)
	if m == nil || m[1] != kommun {
		return "", errPerson
	}
	minute, err := strconv.ParseInt(m[2], 10, 64)
	age := now.Sub(time.Unix(minute*60, 0))
	if err != nil || age < -ahead || age > Lasts {
		return "", errPerson
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(m[4])
	if err != nil || !v.Verify(signed(kommun, minute, m[3]), signature) {
		return "", errPerson
	}
	return m[3], nil
}
