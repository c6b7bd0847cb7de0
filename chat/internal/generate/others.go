package generate

import (
	"crypto/sha256"
	"strings"
)

func headers() []vector {
	var all []vector
	with := func(content uint8, epoch uint64, authenticated ...[]byte) []byte {
		return join(u16(1), u16(2), vec(mailbox), u64(epoch), u8(content), vec(authenticated...), vec(fill(0x5d, 28)),
			vec(fill(0xc7, 300)))
	}
	private := func(content uint8, epoch uint64) []byte { return with(content, epoch, u64(7), vec(), vec()) }
	ok := func(name, comment string, content uint8, epoch, counter uint64, opens, closes []string, bytes []byte) {
		all = append(all, vector{
			"name": name, "comment": comment, "expect": "ok", "hex": hexOf(bytes), "mailbox": hexOf(mailbox),
			"epoch":   number(epoch),
			"content": content, "bound": vector{"counter": number(counter), "opens": opens, "closes": closes},
		})
	}
	none := []string{}
	for i, name := range []string{"application", "proposal", "commit"} {
		content := uint8(i + 1)
		for _, epoch := range []uint64{0, 1, 1<<64 - 1} {
			ok(name+" of epoch "+number(epoch), "", content, epoch, 7, none, none, private(content, epoch))
		}
	}
	bad := func(name, class, comment string, bytes []byte) {
		all = append(all, vector{"name": name, "comment": comment, "expect": class, "hex": hexOf(bytes)})
	}
	ok("a commit that opens and closes", "", 3, 2, 1<<64-1, []string{hexOf(deviceB)},
		[]string{hexOf(deviceA), hexOf(deviceB)},
		with(3, 2, u64(1<<64-1), vec(deviceB), vec(deviceA, deviceB)))
	good := private(1, 1)
	bad("nothing", "truncated", "", nil)
	bad("another version", "version", "", join(u16(2), good[2:]))
	bad("version 0", "version", "", join(u16(0), good[2:]))
	bad("a public message", "wire_format", "handshakes are PrivateMessage", join(u16(1), u16(1), good[4:]))
	bad("a Welcome", "wire_format", "", join(u16(1), u16(3), good[4:]))
	bad("a GroupInfo", "wire_format", "", join(u16(1), u16(4), good[4:]))
	bad("a key package", "wire_format", "", join(u16(1), u16(5), good[4:]))
	bad("a group id of 31 bytes", "group_id", "", join(good[:4], vec(mailbox[:31]), good[37:]))
	bad("a group id of 33 bytes", "group_id", "", join(good[:4], vec(mailbox, u8(0)), good[37:]))
	bad("no group id", "group_id", "", join(good[:4], vec(), good[37:]))
	bad("content type 0", "content_type", "", private(0, 1))
	bad("content type 4", "content_type", "", private(4, 1))
	bad("a byte too many", "trailing", "", join(good, u8(0)))
	bad("two messages in one", "trailing", "", join(good, good))
	bad("a group id whose length is not minimal", "not_minimal", "", join(good[:4], u16(0x4000|32), good[5:]))
	bad("no authenticated data", "truncated", "it holds a Bound", with(1, 1))
	bad("a Bound without its last byte", "truncated", "", with(1, 1, u64(7), vec()))
	bad("a Bound with a byte too many", "trailing", "", with(1, 1, u64(7), vec(), vec(), u8(0)))
	bad("a Bound with half a device", "truncated", "", with(3, 1, u64(7), vec(), vec(fill(0x11, 12))))
	bad("a Bound with 33 devices", "too_large", "", with(3, 1, u64(7), vec(fill(0x11, 33*8)), vec()))
	bad("a Bound with a length that is not minimal", "not_minimal", "", with(1, 1, u64(7), u16(0x4000), vec()))
	for _, n := range []int{1, 3, 4, 20, 40, 45, 46, 47, 60, len(good) - 1} {
		bad("cut after "+number(uint64(n))+" bytes", "truncated", "", good[:n])
	}
	return all
}

func transcripts() []vector {
	var all []vector
	value := fill(0, 32)
	for i, message := range []string{"", "a", "Hej.", strings.Repeat("x", 346), strings.Repeat("y", 20480)} {
		seq := uint64(i + 1)
		all = append(all, step(value, seq, []byte(message), "entries in order"))
		value = next(value, seq, []byte(message))
	}
	all = append(all, step(value, 1<<53+1, []byte("late"), "a seq that a double cannot hold"))
	all = append(all, step(value, 1<<64-1, []byte("last"), "the highest seq"))
	return all
}

func step(value []byte, seq uint64, message []byte, comment string) vector {
	return vector{
		"name": "T(" + number(seq) + ")", "comment": comment, "expect": "ok", "hex": hexOf(message),
		"previous": hexOf(value), "seq": number(seq), "next": hexOf(next(value, seq, message)),
	}
}

