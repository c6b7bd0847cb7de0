package generate

var (
	mailbox     = count(0x20, 32)
	slot        = fill(0x51, 32)
	capability  = fill(0xca, 32)
	locator     = count(0x80, 32)
	deviceA     = []byte{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0xaa}
	deviceB     = []byte{0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88}
	incarnation = count(0xa0, 16)
	tag         = count(0xe0, 8)
)

const refA = 0x01020304

func cursor(seq uint64) []byte { return join(incarnation, u64(seq), tag) }

func cursorField(seq uint64) vector {
	return vector{"incarnation": hexOf(incarnation), "seq": number(seq), "tag": hexOf(tag)}
}

func beginning() vector {
	return vector{"incarnation": hexOf(fill(0, 16)), "seq": "0", "tag": hexOf(fill(0, 8))}
}

func frames() []vector {
	var all []vector
	side := "client"
	ok := func(name, comment string, bytes []byte, frame vector) {
		all = append(all, vector{"name": name, "comment": comment, "side": side, "expect": "ok", "hex": hexOf(bytes),
			"frame": frame})
	}
	bad := func(name, class, comment string, bytes []byte) {
		all = append(all, vector{"name": name, "comment": comment, "side": side, "expect": class, "hex": hexOf(bytes)})
	}

	good := requests(ok)
	for _, kind := range []string{"login", "open", "attach", "send", "advance", "end", "publish", "fetch",
		"ping", "resolve",
		"put", "get", "drop", "leave", "keep", "acknowledge", "reach", "shift"} {
		bytes := good[kind]
		bad(kind+" with a byte too many", "trailing", "", join(bytes, u8(0)))
		bad(kind+" without its last byte", "truncated", "", bytes[:len(bytes)-1])
		bad(kind+" with ref 0", "ref_zero", "", join(bytes[:1], u32(0), bytes[5:]))
		bad(kind+" cut inside its ref", "truncated", "", bytes[:3])
	}
	requestFailures(bad)
	shiftFailures(bad)
	bytes := join(u8(9), u32(refA))
	all = append(all, vector{"name": "frame over its limit", "comment": "131,073 bytes", "side": side,
		"expect": "too_large", "hex": hexOf(bytes), "zeros": 131073 - len(bytes)})
	bytes = join(u8(11), u32(refA), locator, capability, u64(1), u8(1), u32(0x80000000|262209))
	all = append(all, vector{"name": "put over its limit", "comment": "262,291 bytes, with a blob of one byte too many",
		"side": side, "expect": "too_large", "hex": hexOf(bytes), "zeros": 262209})
	for _, kind := range []uint8{0x00, 0x40, 0x41, 0x49, 0x80, 0xff} {
		bad("request of kind "+number(uint64(kind)), "unknown_kind", "kinds of the relay are unknown from a client",
			join(u8(kind), u32(refA)))
	}
	bad("no request at all", "truncated", "an empty frame", nil)

	side = "relay"
	good = replies(ok)
	for _, kind := range []string{"hello", "ready", "refused", "attached", "accepted", "entry", "welcome", "waiting",
		"gone", "blob", "presence", "alarm", "duty", "roster"} {
		bytes := good[kind]
		bad(kind+" with a byte too many", "trailing", "", join(bytes, u8(0)))
		bad(kind+" without its last byte", "truncated", "", bytes[:len(bytes)-1])
	}
	replyFailures(bad, good)
	dutyFailures(bad)
	for _, kind := range []uint8{0x00, 0x01, 0x09, 0x40, 0x51, 0xff} {
		bad("reply of kind "+number(uint64(kind)), "unknown_kind", "kinds of the client are unknown from a relay",
			join(u8(kind), u32(refA)))
	}
	bad("no reply at all", "truncated", "an empty frame", nil)
	return all
}

type okCase func(name, comment string, bytes []byte, frame vector)
type badCase func(name, class, comment string, bytes []byte)

