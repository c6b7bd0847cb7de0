package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/web/internal/manifest"
)

var templates = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").ParseFS(pages, "pages/*.html")
})

// frame is what the template of a page is given.
type frame struct {
	Script, Style, Icon string
	// The same in every language: addresses of the site's own.
	LeaveURL, StatementURL string
	Imports                []string
	Catalog                string
	Config                 template.JS
	// Start holds the page that works without JavaScript, once for each language; for the visitor's page only.
	Start []start
}

// start is the visitor's first page in one language.
type start struct {
	Lang, Dir, Name     string
	First               bool
	Title, Heading      string
	About               []string
	Danger, Leave, Call string
	Access              string
	// Demo says that nobody answers for real; empty elsewhere.
	Demo                string
	NoScript, NoNumbers string
	Numbers             []startNumber
}

type startNumber struct {
	Label, Number, Hours, Verified, Trace string
	Link                                  template.URL
	Urgent                                bool
}

func render(page Page, files manifest.Files, config PageConfig) ([]byte, error) {
	all, err := templates()
	if err != nil {
		return nil, err
	}
	// Marshal escapes <, > and &, so that no name in the configuration can end the block.
	block, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	view := frame{
		LeaveURL:     leavePath,
		StatementURL: statementPath,
		Script:       assetPath(files.Script),
		Style:        assetPath(files.Style),
		Icon:         assetPath(files.Icon),
		Catalog:      config.Languages[0].Catalog,
		Config:       template.JS(block),
	}
	for _, name := range files.Imports {
		view.Imports = append(view.Imports, assetPath(name))
	}
	for i, lang := range config.Languages {
		first, err := startPage(lang, config)
		if err != nil {
			return nil, err
		}
		first.First = i == 0
		view.Start = append(view.Start, first)
	}
	var out bytes.Buffer
	if err := all.ExecuteTemplate(&out, string(page)+".html", view); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func startPage(lang PageLanguage, config PageConfig) (start, error) {
	writer := newSentences(lang.Tag, config)
	page := start{
		Lang:     lang.Tag,
		Dir:      lang.Dir,
		Name:     lang.Name,
		Title:    writer.text("meta.title", nil),
		Heading:  writer.text("start.h1", nil),
		Danger:   writer.text("danger.bar", nil),
		Leave:    writer.text("exit.button", nil),
		Call:     writer.text("start.call", nil),
		Access:   writer.text("acc.h1", nil),
		NoScript: writer.text("start.nojs", nil),
	}
	if config.Demo {
		page.Demo = writer.text("start.demo", nil)
	}
	for _, text := range []string{
		writer.text("start.p1", i18n.Slots{"kommun": config.Kommun.Name}),
		writer.text("start.p2", nil),
	} {
		if text != "" {
			page.About = append(page.About, text)
		}
	}
	if len(config.Numbers) == 0 {
		page.NoNumbers = writer.text("call.none", nil)
	}
	for _, number := range config.Numbers {
		shown, err := numberIn(writer, number)
		if err != nil {
			return page, err
		}
		page.Numbers = append(page.Numbers, shown)
	}
	return page, writer.err
}

func numberIn(writer *sentences, number PhoneNumber) (startNumber, error) {
	dialled, err := dial(number.Number)
	return startNumber{
		Label:    inLanguage(number.Label, writer.lang),
		Number:   number.Number,
		Hours:    inLanguage(number.Hours, writer.lang),
		Link:     dialled,
		Urgent:   number.ID == "emergency",
		Verified: writer.text("call.verified", i18n.Slots{"date": number.Verified}),
		Trace:    writer.text("call.trace", nil),
	}, err
}

// inLanguage falls back to Swedish: a number whose label nobody translated is still a number that helps.
func inLanguage(texts map[string]string, tag string) string {
	if text := texts[tag]; text != "" {
		return text
	}
	return texts[i18n.Languages()[0].Tag]
}

// dial makes the address of a call. It accepts what people write between digits, and nothing else.
func dial(number string) (template.URL, error) {
	var digits strings.Builder
	for i, r := range number {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			digits.WriteRune(r)
		case r == ' ', r == '-', r == '\u00a0':
		default:
			return "", fmt.Errorf("%q is not a telephone number", number)
		}
	}
	if digits.Len() < 2 {
		return "", fmt.Errorf("%q is not a telephone number", number)
	}
	return template.URL("tel:" + digits.String()), nil
}

// sentences renders what may honestly be said in one language, and keeps the first error.
type sentences struct {
	lang  string
	facts i18n.Facts
	// own are the kommun's.
	own map[string]string
	err error
}

func newSentences(lang string, config PageConfig) *sentences {
	facts := i18n.Facts{Claims: config.Claims}
	for name, value := range config.Slots {
		if value != "" {
			facts.Slots = append(facts.Slots, name)
		}
	}
	for _, number := range config.Numbers {
		facts.Numbers = append(facts.Numbers, number.ID)
	}
	return &sentences{lang: lang, facts: facts, own: config.Words[lang]}
}

// text returns "" where neither the sentence nor an alternative may be said.
func (s *sentences) text(key string, slots i18n.Slots) string {
	if s.err != nil {
		return ""
	}
	key, err := i18n.Honest(key, s.facts)
	if err != nil || key == "" {
		s.err = err
		return ""
	}
	if own, ok := s.own[key]; ok {
		text, err := i18n.Fill(s.lang, own, slots)
		s.err = err
		return text
	}
	text, err := i18n.Text(s.lang, key, slots)
	s.err = err
	return text
}
