package generate

// duty writes the frames by which devices learn who is on duty (spec §6.5).

func passes(add func(kind, name, comment string, bytes []byte, frame vector)) {
	for _, c := range []struct {
		name           string
		state, minutes uint64
	}{{"pass that begins", 1, 0}, {"pass that ends", 0, 0}, {"pass with the shortest pause", 2,
		1}, {"pass with the longest pause", 2, 120}} {
		add("pass", c.name, "", join(u8(0x12), u32(refA), u8(uint8(c.state)), u16(uint16(c.minutes))),
			vector{"state": c.state, "minutes": c.minutes})
	}
}

func passFailures(bad badCase) {
	pass := func(state uint8, minutes uint16) []byte { return join(u8(0x12), u32(refA), u8(state), u16(minutes)) }
	bad("pass of an unknown state", "no_meaning", "", pass(3, 0))
	bad("pause without an end", "no_meaning", "1 to 120 minutes", pass(2, 0))
	bad("pause of 121 minutes", "no_meaning", "", pass(2, 121))
	bad("beginning with minutes", "no_meaning", "only a pause has them", pass(1, 5))
}

func turn(alias string, place, state uint8, start, end uint64) []byte {
	return join(text(alias), u8(place), u8(state), u64(start), u64(end))
}

func turnField(alias string, place, state uint8, start, end uint64) vector {
	return vector{"alias": alias, "place": place, "state": state, "start": number(start), "end": number(end)}
}

func span(start, end uint64) []byte { return join(u64(start), u64(end)) }

const dutyNow = 1795348800

func duties(add func(kind, name, comment string, bytes []byte, frame vector)) {
	add("duty", "duty", "first is here, second is missing; one gap, one warning", join(u8(0x4d), u8(1),
		vec(turn("Sara", 1, 1, dutyNow, dutyNow+10800), turn("Åsa Ö", 2, 0, dutyNow, dutyNow+10800)),
		vec(turn("Amir", 1, 0, dutyNow+10800, dutyNow+21600)),
		vec(span(dutyNow+21600, dutyNow+25200)),
		vec(u8(3), span(dutyNow, dutyNow+86400)),
		u64(dutyNow+25200), u64(dutyNow+23700)),
		vector{"plan": 1,
			"on": []vector{turnField("Sara", 1, 1, dutyNow, dutyNow+10800),
				turnField("Åsa Ö", 2, 0, dutyNow, dutyNow+10800)},
			"next":     []vector{turnField("Amir", 1, 0, dutyNow+10800, dutyNow+21600)},
			"gaps":     []vector{{"start": number(dutyNow + 21600), "end": number(dutyNow + 25200)}},
			"warnings": []vector{{"rule": 3, "start": number(dutyNow), "end": number(dutyNow + 86400)}},
			"closes":   number(dutyNow + 25200), "lastStart": number(dutyNow + 23700)})
	add("duty", "duty without a rota", "somebody began a pass",
		join(u8(0x4d), u8(0), vec(turn("Sara", 0, 2, dutyNow, 0)), vec(), vec(), vec(), u64(0), u64(0)),
		vector{"plan": 0, "on": []vector{turnField("Sara", 0, 2, dutyNow, 0)}, "next": []vector{}, "gaps": []vector{},
			"warnings": []vector{}, "closes": "0", "lastStart": "0"})
	add("duty", "duty whose rota cannot be read", "", join(u8(0x4d), u8(2), vec(), vec(), vec(), vec(), u64(0), u64(0)),
		vector{"plan": 2, "on": []vector{}, "next": []vector{}, "gaps": []vector{}, "warnings": []vector{}, "closes": "0",
			"lastStart": "0"})
}

func dutyFailures(bad badCase) {
	duty := func(parts ...[]byte) []byte {
		return join(append([][]byte{u8(0x4d)}, append(parts, u64(0), u64(0))...)...)
	}
	var turns, spans []byte
	for range 33 {
		turns, spans = join(turns, turn("", 1, 1, 0, 0)), join(spans, span(0, 0))
	}
	bad("duty of an unknown plan", "no_meaning", "", duty(u8(3), vec(), vec(), vec(), vec()))
	bad("duty of 33 people", "too_large", "32 are allowed", duty(u8(1), vec(turns), vec(), vec(), vec()))
	bad("duty with 33 gaps", "too_large", "", duty(u8(1), vec(), vec(), vec(spans), vec()))
	bad("duty in an unknown place", "no_meaning", "", duty(u8(1), vec(turn("Sara", 4, 0, 0, 0)), vec(), vec(), vec()))
	bad("duty in an unknown state", "no_meaning", "", duty(u8(1), vec(turn("Sara", 1, 4, 0, 0)), vec(), vec(), vec()))
	bad("duty by an unknown rule", "no_meaning", "", duty(u8(1), vec(), vec(), vec(), vec(u8(6), span(0, 0))))
	bad("duty by rule 0", "no_meaning", "", duty(u8(1), vec(), vec(), vec(), vec(u8(0), span(0, 0))))
	bad("duty with an alias over its limit", "too_large", "161 bytes",
		duty(u8(1), vec(vec(fill('a', 161)), u8(1), u8(1), span(0, 0)), vec(), vec(), vec()))
	bad("duty with an alias that is no UTF-8", "not_text", "",
		duty(u8(1), vec(vec([]byte{0xc3, 0x28}), u8(1), u8(1), span(0, 0)), vec(), vec(), vec()))
	bad("duty with half a gap", "truncated", "", duty(u8(1), vec(), vec(), vec(u64(1)), vec()))
}