// requests writes the valid frames from a client and gives one of each kind.
func requests(ok okCase) map[string][]byte {
	good := map[string][]byte{}
	add := func(kind, name, comment string, bytes []byte, frame vector) {
		frame["kind"] = kind
		frame["ref"] = refA
		ok(name, comment, bytes, frame)
		if good[kind] == nil {
			good[kind] = bytes
		}
	}
	head := func(kind uint8) []byte { return join(u8(kind), u32(refA)) }

	signature := fill(0x5e, 64)
	add("login", "login", "64 bytes need a length of two bytes", join(head(1), deviceA, vec(signature)),
		vector{"device": hexOf(deviceA), "signature": hexOf(signature)})
	add("login", "login without a signature", "the relay answers bad_login; the frame itself is well formed",
		join(head(1), deviceB, vec()),
		vector{"device": hexOf(deviceB), "signature": ""})

	welcome, message := fill(0x3c, 100), fill(0x6d, 346)
	add("open", "open", "two devices, a live conversation",
		join(head(2), mailbox, slot, u8(0), vec(deviceA, deviceB), vec(), vec(welcome), vec(message)),
		vector{"mailbox": hexOf(mailbox), "slot": hexOf(slot), "retention": 0,
			"devices": []string{hexOf(deviceA),
				hexOf(deviceB)}, "work": "", "welcome": hexOf(welcome), "message": hexOf(message)})
	large := fill(0x6e, 20480)
	add("open", "open with the longest message",
		"a left message, no device, the most work; 20,480 bytes need a length of four bytes", join(head(2), mailbox, slot,
			u8(1), vec(), vec(fill(0x33, 48)), vec(), vec(large)),
		vector{"mailbox": hexOf(mailbox), "slot": hexOf(slot), "retention": 1, "devices": []string{},
			"work": hexOf(fill(0x33, 48)), "welcome": "", "message": hexOf(large)})

	add("attach", "attach of a visitor", "from the beginning", join(head(3), mailbox, vec(capability), fill(0, 32)),
		vector{"mailbox": hexOf(mailbox), "capability": hexOf(capability), "cursor": beginning()})
	add("attach", "attach of a device", "no capability, a cursor", join(head(3), mailbox, vec(), cursor(9)),
		vector{"mailbox": hexOf(mailbox), "capability": "", "cursor": cursorField(9)})

	add("send", "send of a text", "", join(head(4), mailbox, u64(2), vec(), vec(), vec(), vec(message)),
		vector{"mailbox": hexOf(mailbox), "counter": "2", "opens": []string{}, "closes": []string{}, "welcome": "",
			"message": hexOf(message)})
	add("send", "send of a claim", "closes one device",
		join(head(4), mailbox, u64(1), vec(), vec(deviceB), vec(), vec(fill(0x6d, 4100))),
		vector{"mailbox": hexOf(mailbox), "counter": "1", "opens": []string{}, "closes": []string{hexOf(deviceB)},
			"welcome": "", "message": hexOf(fill(0x6d, 4100))})
	add("send", "send that brings in a device", "the highest counter there is",
		join(head(4), mailbox, u64(1<<64-1), vec(deviceB), vec(deviceA), vec(welcome), vec(message)),
		vector{"mailbox": hexOf(mailbox), "counter": number(1<<64 - 1), "opens": []string{hexOf(deviceB)},
			"closes": []string{hexOf(deviceA)}, "welcome": hexOf(welcome), "message": hexOf(message)})

	add("advance", "advance", "", join(head(5), mailbox, cursor(1<<53+1)),
		vector{"mailbox": hexOf(mailbox), "cursor": cursorField(1<<53 + 1)})
	add("end", "end", "at once, without a message", join(head(6), mailbox, u64(0), fill(0, 32), vec()),
		vector{"mailbox": hexOf(mailbox), "counter": "0", "read": beginning(), "message": ""})
	add("end", "end with a message", "", join(head(6), mailbox, u64(7), cursor(9), vec(message)),
		vector{"mailbox": hexOf(mailbox), "counter": "7", "read": cursorField(9), "message": hexOf(message)})

	packageA, packageB := fill(0x4b, 63), fill(0x4c, 4096)
	add("publish", "publish", "63 bytes are the longest with a length of one byte",
		join(head(7), vec(u32(20779), vec(packageA), u32(20780), vec(packageB))),
		vector{"keyPackages": []vector{{"day": 20779, "keyPackage": hexOf(packageA)},
			{"day": 20780, "keyPackage": hexOf(packageB)}}})
	add("publish", "publish of nothing", "", join(head(7), vec()), vector{"keyPackages": []vector{}})
	add("fetch", "fetch", "", join(head(8), mailbox), vector{"mailbox": hexOf(mailbox)})
	add("ping", "ping", "", head(9), vector{})
	add("resolve", "resolve", "", join(head(10), mailbox, cursor(9)),
		vector{"mailbox": hexOf(mailbox), "cursor": cursorField(9)})
	half := fill(0x48, 64)
	add("put", "put of a half key", "64 bytes are the longest",
		join(head(11), locator, capability, u64(1), u8(0), vec(half)),
		vector{"locator": hexOf(locator), "capability": hexOf(capability), "version": "1", "keep": 0, "blob": hexOf(half)})
	add("put", "put of a sealed state", "the highest version there is",
		join(head(11), locator, capability, u64(1<<64-1), u8(1), vec(fill(0x53, 65))),
		vector{"locator": hexOf(locator), "capability": hexOf(capability), "version": number(1<<64 - 1), "keep": 1,
			"blob": hexOf(fill(0x53, 65))})
	add("get", "get", "", join(head(12), locator), vector{"locator": hexOf(locator)})
	add("drop", "drop", "", join(head(13), locator, capability),
		vector{"locator": hexOf(locator), "capability": hexOf(capability)})
	add("leave", "leave that erases", "", join(head(14), mailbox, u8(1)), vector{"mailbox": hexOf(mailbox), "erase": 1})
	add("leave", "leave of a conversation that is kept", "", join(head(14), mailbox, u8(0)),
		vector{"mailbox": hexOf(mailbox), "erase": 0})
	add("keep", "keep", "", join(head(15), mailbox), vector{"mailbox": hexOf(mailbox)})
	add("acknowledge", "acknowledge", "", join(head(16), mailbox), vector{"mailbox": hexOf(mailbox)})
	addReach(add, head)
	shifts(add)
	return good
}

