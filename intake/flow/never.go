package flow

import (
	"regexp"
	"strings"
	"unicode"
)

// topic is something that is never asked: the answer would tell who somebody is, or be dangerous to have said.
type topic struct {
	name, why string
	words     map[string]*regexp.Regexp
}

// found is the word by which it was recognised.
func (t *topic) found(tag, text string) string {
	return bare(t.words[tag].FindString(text))
}

// bare is a match without what stood around the word.
func bare(match string) string {
	return strings.TrimFunc(match, func(r rune) bool { return !unicode.IsLetter(r) })
}

func asked(words string) *regexp.Regexp {
	// Go's \b knows no å, ä or ö: the beginning of a word is whatever no letter stands before.
	return regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:` + words + `)`)
}

// never is recognised by words, in the two languages that those who write a flow here have in common. It cannot notice
// everything; it notices what is usually asked on forms.
var never = []topic{
	{"a name or a number of the person", "advice becomes a case as soon as somebody is known", map[string]*regexp.Regexp{
		"sv": asked(`namn(et|n)?(?:$|[^\p{L}])|(för|efter|smek)namn|heter|kallas|personnummer|samordningsnummer|signatur`),
		"en": asked(`(nick|sur|user)?names?(?:$|[^\p{L}])|called|personal (identity )?number|social security`),
	}},
	{"a way to reach or find somebody", "it stays in the phone, and can be read there by others",
		map[string]*regexp.Regexp{
			"sv": asked(
				`(e-?post|ip-?|hem)?adress|(telefon|mobil)nummer|e-?post|e-?mejl|mejl|snapchat|instagram|sociala medier|vilken (gata|skola|stadsdel)`),
			"en": asked(
				`(e-?mail |home )?address|(tele)?phone number|e-?mail|snapchat|instagram|social media|which (street|school|district)`),
		}},
	{"gangs or others in them", "whoever reads it on the phone takes revenge, and others want to have it",
		map[string]*regexp.Regexp{
			"sv": asked(`gäng|nätverk|klan|kriminella`),
			"en": asked(`gangs?|networks?|clans?|criminals?`),
		}},
	{"what somebody has done or plans", "nobody accuses themselves to get help", map[string]*regexp.Regexp{
		"sv": asked(`vad har du gjort|har du (skjutit|skadat|sålt|stulit|rånat)|brott|planer|vapen|pistol|hur mycket`),
		"en": asked(
			`what have you done|have you (shot|hurt|sold|stolen|robbed)|crimes?|planned|planning|weapons?|guns?|how much`),
	}},
	{"an exact age", "a band of years is enough, and tells less", map[string]*regexp.Regexp{
		"sv": asked(`födelse|född|vilket år|exakt(a)? ålder`),
		"en": asked(`birth|born|which year|exact age`),
	}},
	{"whom somebody owes", "it tells who they are to those who read it", map[string]*regexp.Regexp{
		"sv": asked(`skyldig|vem .*skuld`),
		"en": asked(`owes?|owing`),
	}},
	{"origin, belief, health or the right to stay", "it is not needed to help", map[string]*regexp.Regexp{
		"sv": asked(`etnisk|etnicitet|religion|tro(r du på|ende)|nationalitet|medborgar|ursprung|uppehållstillstånd|diagnos`),
		"en": asked(`ethnic|religio|believe in|nationality|citizen|origin|residence permit|diagnos`),
	}},
	{"the police or a trial", "it mixes help with an investigation", map[string]*regexp.Regexp{
		"sv": asked(`vittn|(prata|tala) med (polis|åklag)|polisanmäl|samarbeta med`),
		"en": asked(`witness|testif|(talk|speak) (to|with) (the )?(police|prosecut)|cooperate with`),
	}},
}

func neverAsked(tag, text string) *topic {
	for i := range never {
		if words := never[i].words[tag]; words != nil && words.MatchString(text) {
			return &never[i]
		}
	}
	return nil
}
