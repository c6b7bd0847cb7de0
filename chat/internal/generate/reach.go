package generate

const endpoint = "https://push.example/s/abc"

func addReach(add func(kind, name, comment string, bytes []byte, frame vector), head func(uint8) []byte) {
	one := func(name string, wish uint8, channel, endpoint string, key, secret []byte) {
		add("reach", name, "", join(head(0x11), u8(wish), text(channel), text(endpoint), vec(key), vec(secret)),
			vector{"wish": wish, "channel": channel, "endpoint": endpoint, "key": hexOf(key), "secret": hexOf(secret)})
	}
	one("reach, asking", 0, "", "", nil, nil)
	one("reach, turning a browser on", 1, "", endpoint, fill(4, 65), fill(7, 16))
	one("reach, turning it off", 2, "", "", nil, nil)
	one("reach, testing a channel", 3, "sms", "", nil, nil)
	one("reach, confirming it", 4, "push", "", nil, nil)
}

func reachFailures(bad badCase) {
	reach := func(wish uint8, channel, endpoint string, key, secret []byte) []byte {
		return join(u8(0x11), u32(refA), u8(wish), text(channel), text(endpoint), vec(key), vec(secret))
	}
	key, secret := fill(4, 65), fill(7, 16)
	bad("reach with an unknown wish", "no_meaning", "", reach(5, "", "", nil, nil))
	bad("reach that asks with a channel", "no_meaning", "", reach(0, "sms", "", nil, nil))
	bad("reach that tests nothing", "no_meaning", "", reach(3, "", "", nil, nil))
	bad("reach that turns on without an endpoint", "no_meaning", "", reach(1, "", "", key, secret))
	bad("reach that turns on with a short key", "no_meaning", "", reach(1, "", endpoint, key[:64], secret))
	bad("reach that turns on without a secret", "no_meaning", "", reach(1, "", endpoint, key, nil))
	bad("reach that turns off with an endpoint", "no_meaning", "", reach(2, "", endpoint, nil, nil))
	bad("reach that asks with a key", "no_meaning", "", reach(0, "", "", key, nil))
	bad("reach with a key over its limit", "too_large", "66 bytes", reach(1, "", endpoint, fill(4, 66), secret))
	bad("reach with an endpoint over its limit", "too_large", "1,025 bytes",
		join(u8(0x11), u32(refA), u8(1), vec(), vec(fill(0x61, 1025)), vec(key), vec(secret)))
	bad("reach with a channel over its limit", "too_large", "17 bytes",
		join(u8(0x11), u32(refA), u8(3), vec(fill(0x61, 17)), vec(), vec(), vec()))
	bad("reach with a channel that is no UTF-8", "not_text", "",
		join(u8(0x11), u32(refA), u8(3), vec([]byte{0xff}), vec(), vec(), vec()))
}

// reachables are answers to reach.
func reachables() []vector {
	var all []vector
	one := func(name string, tested uint64, state uint8) []byte { return join(text(name), u64(tested), u8(state)) }
	key := fill(4, 65)
	good := join(vec(key), u8(1), vec(one("push", 1795348800, 2), one("sms", 0, 0)))
	ok := func(name string, bytes []byte, answer vector) {
		all = append(all, vector{"name": name, "comment": "", "expect": "ok", "hex": hexOf(bytes), "reachable": answer})
	}
	bad := func(name, class string, bytes []byte) {
		all = append(all, vector{"name": name, "comment": "", "expect": class, "hex": hexOf(bytes)})
	}
	ok("two channels", good, vector{"pushKey": hexOf(key), "subscribed": 1, "channels": []vector{
		{"name": "push", "tested": "1795348800", "state": 2}, {"name": "sms", "tested": "0", "state": 0}}})
	ok("nothing is set up", join(vec(), u8(0), vec()), vector{"pushKey": "", "subscribed": 0, "channels": []vector{}})
	bad("a byte too many", "trailing", join(good, u8(0)))
	bad("without its last byte", "truncated", good[:len(good)-1])
	bad("a short key", "no_meaning", join(vec(key[:64]), u8(0), vec()))
	bad("neither subscribed nor not", "no_meaning", join(vec(), u8(2), vec()))
	bad("an unknown state", "no_meaning", join(vec(), u8(0), vec(one("sms", 0, 4))))
	bad("a channel twice", "no_meaning", join(vec(), u8(0), vec(one("sms", 0, 0), one("sms", 1, 0))))
	bad("a channel without a name", "no_meaning", join(vec(), u8(0), vec(one("", 0, 0))))
	var many []byte
	for i := range 9 {
		many = join(many, one(string(rune('a'+i)), 0, 0))
	}
	bad("nine channels", "too_large", join(vec(), u8(0), vec(many)))
	return all
}
