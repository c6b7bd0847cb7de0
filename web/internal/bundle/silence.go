package main

import "regexp"

// thrown is the making of an error whose text is one literal, alone or with something plain added to it.
var thrown = regexp.MustCompile("(\\bnew\\s+\\w*Error\\()\\s*" +
	"(?:\"(?:[^\"\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\n]|\\\\.)*'|`[^`\\\\]*`)" +
	"(?:\\s*\\+[^(),;\"'`]*)?\\s*([,)])")

// named is the constructor of an error that passes its arguments on, or explains them, and writes down its own class's
// name.
var named = regexp.MustCompile("constructor\\(message[^()]*\\)\\s*\\{\\s*super\\((?:message(?:,\\s*options)?|`[^`\\\\]*`)\\);?" +
	`\s*this\.name\s*=\s*['"]\w*Error['"];?(?:\s*Error\.captureStackTrace\?\.\(this, \w+\);?)?\s*\}`)

// silence takes the texts out of the errors that a dependency throws, and their names, which nothing asks for. Nobody
// reads them: group.ts and provider.ts turn every one into an error of their own that says nothing, and no page shows
// what it catches. They are a part of the script that hardly compresses.
func silence(text string) string {
	text = named.ReplaceAllString(text, "")
	return thrown.ReplaceAllStringFunc(text, func(found string) string {
		parts := thrown.FindStringSubmatch(found)
		if parts[2] == "," {
			return parts[1] + `"",`
		}
		return parts[1] + ")"
	})
}

// own is the making of one of our errors whose text is for whoever reads a test: what is caught is told by its class
// alone. The rule of a PolicyError and the trouble of a RosterError are no texts, and stay.
var own = regexp.MustCompile(`\bnew (CodecError|VerificationError|Error)\("[^"\\\n]*"\)`)

func silenceOwn(text string) string { return own.ReplaceAllString(text, "new $1()") }
