package web

import (
	"bytes"

	"github.com/utvag/utvag/i18n"
	"github.com/utvag/utvag/web/internal/manifest"
)

// statementPath is where the accessibility statement stands on both origins, in every language, for those without
// JavaScript too. The visitor's page shows the same sentences without leaving its own address
// (web/src/visitor/access.tsx).
const statementPath = "/tillganglighet"

// assessed is the day on which somebody last went through both pages. web/src/visitor/access.tsx says the same day.
const assessed = "2026-11-25"

// statementFrame is what the template of the statement is given.
type statementFrame struct {
	Style, Icon, LeaveURL string
	// Visitor says that the page has a way out.
	Visitor bool
	Pages   []statement
}

// statement is the accessibility statement in one language.
type statement struct {
	start
	Chapters []chapter
}

type chapter struct {
	Heading            string
	Paragraphs, Points []string
	// Numbers are the kommun's own, where the chapter offers them.
	Numbers []startNumber
}

// statementKeys are the chapters by the keys of their sentences: what lagen (2018:1937) om tillgänglighet till digital
// offentlig service wants said.
var statementKeys = []struct {
	heading            string
	paragraphs, points []string
}{
	{"acc.h1", []string{"acc.p1", "acc.status", "acc.how", "acc.date"}, nil},
	{"acc.lack", nil, []string{"acc.lack.script", "acc.lack.reader", "acc.lack.sign", "acc.lack.cover"}},
	{"acc.tell", []string{"acc.tell.p", "info.name", "acc.tell.call"}, nil},
	{"acc.digg", []string{"acc.digg.p"}, nil},
}

func renderStatement(page Page, files manifest.Files, config PageConfig) ([]byte, error) {
	all, err := templates()
	if err != nil {
		return nil, err
	}
	view := statementFrame{Style: assetPath(files.Style), Icon: assetPath(files.Icon), LeaveURL: leavePath,
		Visitor: page == Visitor}
	for i, lang := range config.Languages {
		in, err := statementIn(lang, config)
		if err != nil {
			return nil, err
		}
		in.First = i == 0
		view.Pages = append(view.Pages, in)
	}
	var out bytes.Buffer
	if err := all.ExecuteTemplate(&out, "statement.html", view); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func statementIn(lang PageLanguage, config PageConfig) (statement, error) {
	begun, err := startPage(lang, config)
	if err != nil {
		return statement{}, err
	}
	in := statement{start: begun}
	writer := newSentences(lang.Tag, config)
	say := func(keys []string) (texts []string) {
		for _, key := range keys {
			var slots i18n.Slots
			if key == "acc.date" {
				slots = i18n.Slots{"date": assessed}
			}
			if text := writer.text(key, slots); text != "" {
				texts = append(texts, text)
			}
		}
		return texts
	}
	for _, keys := range statementKeys {
		told := chapter{Heading: writer.text(keys.heading, nil), Paragraphs: say(keys.paragraphs), Points: say(keys.points)}
		for _, number := range config.Numbers {
			if keys.heading != "acc.tell" || number.ID != "kommun" {
				continue
			}
			shown, err := numberIn(writer, number)
			if err != nil {
				return in, err
			}
			told.Numbers = append(told.Numbers, shown)
		}
		in.Chapters = append(in.Chapters, told)
	}
	return in, writer.err
}
