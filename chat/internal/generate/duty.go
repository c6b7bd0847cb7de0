package generate

// duty writes the frames by which devices learn who is on duty (spec §6.5).

func shifts(add func(kind, name, comment string, bytes []byte, frame vector)) {
	for _, c := range []struct {
		name           string
		state, minutes uint64
	}{{"shift that begins", 1, 0}, {"shift that ends", 0, 0}, {"shift with the shortest pause", 2,
		1}, {"shift with the longest pause", 2, 120}} {
		add("shift", c.name, "", join(u8(0x12), u32(refA), u8(uint8(c.state)), u16(uint16(c.minutes))),
			vector{"state": c.state, "minutes": c.minutes})
	}
}

func shiftFailures(bad badCase) {
	shift := func(state uint8, minutes uint16) []byte { return join(u8(0x12), u32(refA), u8(state), u16(minutes)) }
	bad("shift of an unknown state", "no_meaning", "", shift(3, 0))
	bad("pause without an end", "no_meaning", "1 to 120 minutes", shift(2, 0))
	bad("pause of 121 minutes", "no_meaning", "", shift(2, 121))
	bad("beginning with minutes", "no_meaning", "only a pause has them", shift(1, 5))
}

func dutyShift(alias string, level, state uint8, start, end uint64) []byte {
	return join(text(alias), u8(level), u8(state), u64(start), u64(end))
}

func dutyShiftField(alias string, level, state uint8, start, end uint64) vector {
	return vector{"alias": alias, "level": level, "state": state, "start": number(start), "end": number(end)}
}

func span(start, end uint64) []byte { return join(u64(start), u64(end)) }

const dutyNow = 1795348800

func duties(add func(kind, name, comment string, bytes []byte, frame vector)) {
	add("duty", "duty", "first is here, second is missing; one gap, one warning", join(u8(0x4d), u8(1),
		vec(dutyShift("Sara", 1, 1, dutyNow, dutyNow+10800), dutyShift("Åsa Ö", 2, 0, dutyNow, dutyNow+10800)),
		vec(dutyShift("Amir", 1, 0, dutyNow+10800, dutyNow+21600)),
		vec(span(dutyNow+21600, dutyNow+25200)),
		vec(u8(3), span(dutyNow, dutyNow+86400)),
		u64(dutyNow+25200), u64(dutyNow+23700)),
		vector{"plan": 1,
			"on": []vector{dutyShiftField("Sara", 1, 1, dutyNow, dutyNow+10800),
				dutyShiftField("Åsa Ö", 2, 0, dutyNow, dutyNow+10800)},
			"next":     []vector{dutyShiftField("Amir", 1, 0, dutyNow+10800, dutyNow+21600)},
			"gaps":     []vector{{"start": number(dutyNow + 21600), "end": number(dutyNow + 25200)}},
			"warnings": []vector{{"rule": 3, "start": number(dutyNow), "end": number(dutyNow + 86400)}},
			"closes":   number(dutyNow + 25200), "lastStart": number(dutyNow + 23700)})
	add("duty", "duty without a rota", "somebody began a shift",
		join(u8(0x4d), u8(0), vec(dutyShift("Sara", 0, 2, dutyNow, 0)), vec(), vec(), vec(), u64(0), u64(0)),
		vector{"plan": 0, "on": []vector{dutyShiftField("Sara", 0, 2, dutyNow, 0)}, "next": []vector{}, "gaps": []vector{},
			"warnings": []vector{}, "closes": "0", "lastStart": "0"})
	add("duty", "duty whose rota cannot be read", "", join(u8(0x4d), u8(2), vec(), vec(), vec(), vec(), u64(0), u64(0)),
		vector{"plan": 2, "on": []vector{}, "next": []vector{}, "gaps": []vector{}, "warnings": []vector{}, "closes": "0",
			"lastStart": "0"})
}

func dutyFailures(bad badCase) {
	duty := func(parts ...[]byte) []byte {
		return join(append([][]byte{u8(0x4d)}, append(parts, u64(0), u64(0))...)...)
	}
	var all, spans []byte
	for range 33 {
		all, spans = join(all, dutyShift("", 1, 1, 0, 0)), join(spans, span(0, 0))
	}
	bad("duty of an unknown plan", "no_meaning", "", duty(u8(3), vec(), vec(), vec(), vec()))
	bad("duty of 33 people", "too_large", "32 are allowed", duty(u8(1), vec(all), vec(), vec(), vec()))
	bad("duty with 33 gaps", "too_large", "", duty(u8(1), vec(), vec(), vec(spans), vec()))
	bad("duty on an unknown level", "no_meaning", "", duty(u8(1), vec(dutyShift("Sara", 4, 0, 0, 0)), vec(), vec(), vec()))
	bad("duty in an unknown state", "no_meaning", "", duty(u8(1), vec(dutyShift("Sara", 1, 4, 0, 0)), vec(), vec(), vec()))
	bad("duty by an unknown rule", "no_meaning", "", duty(u8(1), vec(), vec(), vec(), vec(u8(6), span(0, 0))))
	bad("duty by rule 0", "no_meaning", "", duty(u8(1), vec(), vec(), vec(), vec(u8(0), span(0, 0))))
	bad("duty with an alias over its limit", "too_large", "161 bytes",
		duty(u8(1), vec(vec(fill('a', 161)), u8(1), u8(1), span(0, 0)), vec(), vec(), vec()))
	bad("duty with an alias that is no UTF-8", "not_text", "",
		duty(u8(1), vec(vec([]byte{0xc3, 0x28}), u8(1), u8(1), span(0, 0)), vec(), vec(), vec()))
	bad("duty with half a gap", "truncated", "", duty(u8(1), vec(), vec(), vec(u64(1)), vec()))
}