func requestFailures(bad badCase) {
	open := func(retention uint8, rest ...[]byte) []byte {
		return join(append([][]byte{u8(2), u32(refA), mailbox, slot, u8(retention)}, rest...)...)
	}
	send := func(rest ...[]byte) []byte {
		return join(append([][]byte{u8(4), u32(refA), mailbox, u64(2)}, rest...)...)
	}
	login := func(rest ...[]byte) []byte {
		return join(append([][]byte{u8(1), u32(refA), deviceA}, rest...)...)
	}
	manyDevices := fill(0x11, 33*8)

	bad("open of an unknown retention", "no_meaning", "only 0 and 1 are named", open(2, vec(), vec(), vec(), vec()))
	bad("open with 33 devices", "too_large", "32 are allowed", open(0, vec(manyDevices), vec(), vec(), vec()))
	bad("open with half a device", "truncated", "the vector of devices holds 12 bytes",
		open(0, vec(fill(0x11, 12)), vec(), vec(), vec()))
	bad("open with a Welcome over its limit", "too_large", "98,305 bytes announced: the length alone decides",
		open(0, vec(), vec(), u32(0x80000000|98305), fill(0, 8)))
	bad("open with more work than there may be", "too_large", "49 bytes", open(0, vec(), vec(fill(0, 49)), vec(), vec()))
	bad("open with a message over its limit", "too_large", "20,481 bytes",
		open(0, vec(), vec(), vec(), vec(fill(0, 20481))))
	for _, n := range []int{1, 31, 33} {
		bad("attach with a capability of "+number(uint64(n))+" bytes", "no_meaning", "32, or none",
			join(u8(3), u32(refA), mailbox, vec(fill(0xca, n)), fill(0, 32)))
	}
	bad("send with a message over its limit", "too_large", "65,537 bytes announced",
		send(vec(), vec(), vec(), u32(0x80000000|65537)))
	bad("send that closes 33 devices", "too_large", "", send(vec(), vec(manyDevices), vec(), vec()))
	bad("send that opens 33 devices", "too_large", "", send(vec(manyDevices), vec(), vec(), vec()))
	bad("end with a message over its limit", "too_large", "20,481 bytes announced",
		join(u8(6), u32(refA), mailbox, u64(1), fill(0, 32), u32(0x80000000|20481)))
	bad("publish of nine key packages", "too_large", "8 are allowed", join(u8(7), u32(refA), vec(fill(0, 9*5))))
	bad("publish of a key package over its limit", "too_large", "4,097 bytes",
		join(u8(7), u32(refA), vec(u32(1), vec(fill(0, 4097)))))
	bad("publish with a key package that leaves its vector", "truncated",
		"the inner length is longer than what the outer holds", join(u8(7), u32(refA), vec(u32(1), u8(5), fill(0, 4))))

	put := func(version uint64, keep uint8, rest ...[]byte) []byte {
		return join(append([][]byte{u8(11), u32(refA), locator, capability, u64(version), u8(keep)}, rest...)...)
	}
	bad("put of version 0", "no_meaning", "the first is 1", put(0, 1, vec(fill(0, 4))))
	bad("put for an unknown time", "no_meaning", "only 0 and 1 are named", put(1, 2, vec(fill(0, 4))))
	bad("put of a half key over its limit", "too_large", "65 bytes", put(1, 0, vec(fill(0, 65))))
	bad("put of a blob over its limit", "too_large", "262,209 bytes announced: the length alone decides",
		put(1, 1, u32(0x80000000|262209), fill(0, 8)))
	bad("leave with an unknown wish", "no_meaning", "", join(u8(14), u32(refA), mailbox, u8(2)))

	reachFailures(bad)

	bad("length 63 in two bytes", "not_minimal", "", login(u16(0x4000|63), fill(0, 63)))
	bad("length 0 in two bytes", "not_minimal", "", login(u16(0x4000)))
	bad("length 16,383 in four bytes", "not_minimal", "", login(u32(0x80000000|16383), fill(0, 16383)))
	bad("length 0 in four bytes", "not_minimal", "", login(u32(0x80000000)))
	bad("length of eight bytes", "not_minimal", "this form is refused for any length",
		login(u64(0xc000000000000000|64), fill(0, 64)))
	bad("length cut after its first byte", "truncated", "", login(u8(0x40)))
	bad("length of four bytes cut", "truncated", "", login([]byte{0x80, 0, 1}))
	bad("length of a gigabyte", "truncated", "no memory may be set aside for it", login(u32(0xbfffffff)))
}

