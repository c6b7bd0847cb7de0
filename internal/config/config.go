package config

// Config is the configuration file of `utvag serve` and `utvag check`. deploy/utvag.example.yaml shows and explains
// each field. Paths are relative to the file's own folder. Times are written 90m, 24h or 7d; dates 2026-11-22.
type Config struct {
	Redis RedisConfig `yaml:"redis"`
	// TLS holds certificates for the listeners that are reached over TCP; a client's host name chooses among them. Without
	// any, every listener must be on loopback or a unix socket, behind a proxy that speaks TLS. Renewed files are read
	// again by themselves.
	TLS []CertificateConfig `yaml:"tls"`
	// Channels are how people are called who are not at the console; see channels.go.
	Channels ChannelsConfig `yaml:"channels"`
	// Kommuner share the relay and Redis, and nothing else.
	Kommuner []KommunConfig `yaml:"kommuner"`
}

// RedisConfig names the store.
type RedisConfig struct {
	// URL is redis://, rediss:// or unix://, as go-redis reads it. A Redis that writes to disk or evicts keys is refused.
	URL string `yaml:"url"`
	// PasswordFile holds the password alone, so that the URL can be shown. Optional.
	PasswordFile string `yaml:"password_file"`
}

// CertificateConfig names a certificate chain and its key, both PEM.
type CertificateConfig struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// KommunConfig is one kommun.
type KommunConfig struct {
	// ID names the kommun in rosters, keys and logins: small letters, digits and hyphens.
	ID string `yaml:"id"`
	// Name is shown to visitors.
	Name string `yaml:"name"`
	// Visitor and Console are two origins, so that what one page stores or wipes never touches the other.
	Visitor OriginConfig `yaml:"visitor"`
	Console OriginConfig `yaml:"console"`
	// Roster is the signed roster file. It is read again when it changes.
	Roster string `yaml:"roster"`
	// Pins are the verifier keys of at least two team leads: with one alone, that lead's holiday or lost key would leave
	// the page without anyone it may trust once the roster's seven days are over.
	Pins []string `yaml:"pins"`
	// Languages are those offered to visitors, Swedish first. A translation that nobody has reviewed is offered only where
	// it is named here; without the field, those that are reviewed.
	Languages []string `yaml:"languages"`
	// Hours are when somebody is meant to answer. Without them the page says only whether somebody is there.
	Hours *HoursConfig `yaml:"hours"`
	// Rota is who is on duty, and when.
	Rota *RotaConfig `yaml:"rota"`
	// Duty is what is asked of whoever is on duty; as usual if left out.
	Duty *DutyConfig `yaml:"duty"`
	// AccessLog is what staff devices opened, and when, for the monthly review.
	AccessLog *AccessLogConfig `yaml:"access_log"`
	// Numbers are the telephone numbers of the page, in order. 112 must be among them.
	Numbers []NumberConfig `yaml:"numbers"`
	// Claims name who vouches for what no test can prove, and since when; see `utvag check`.
	Claims map[string]VouchConfig `yaml:"claims"`
	// Slots fill placeholders in the sentences that stand in where a claim does not hold, such as days: the days for which
	// the kommun's network keeps addresses.
	Slots map[string]string `yaml:"slots"`
	// Retention is how long a conversation is kept after its last entry.
	Retention RetentionConfig `yaml:"retention"`
	// Leave is where «Leave this page now» goes: a dull page that people visit anyway.
	Leave string `yaml:"leave"`
	// Flow is a file with the kommun's own questions, and Words one with its own texts; docs/flow.md explains both.
	// Without them the page asks what the release asks.
	Flow  string `yaml:"flow"`
	Words string `yaml:"words"`
	// Links are pages of the kommun by purpose; report is where a report of concern is made.
	Links map[string]string `yaml:"links"`
	// ProbeKeyFile is what `utvag probe --new-key` makes. The server reads its public half, the same name with .pub.
	ProbeKeyFile string `yaml:"probe_key_file"`
	// Escalation is who is called, by which channel and when; the usual one of the channels that there are if left out.
	Escalation *EscalationConfig `yaml:"escalation"`
	// Operators are called when an escalation has failed: aliases of people.
	Operators []string `yaml:"operators"`
	// Partners are other kommuner of this file, by id, whose staff a coordinator may ask a visitor to let in. Each side
	// names the other.
	Partners []string `yaml:"partners"`
	// People are those who may be called, by the alias of the roster, with an address for each channel.
	People map[string]map[string]string `yaml:"people"`
}

// OriginConfig is one of a kommun's two origins.
type OriginConfig struct {
	// Origin is what stands in the browser's address bar, such as https://kontakt.vidby.example.
	Origin string `yaml:"origin"`
	// Listen is address:port, or unix:/path. Origins may share it; the Host header tells them apart.
	Listen string `yaml:"listen"`
}

// HoursConfig is read by intake/hours: days are mon to sun, dates 2026-12-24; values «closed» or «08:00-12:00,
// 13:00-21:00».
type HoursConfig struct {
	// Zone is an IANA time zone; Europe/Stockholm if left out.
	Zone       string            `yaml:"zone"`
	Week       map[string]string `yaml:"week"`
	Exceptions map[string]string `yaml:"exceptions"`
	// Holidays is closed (if left out) or open: whether a Swedish holiday is a day of the week as any other. Exceptions go
	// before it.
	Holidays string `yaml:"holidays"`
}

// NumberConfig is a telephone number: either one of the national list (emergency, police, children, suicide), or one's
// own.
type NumberConfig struct {
	// National takes number and texts from the built-in list; only verified may be said beside it.
	National string `yaml:"national"`

	ID     string            `yaml:"id"`
	Number string            `yaml:"number"`
	Label  map[string]string `yaml:"label"`
	Hours  map[string]string `yaml:"hours"`
	// Verified is the day on which somebody last called it or read it at its source.
	Verified string `yaml:"verified"`
	// Valid is how long that holds; 180d if left out. Afterwards the number is not shown.
	Valid string `yaml:"valid"`
}

// VouchConfig is one person's word for a safety claim. It holds for 365 days.
type VouchConfig struct {
	By string `yaml:"by"`
	On string `yaml:"on"`
}

// RetentionConfig bounds how long ciphertext is kept: whole hours for a live conversation, whole days for a left
// message.
type RetentionConfig struct {
	Live    string `yaml:"live"`
	Message string `yaml:"message"`
}
