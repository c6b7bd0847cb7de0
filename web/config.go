package web

import "encoding/json"

// PageConfig is what a page knows when it loads: the block `<script type="application/json" id="config">`. It holds
// nothing about the person who loads it. Its twin is web/src/config.ts.
type PageConfig struct {
	Kommun Kommun `json:"kommun"`
	// Pins are the pinned team keys, as note verifier keys (spec/protocol.md §6.1).
	Pins []string `json:"pins"`
	// Origin is that of the page, such as https://svar.example.se. NewSite fills it in.
	Origin    string    `json:"origin"`
	Retention Retention `json:"retention"`
	// Numbers are those that were verified within their time, and only those.
	Numbers []PhoneNumber `json:"numbers"`
	// Claims are the safety claims that hold now.
	Claims []string `json:"claims"`
	// Slots give placeholders in alternatives their values.
	Slots map[string]string `json:"slots"`
	// Partners are other kommuner whose coordinators may be proposed to a visitor. They are left out where there is none.
	Partners []PartnerKommun `json:"partners,omitempty"`
	// Leave is where «Leave this page now» goes.
	Leave string `json:"leave"`
	// Languages are offered in this order. NewSite fills it in, from Options.Languages and the catalogs of the release.
	Languages []PageLanguage `json:"languages"`
	// Links are pages of the kommun by purpose: `report` is where a report of concern is made.
	Links map[string]string `json:"links"`
	// Probe is the public half of the probe key (spec/protocol.md §8.6): on the console alone, and empty where there is
	// none.
	Probe string `json:"probe,omitempty"`
	// Duty is what is asked of whoever is on duty: on the console alone.
	Duty *DutyRules `json:"duty,omitempty"`
	// Demo is true in `utvag demo` only.
	Demo bool `json:"demo"`
	// Flow is the kommun's own questions, as intake/flow writes them; without it the page asks those of the release.
	Flow json.RawMessage `json:"flow,omitempty"`
	// Words are the kommun's own sentences by language and key. They stand in for those of the catalogs.
	Words map[string]map[string]string `json:"words,omitempty"`
}

// Kommun names the tenant.
type Kommun struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PartnerKommun is a kommun that another one works with. Its directory is /directory/<id>.
type PartnerKommun struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Pins []string `json:"pins"`
}

// Retention is how long a conversation is kept after its last entry.
type Retention struct {
	LiveHours   int `json:"liveHours"`
	MessageDays int `json:"messageDays"`
}

// DutyRules are what a kommun asks of whoever is on duty.
type DutyRules struct {
	// AtOnce is how many conversations one person should have at once.
	AtOnce int `json:"atOnce"`
	// Breaks are the lengths that are offered, in minutes, the shortest first.
	Breaks []int `json:"breaks"`
}

// PhoneNumber is a telephone number as shown, with texts by language tag.
type PhoneNumber struct {
	// ID says what it is for: `emergency`, `police`, `children`, `suicide`, `kommun`, …
	ID     string            `json:"id"`
	Label  map[string]string `json:"label"`
	Number string            `json:"number"`
	// Hours says when it answers; may be empty.
	Hours map[string]string `json:"hours"`
	// Verified is the ISO date on which somebody verified it.
	Verified string `json:"verified"`
}

// PageLanguage is a language with the paths of its catalog.
type PageLanguage struct {
	Tag string `json:"tag"`
	// Name is the language's own name for itself.
	Name string `json:"name"`
	// Dir is ltr or rtl.
	Dir string `json:"dir"`
	// Plural is the language whose plural rule it takes.
	Plural string `json:"plural"`
	// Draft says that nobody has answered for the translation.
	Draft bool `json:"draft"`
	// Catalog holds what the first screen says; on the console, everything.
	Catalog string `json:"catalog"`
	// Rest is empty where there is none.
	Rest string `json:"rest"`
}

// filled returns the configuration with no null in it: the pages read every field without asking whether it is there.
func (c PageConfig) filled() PageConfig {
	if c.Pins == nil {
		c.Pins = []string{}
	}
	if c.Claims == nil {
		c.Claims = []string{}
	}
	if c.Slots == nil {
		c.Slots = map[string]string{}
	}
	if c.Links == nil {
		c.Links = map[string]string{}
	}
	numbers := make([]PhoneNumber, len(c.Numbers))
	for i, number := range c.Numbers {
		if number.Label == nil {
			number.Label = map[string]string{}
		}
		if number.Hours == nil {
			number.Hours = map[string]string{}
		}
		numbers[i] = number
	}
	c.Numbers = numbers
	return c
}