// replies writes the valid frames from a relay and gives one of each kind.
func replies(ok okCase) map[string][]byte {
	good := map[string][]byte{}
	add := func(kind, name, comment string, bytes []byte, frame vector) {
		frame["kind"] = kind
		ok(name, comment, bytes, frame)
		if good[kind] == nil {
			good[kind] = bytes
		}
	}
	nonce := count(0x70, 32)
	add("hello", "hello", "", join(u8(0x41), nonce, u64(1795348800), text("botkyrka")),
		vector{"nonce": hexOf(nonce), "time": "1795348800", "kommun": "botkyrka"})
	add("hello", "hello of a kommun with letters beyond ASCII", "", join(u8(0x41), nonce, u64(1), text("södertälje")),
		vector{"nonce": hexOf(nonce), "time": "1", "kommun": "södertälje"})
	add("ready", "ready", "", join(u8(0x42), u32(refA)), vector{"ref": refA})
	add("refused", "refused", "epoch, with the current one", join(u8(0x43), u32(refA), u16(10), u64(5)),
		vector{"ref": refA, "code": 10, "detail": "5"})
	add("refused", "refused without a ref", "malformed: the request's own ref could not be read",
		join(u8(0x43), u32(0), u16(1), u64(0)),
		vector{"ref": 0, "code": 1, "detail": "0"})
	add("attached", "attached", "", join(u8(0x44), u32(refA), mailbox, u16(3), cursor(12), u64(2), u64(4)),
		vector{"ref": refA, "mailbox": hexOf(mailbox), "slot": 3, "head": cursorField(12), "epoch": "2", "counter": "4"})
	add("accepted", "accepted", "", join(u8(0x45), u32(refA), u64(2), cursor(13)),
		vector{"ref": refA, "counter": "2", "cursor": cursorField(13)})
	message := fill(0x6d, 346)
	add("entry", "entry", "", join(u8(0x46), mailbox, u64(13), tag, u16(0), u64(2), vec(message)),
		vector{"mailbox": hexOf(mailbox), "seq": "13", "tag": hexOf(tag), "slot": 0, "counter": "2",
			"message": hexOf(message)})
	commit := fill(0x6d, 16384)
	add("entry", "entry with a commit of 16,384 bytes", "the shortest with a length of four bytes",
		join(u8(0x46), mailbox, u64(14), tag, u16(255), u64(1), vec(commit)),
		vector{"mailbox": hexOf(mailbox), "seq": "14", "tag": hexOf(tag), "slot": 255, "counter": "1",
			"message": hexOf(commit)})
	add("welcome", "welcome", "by which a slot was opened at entry 13",
		join(u8(0x47), u32(refA), cursor(13), vec(fill(0x3c, 100))),
		vector{"ref": refA, "from": cursorField(13), "welcome": hexOf(fill(0x3c, 100))})
	add("welcome", "welcome of an opening", "from the beginning",
		join(u8(0x47), u32(refA), fill(0, 32), vec(fill(0x3c, 4))),
		vector{"ref": refA, "from": beginning(), "welcome": hexOf(fill(0x3c, 4))})
	add("waiting", "waiting", "", join(u8(0x48), mailbox, u64(1795348800)),
		vector{"mailbox": hexOf(mailbox), "since": "1795348800"})
	for reason := uint8(1); reason <= 6; reason++ {
		add("gone", "gone for reason "+number(uint64(reason)), "", join(u8(0x49), mailbox, u8(reason)),
			vector{"mailbox": hexOf(mailbox), "reason": reason})
	}
	add("blob", "blob", "", join(u8(0x4a), u32(refA), u64(1<<53+1), vec(fill(0x53, 64))),
		vector{"ref": refA, "version": number(1<<53 + 1), "blob": hexOf(fill(0x53, 64))})
	for state := uint8(0); state <= 2; state++ {
		add("presence", "presence "+number(uint64(state)), "", join(u8(0x4b), mailbox, u8(state)),
			vector{"mailbox": hexOf(mailbox), "state": state})
	}
	for state := uint8(0); state <= 2; state++ {
		add("alarm", "alarm "+number(uint64(state)), "", join(u8(0x4c), mailbox, u8(state)),
			vector{"mailbox": hexOf(mailbox), "state": state})
	}
	duties(add)
	add("roster", "roster", "", join(u8(0x50), u64(1<<53+1)), vector{"serial": number(1<<53 + 1)})
	return good
}