func next(value []byte, seq uint64, message []byte) []byte {
	inner := sha256.Sum256(message)
	outer := sha256.Sum256(join(value, u64(seq), inner[:]))
	return outer[:]
}

// works are solutions for the first mailbox of the other vectors; the search is the plainest there is.
func works() []vector {
	salt, bits := fill(0x5a, 16), uint8(6)
	solve := func(mailbox []byte, bits uint8) []byte {
		seed := sha256.Sum256(join([]byte("utvag.1 work"), salt, mailbox))
		work := salt
		for nonce := uint32(0); len(work) < 48; nonce++ {
			hash := sha256.Sum256(join(seed[:], u32(nonce)))
			if hash[0]>>(8-bits) == 0 {
				work = join(work, u32(nonce))
			}
		}
		return work
	}
	good := solve(mailbox, bits)
	other := join(good[:44], u32(0xffffffff))
	var all []vector
	add := func(name, expect string, bits uint8, work []byte) {
		all = append(all, vector{"name": name, "comment": "", "expect": expect, "hex": hexOf(work), "mailbox": hexOf(mailbox),
			"salt": hexOf(salt), "bits": bits})
	}
	add("eight nonces in order", "ok", bits, good)
	add("nothing where nothing is asked", "ok", 0, nil)
	add("work where nothing is asked", "no_meaning", 0, good)
	add("nothing", "no_meaning", bits, nil)
	add("for another mailbox", "no_meaning", bits, solve(fill(0x77, 32), bits))
	add("for another salt", "no_meaning", bits, join(fill(0x5b, 16), good[16:]))
	add("of fewer bits", "no_meaning", bits+8, good)
	add("with a nonce that hashes to something else", "no_meaning", bits, other)
	add("with a nonce twice", "no_meaning", bits, join(good[:20], good[16:20], good[24:]))
	add("out of order", "no_meaning", bits, join(good[:16], good[20:24], good[16:20], good[24:]))
	add("without its last nonce", "no_meaning", bits, good[:44])
	add("with a nonce too many", "no_meaning", bits, join(good, u32(0xfffffffe)))
	return all
}

func directories() []vector {
	var all []vector
	roster := "utvag roster 1\nkommun botkyrka\n"
	item := func(device []byte, day uint32, keyPackage []byte) []byte {
		return join(device, u32(day), vec(keyPackage))
	}
	fieldOf := func(device []byte, day uint32, keyPackage []byte) vector {
		return vector{"device": hexOf(device), "day": day, "keyPackage": hexOf(keyPackage)}
	}
	a, b := fill(0x4b, 20), fill(0x4c, 4096)
	salt := fill(0x5a, 16)
	free := join(fill(0, 16), u8(0))
	good := join(text(roster), u64(1795348800), salt, u8(14), vec(item(deviceA, 20779, a), item(deviceB, 20779, b)))
	ok := func(name, comment string, bytes []byte, roster string, time uint64, salt []byte, bits uint8, list []vector) {
		all = append(all, vector{"name": name, "comment": comment, "expect": "ok", "hex": hexOf(bytes),
			"directory": vector{"roster": roster, "time": number(time), "puzzle": vector{"salt": hexOf(salt), "bits": bits},
				"keyPackages": list}})
	}
	bad := func(name, class, comment string, bytes []byte) {
		all = append(all, vector{"name": name, "comment": comment, "expect": class, "hex": hexOf(bytes)})
	}
	ok("two key packages", "", good, roster, 1795348800, salt, 14,
		[]vector{fieldOf(deviceA, 20779, a), fieldOf(deviceB, 20779, b)})
	ok("nothing but a roster", "nobody has a key package for today", join(text(roster), u64(1), free, vec()), roster, 1,
		fill(0, 16), 0, []vector{})
	bad("a byte too many", "trailing", "", join(good, u8(0)))
	bad("without its last byte", "truncated", "", good[:len(good)-1])
	bad("a device named twice", "no_meaning", "",
		join(text(roster), u64(1), free, vec(item(deviceA, 1, a), item(deviceA, 1, a))))
	bad("a roster over its limit", "too_large", "20,481 bytes announced", u32(0x80000000|20481))
	bad("a key package over its limit", "too_large", "",
		join(text(roster), u64(1), free, vec(item(deviceA, 1, fill(0, 4097)))))
	bad("a roster that is no UTF-8", "not_text", "", join(vec([]byte{0xff}), u64(1), free, vec()))
	var many []byte
	for i := range 65 {
		many = join(many, item(join(fill(0, 7), u8(uint8(i))), 1, a))
	}
	bad("65 key packages", "too_large", "64 are allowed", join(text(roster), u64(1), free, vec(many)))
	bad("a puzzle of 25 bits", "too_large", "24 are allowed", join(text(roster), u64(1), salt, u8(25), vec()))
	return all
}
