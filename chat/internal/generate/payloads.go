package generate

import "strings"

// pad is the smallest bucket of spec §8 that holds the bytes.
func pad(bytes []byte) []byte { return padFrom(256, bytes) }

func padFrom(bucket int, bytes []byte) []byte {
	for bucket < len(bytes) {
		bucket *= 2
	}
	return join(bytes, fill(0, bucket-len(bytes)))
}

func payload(kind uint8, body ...[]byte) []byte {
	bytes := join(u8(kind), vec(body...))
	if kind == 1 || kind == 7 {
		return padFrom(4096, bytes) // the size of an intake, or of a thread, tells less than a text's
	}
	return pad(bytes)
}

func payloads() []vector {
	var all []vector
	ok := func(name, comment string, bytes []byte, fields vector) {
		all = append(
			all,
			vector{"name": name, "comment": comment, "expect": "ok", "hex": hexOf(bytes), "payload": fields},
		)
	}
	bad := func(name, class, comment string, bytes []byte) {
		all = append(all, vector{"name": name, "comment": comment, "expect": class, "hex": hexOf(bytes)})
	}
	words := "Hej. Jag vill bort härifrån. 🙏"
	answers := [][]string{{"who", "who.self"}, {"need", "need.home"}, {"need", "need.debt"}}
	pair := func(a, b string) []byte { return join(text(a), text(b)) }

	ok("intake", "answers in the order asked; a question may have several", payload(1, text("sv"),
		vec(pair("who", "who.self"), pair("need", "need.home"), pair("need", "need.debt")), text(words)),
		vector{"kind": "intake", "lang": "sv", "answers": answers, "text": words})
	many := func(n int, question, answer string) (bytes []byte, fields [][]string) {
		for range n {
			bytes = join(bytes, pair(question, answer))
			fields = append(fields, []string{question, answer})
		}
		return bytes, fields
	}
	key := strings.Repeat("k", 64)
	most, maxFields := many(32, key, key)
	ok("intake with as many answers and as long keys as there may be", "32 answers, 64 bytes; 8,192 bytes",
		payload(1, text("sv"), vec(most), text("")),
		vector{"kind": "intake", "lang": "sv", "answers": maxFields, "text": ""})
	ok("intake that needs the second bucket", "8,192 bytes",
		payload(1, text("sv"), vec(), text(strings.Repeat("å", 2048))),
		vector{"kind": "intake", "lang": "sv", "answers": [][]string{}, "text": strings.Repeat("å", 2048)})
	ok("intake that needs the third bucket", "16,384 bytes",
		payload(1, text("sv"), vec(), text(strings.Repeat("ᚠ", 4000))),
		vector{"kind": "intake", "lang": "sv", "answers": [][]string{}, "text": strings.Repeat("ᚠ", 4000)})
	ok("intake without a word", "", payload(1, text("en"), vec(), text("")),
		vector{"kind": "intake", "lang": "en", "answers": [][]string{}, "text": ""})
	ok("text", "", payload(2, text(words)), vector{"kind": "text", "text": words})
	ok("text of one character", "", payload(2, text("x")), vector{"kind": "text", "text": "x"})
	ok("text that fills its bucket", "256 bytes with kind and lengths, no padding",
		payload(2, text(strings.Repeat("a", 251))),
		vector{"kind": "text", "text": strings.Repeat("a", 251)})
	ok("text one byte longer", "512 bytes", payload(2, text(strings.Repeat("a", 252))),
		vector{"kind": "text", "text": strings.Repeat("a", 252)})
	ok("longest text", "4,000 characters of three bytes", payload(2, text(strings.Repeat("ᚠ", 4000))),
		vector{"kind": "text", "text": strings.Repeat("ᚠ", 4000)})
	ok("longest text in characters of four bytes", "4,000 code points, 8,000 UTF-16 units",
		payload(2, text(strings.Repeat("🙏", 4000))),
		vector{"kind": "text", "text": strings.Repeat("🙏", 4000)})
	transcript := count(0x40, 32)
	ok("receipt", "", payload(3, u64(1<<53+1), transcript),
		vector{"kind": "receipt", "seq": number(1<<53 + 1), "transcript": hexOf(transcript)})
	ok(
		"phrase",
		"",
		payload(4, text("phrase.meet"), vec(pair("when", "14:00"), pair("where", "stationen"))),
		vector{
			"kind":  "phrase",
			"key":   "phrase.meet",
			"slots": map[string]string{"when": "14:00", "where": "stationen"},
		},
	)
	ok("phrase without slots", "", payload(4, text("phrase.here"), vec()),
		vector{"kind": "phrase", "key": "phrase.here", "slots": map[string]string{}})
	ok("end", "", payload(5, u8(0)), vector{"kind": "end", "reason": 0})

	device := count(0xa0, 8)
	ok("history", "from where a joiner goes on, who may claim", payload(6, u64(9), transcript, vec()),
		vector{"kind": "history", "seq": "9", "transcript": hexOf(transcript), "claimer": []string{}})
	ok("history beside a claimer", "who goes on answering", payload(6, u64(9), transcript, vec(device)),
		vector{"kind": "history", "seq": "9", "transcript": hexOf(transcript), "claimer": []string{hexOf(device)}})

	nonce := count(0x10, 16)
	propose := func(reason uint8, kommun string, devices ...[]byte) []byte {
		return payload(8, nonce, u8(reason), u64(1764000000), text(kommun), vec(devices...))
	}
	proposed := func(reason int, kommun string, devices ...string) vector {
		return vector{
			"kind":    "proposal",
			"nonce":   hexOf(nonce),
			"reason":  reason,
			"until":   "1764000000",
			"kommun":  kommun,
			"devices": append([]string{}, devices...),
		}
	}
	ok("proposal of a colleague", "", propose(1, "", device), proposed(1, "", hexOf(device)))
	ok("proposal of another shift", "", propose(2, "", device), proposed(2, "", hexOf(device)))
	ok("proposal to put back", "no device: whoever takes part in intake", propose(3, ""), proposed(3, ""))
	ok("proposal of another kommun", "", propose(4, "vidby", device), proposed(4, "vidby", hexOf(device)))
	ok("proposal withdrawn", "", propose(0, ""), proposed(0, ""))
	ok("no", "to a proposal", payload(9, nonce, u8(0)), vector{"kind": "verdict", "nonce": hexOf(nonce), "verdict": 0})
	ok("it cannot be", "to a proposal", payload(9, nonce, u8(1)),
		vector{"kind": "verdict", "nonce": hexOf(nonce), "verdict": 1})

	lineText := func(from uint8, alias, words string) []byte { return join(u8(from), text(alias), u8(0), text(words)) }
	linePhrase := func(from uint8, alias, key string, slots ...[]byte) []byte {
		return join(u8(from), text(alias), u8(1), text(key), vec(slots...))
	}
	ok("shared", "the intake, then a line of each form from each side",
		payload(
			7,
			text("sv"),
			vec(pair("who", "who.self")),
			vec(
				lineText(0, "", words),
				linePhrase(1, "Sara", "phrase.meet", pair("when", "14:00")),
				lineText(1, "Sara", "Hej."),
				linePhrase(0, "", "phrase.here"),
			),
		),
		vector{"kind": "shared", "lang": "sv", "answers": [][]string{{"who", "who.self"}}, "lines": []vector{
			{"from": "visitor", "alias": "", "text": words},
			{"from": "staff", "alias": "Sara", "key": "phrase.meet", "slots": map[string]string{"when": "14:00"}},
			{"from": "staff", "alias": "Sara", "text": "Hej."},
			{"from": "visitor", "alias": "", "key": "phrase.here", "slots": map[string]string{}},
		}})
	ok("shared that goes on", "without the intake; a single longest line, 16,384 bytes",
		payload(7, text(""), vec(), vec(lineText(1, strings.Repeat("🙏", 40), strings.Repeat("🙏", 4000)))),
		vector{"kind": "shared", "lang": "", "answers": [][]string{}, "lines": []vector{
			{"from": "staff", "alias": strings.Repeat("🙏", 40), "text": strings.Repeat("🙏", 4000)},
		}})
	ok("shared of nothing", "", payload(7, text(""), vec(), vec()),
		vector{"kind": "shared", "lang": "", "answers": [][]string{}, "lines": []vector{}})

	good := payload(2, text("Hej."))
	bad("nothing", "truncated", "", nil)
	bad("kind 0", "unknown_kind", "", payload(0, text("Hej.")))
	bad("kind 10", "unknown_kind", "", payload(10, text("Hej.")))
	bad("a history with two claimers", "no_meaning", "none or one", payload(6, u64(9), transcript, vec(device, device)))
	bad("a history with half a claimer", "truncated", "", payload(6, u64(9), transcript, vec(device[:4])))
	bad("a proposal for an unknown reason", "no_meaning", "0 to 4", propose(5, "", device))
	bad("a proposal for an unknown reason, of nobody", "no_meaning", "as of 0 and 3", propose(5, ""))
	bad("a proposal of nobody", "no_meaning", "a colleague is one device", propose(1, ""))
	bad("a proposal of two devices", "no_meaning", "one at a time", propose(2, "", device, count(0xb0, 8)))
	bad("a proposal to put back with a device", "no_meaning", "", propose(3, "", device))
	bad("a withdrawal with a device", "no_meaning", "", propose(0, "", device))
	bad("a proposal of a colleague from another kommun", "no_meaning", "reason 4 says so", propose(1, "vidby", device))
	bad("a proposal of another kommun that names none", "no_meaning", "", propose(4, "", device))
	bad("a proposal of a kommun whose id is none", "no_meaning", "1 to 40 of a to z, 0 to 9 and hyphens",
		propose(4, "Vidby", device))
	bad("a proposal with a short nonce", "truncated", "", payload(8, nonce[:15]))
	bad("a proposal cut short", "truncated", "", payload(8, nonce, u8(3), u64(1764000000)))
	bad("a verdict without a meaning", "no_meaning", "0 or 1: yes is a commit", payload(9, nonce, u8(2)))
	shared := func(lines ...[]byte) []byte { return payload(7, text(""), vec(), vec(lines...)) }
	bad("a shared line from nobody", "no_meaning", "0 is the visitor, 1 is staff", shared(lineText(2, "", "Hej.")))
	bad("a shared line of an unknown form", "no_meaning", "0 is a text, 1 a phrase",
		shared(join(u8(0), text(""), u8(2), text("Hej."))))
	bad("a shared line without a word", "no_meaning", "1 to 4,000 characters", shared(lineText(0, "", "")))
	bad("a shared line of the visitor with an alias", "no_meaning", "a visitor has none",
		shared(lineText(0, "Sara", "Hej.")))
	bad("a shared line with an alias of 41 characters", "no_meaning", "",
		shared(lineText(1, strings.Repeat("a", 41), "Hej.")))
	bad("a shared phrase that names a slot twice", "no_meaning", "",
		shared(linePhrase(1, "", "phrase.meet", pair("when", "a"), pair("when", "b"))))
	bad("half a shared line", "truncated", "", shared(join(u8(0), text(""), u8(0))))
	bad("a shared thread in the bucket of a text", "bucket", "4,096 bytes at least",
		pad(join(u8(7), vec(text(""), vec(), vec()))))
	overShared, _ := many(33, "q", "a")
	bad(
		"a shared intake with 33 answers",
		"no_meaning",
		"32 are allowed",
		payload(7, text("sv"), vec(overShared), vec()),
	)
	bad("a history cut short", "truncated", "", payload(6, u64(9), transcript[:31]))
	bad("a history of an older draft", "truncated", "without the claimer", payload(6, u64(9), transcript))
	small := join(u8(1), vec(text("sv"), vec(), text("Hej.")))
	bad("an intake in the bucket of a text", "bucket", "4,096 bytes at least", pad(small))
	bad("an intake of 2,048 bytes", "bucket", "4,096 bytes at least", padFrom(2048, small))
	bad("an intake in a larger bucket than needed", "bucket", "", padFrom(8192, small))
	over, _ := many(33, "q", "a")
	bad("an intake with 33 answers", "no_meaning", "32 are allowed", payload(1, text("sv"), vec(over), text("")))
	bad("an intake whose question has 65 bytes", "no_meaning", "",
		payload(1, text("sv"), vec(pair(key+"k", "a")), text("")))
	bad(
		"an intake whose answer has 65 bytes",
		"no_meaning",
		"",
		payload(1, text("sv"), vec(pair("q", key+"k")), text("")),
	)
	bad("an intake with a text of 4,001 characters", "no_meaning", "",
		payload(1, text("sv"), vec(), text(strings.Repeat("a", 4001))))
	bad("a text with half of a surrogate pair", "not_text", "a character is a Unicode scalar value",
		payload(2, vec([]byte{0xed, 0xa0, 0x80})))
	bad("not padded", "bucket", "", join(u8(2), vec(text("Hej."))))
	bad("a larger bucket than needed", "bucket", "", join(good, fill(0, 256)))
	bad("a length that is no bucket", "bucket", "", join(good, u8(0)))
	bad("padding that is not zero", "padding", "the last byte", join(good[:255], u8(1)))
	bad("padding that is not zero, at once", "padding", "", join(good[:7], u8(1), good[8:]))
	bad("a body with a byte too many", "trailing", "inside the body", payload(2, text("Hej."), u8(0)))
	bad("a body cut short", "truncated", "", payload(2, u8(9), []byte("Hej.")))
	bad("a body longer than the payload", "truncated", "", join(u8(2), u16(0x4000|300), fill(0x61, 253)))
	bad("a body whose length is not minimal", "not_minimal", "", pad(join(u8(2), u16(0x4005), text("Hej."))))
	bad("an empty text", "no_meaning", "1 to 4,000 characters", payload(2, text("")))
	bad("a text of 4,001 characters", "no_meaning", "", payload(2, text(strings.Repeat("a", 4001))))
	bad("a text that is no UTF-8", "not_text", "", payload(2, vec([]byte{0x48, 0xff})))
	bad("a receipt whose transcript is short", "truncated", "", payload(3, u64(1), transcript[:31]))
	bad("an end for an unknown reason", "no_meaning", "only 0 is named", payload(5, u8(1)))
	bad("an intake with half an answer", "truncated", "", payload(1, text("sv"), vec(text("who")), text("")))
	bad("a phrase that names a slot twice", "no_meaning", "",
		payload(4, text("phrase.meet"), vec(pair("when", "a"), pair("when", "b"))))
	bad("larger than every bucket", "bucket", "", join(u8(2), vec(text(strings.Repeat("a", 16390))), fill(0, 16384)))
	return all
}