func replyFailures(bad badCase, good map[string][]byte) {
	for _, kind := range []string{"ready", "attached", "accepted", "welcome", "blob"} {
		bytes := good[kind]
		bad(kind+" with ref 0", "ref_zero", "only refused may have it", join(bytes[:1], u32(0), bytes[5:]))
	}
	bad("gone without a reason", "no_meaning", "", join(u8(0x49), mailbox, u8(0)))
	bad("gone for an unknown reason", "no_meaning", "", join(u8(0x49), mailbox, u8(7)))
	bad("presence of an unknown state", "no_meaning", "", join(u8(0x4b), mailbox, u8(3)))
	bad("alarm of an unknown state", "no_meaning", "", join(u8(0x4c), mailbox, u8(3)))
	bad("roster with serial 0", "no_meaning", "the first is 1", join(u8(0x50), u64(0)))
	bad("blob of version 0", "no_meaning", "", join(u8(0x4a), u32(refA), u64(0), vec()))
	bad("blob over its limit", "too_large", "262,209 bytes announced",
		join(u8(0x4a), u32(refA), u64(1), u32(0x80000000|262209)))
	bad("hello whose kommun is no UTF-8", "not_text", "", join(u8(0x41), fill(0, 32), u64(0), vec([]byte{0xc3, 0x28})))
	bad("hello whose kommun holds half of a surrogate pair", "not_text", "",
		join(u8(0x41), fill(0, 32), u64(0), vec([]byte{0xed, 0xa0, 0x80})))
	bad("entry with a message over its limit", "too_large", "65,537 bytes announced",
		join(u8(0x46), mailbox, u64(1), tag, u16(0), u64(1), u32(0x80000000|65537)))
	bad("welcome over its limit", "too_large", "98,305 bytes announced",
		join(u8(0x47), u32(refA), fill(0, 32), u32(0x80000000|98305)))
	bad("entry with a length that is not minimal", "not_minimal", "",
		join(u8(0x46), mailbox, u64(1), tag, u16(0), u64(1), u16(0x4001), u8(0)))
}
