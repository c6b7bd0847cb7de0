package chat

import (
	"bytes"
	"testing"
)

// seed adds a file's inputs to a fuzz target and requires as many as the vectors hold: a target without its seeds finds
// little.
func seed(f *testing.F, name string, want int, keep func(*vectorCase) bool) {
	f.Helper()
	added := 0
	for _, c := range readVectors(f, name) {
		if keep(&c) {
			f.Add(c.bytes(f))
			added++
		}
	}
	if added != want {
		f.Fatalf("%d seeds, want %d", added, want)
	}
}

func all(*vectorCase) bool { return true }

func FuzzDecodeRequest(f *testing.F) {
	seed(f, "frames", 160, func(c *vectorCase) bool { return c.Side == "client" })
	f.Fuzz(func(t *testing.T, input []byte) {
		frame, err := DecodeRequest(input)
		if err != nil {
			classOf(t, err)
			return
		}
		if again, err := Encode(frame); err != nil || !bytes.Equal(again, input) {
			t.Fatalf("%x encodes to %x (%v)", input, again, err)
		}
		open, isOpen := frame.(*Open)
		if mailbox, work, ok := OpenWork(input[:min(len(input), 1024)]); ok != isOpen || ok &&
			(mailbox != open.Mailbox || !bytes.Equal(work, open.Work)) {
			t.Fatalf("%x begins with the work %x of %x (%v)", input, work, mailbox, ok)
		}
	})
}

func FuzzDecodeReply(f *testing.F) {
	seed(f, "frames", 91, func(c *vectorCase) bool { return c.Side == "relay" })
	f.Fuzz(func(t *testing.T, input []byte) {
		frame, err := DecodeReply(input)
		if err != nil {
			classOf(t, err)
			return
		}
		if Oversized(input) {
			return
		}
		if again, err := Encode(frame); err != nil || !bytes.Equal(again, input) {
			t.Fatalf("%x encodes to %x (%v)", input, again, err)
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	seed(f, "header", 41, all)
	f.Fuzz(func(t *testing.T, input []byte) {
		h, err := ParseHeader(input)
		if err != nil {
			classOf(t, err)
			return
		}
		// What is known of the header stands at fixed places; the rest are two vectors that end with the input.
		var w writer
		version, format := uint16(versionMLS10), uint16(PrivateMessage)
		group := h.Mailbox[:]
		w.uint16(&version)
		w.uint16(&format)
		w.opaque(&group, noLimit)
		w.uint64(&h.Epoch)
		w.uint8((*uint8)(&h.Content))
		bound, err := EncodeBound(&h.Bound)
		if err != nil {
			t.Fatal(err)
		}
		w.opaque(&bound, noLimit)
		head, err := w.end()
		if err != nil || !bytes.HasPrefix(input, head) {
			t.Fatalf("%x does not begin with %x (%v)", input, head, err)
		}
	})
}

func FuzzDecodeDirectory(f *testing.F) {
	seed(f, "directory", 10, all)
	f.Fuzz(func(t *testing.T, input []byte) {
		d, err := DecodeDirectory(input)
		if err != nil {
			classOf(t, err)
			return
		}
		if again, err := EncodeDirectory(d); err != nil || !bytes.Equal(again, input) {
			t.Fatalf("%x encodes to %x (%v)", input, again, err)
		}
	})
}
