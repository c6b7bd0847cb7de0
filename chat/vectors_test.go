package chat

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
)

const vectorDir = "../spec/vectors"

// vectorCase holds the fields of every file; a file's reader refuses the ones that its own table in README.md does not
// name.
type vectorCase struct {
	Name, Comment, Expect, Hex string
	Zeros                      int
	Side                       string
	Frame                      map[string]any
	Mailbox, Epoch             string
	Content                    ContentType
	Bound                      map[string]any
	Previous, Seq, Next        string
	Payload                    map[string]any
	Directory                  map[string]any
	Reachable                  map[string]any
	Salt                       string
	Bits                       uint8
}

func (c *vectorCase) bytes(t testing.TB) []byte {
	b, err := hex.DecodeString(c.Hex)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, make([]byte, c.Zeros)...)
}

// readVectors requires as many cases as COUNT.json says and no field that is not known.
func readVectors(t testing.TB, name string) []vectorCase {
	t.Helper()
	var file struct {
		Count int
		Cases []vectorCase
	}
	text, err := os.ReadFile(filepath.Join(vectorDir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	text, err = os.ReadFile(filepath.Join(vectorDir, "COUNT.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &counts); err != nil {
		t.Fatal(err)
	}
	if n := len(file.Cases); n == 0 || n != file.Count || n != counts[name] {
		t.Fatalf("%s has %d cases, says %d, and COUNT.json %d", name, n, file.Count, counts[name])
	}
	return file.Cases
}

// classOf returns "ok" or the class of a failure.
func classOf(t testing.TB, err error) string {
	t.Helper()
	var format *FormatError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &format):
		return string(format.Class)
	}
	t.Fatalf("an error of another type: %v", err)
	return ""
}

func decodeSide(side string, input []byte) (Frame, error) {
	if side == "relay" {
		return DecodeReply(input)
	}
	request, err := DecodeRequest(input)
	if err != nil {
		return nil, err
	}
	return request, nil
}

func TestFrameVectors(t *testing.T) {
	kinds := map[string]bool{}
	for _, c := range readVectors(t, "frames") {
		t.Run(c.Name, func(t *testing.T) {
			input := c.bytes(t)
			frame, err := decodeSide(c.Side, input)
			if got := classOf(t, err); got != c.Expect {
				t.Fatalf("got %s, want %s", got, c.Expect)
			}
			if err != nil {
				return
			}
			again, err := Encode(frame)
			if err != nil || !bytes.Equal(again, input) {
				t.Fatalf("encodes to %d bytes (%v), want the %d of the input", len(again), err, len(input))
			}
			kinds[frame.Kind().String()] = true
			if got, want := describe(frame), canonical(t, c.Frame); got != want {
				t.Fatalf("got  %s\nwant %s", got, want)
			}
		})
	}
	if len(kinds) != len(Kinds()) {
		t.Fatalf("%d of %d kinds have a valid vector", len(kinds), len(Kinds()))
	}
}

func TestHeaderVectors(t *testing.T) {
	for _, c := range readVectors(t, "header") {
		h, err := ParseHeader(c.bytes(t))
		if got := classOf(t, err); got != c.Expect {
			t.Errorf("%s: got %s, want %s", c.Name, got, c.Expect)
			continue
		}
		if err == nil && (hex.EncodeToString(h.Mailbox[:]) != c.Mailbox || strconv.FormatUint(h.Epoch, 10) != c.Epoch ||
			h.Content != c.Content) {
			t.Errorf("%s: epoch %d, content %d", c.Name, h.Epoch, h.Content)
		}
		if err == nil && canonical(t, fieldsOf(reflect.ValueOf(h.Bound))) != canonical(t, c.Bound) {
			t.Errorf("%s: bound %+v", c.Name, h.Bound)
		}
	}
}

// transcript is the running hash over the entries of a mailbox (spec §8). The zero value is T(0).
type transcript [sha256.Size]byte

// next returns T(seq) from T(seq-1) and the message of entry seq.
func (t transcript) next(seq uint64, message []byte) transcript {
	inner := sha256.Sum256(message)
	outer := make([]byte, 0, len(t)+8+len(inner))
	outer = append(outer, t[:]...)
	outer = binary.BigEndian.AppendUint64(outer, seq)
	outer = append(outer, inner[:]...)
	return sha256.Sum256(outer)
}

func TestTranscriptVectors(t *testing.T) {
	for _, c := range readVectors(t, "transcript") {
		var previous transcript
		if n, err := hex.Decode(previous[:], []byte(c.Previous)); n != len(previous) || err != nil {
			t.Fatal(c.Name, err)
		}
		seq, err := strconv.ParseUint(c.Seq, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		next := previous.next(seq, c.bytes(t))
		if got := hex.EncodeToString(next[:]); got != c.Next {
			t.Errorf("%s: got %s, want %s", c.Name, got, c.Next)
		}
	}
}

func TestDirectoryVectors(t *testing.T) {
	for _, c := range readVectors(t, "directory") {
		input := c.bytes(t)
		d, err := DecodeDirectory(input)
		if got := classOf(t, err); got != c.Expect {
			t.Errorf("%s: got %s, want %s", c.Name, got, c.Expect)
			continue
		}
		if err != nil {
			continue
		}
		if again, err := EncodeDirectory(d); err != nil || !bytes.Equal(again, input) {
			t.Errorf("%s: encodes to %d bytes (%v), want %d", c.Name, len(again), err, len(input))
		}
		if d.Roster != c.Directory["roster"] || strconv.FormatUint(d.Time, 10) != c.Directory["time"] ||
			len(d.KeyPackages) != len(c.Directory["keyPackages"].([]any)) {
			t.Errorf("%s: %d key packages, time %d", c.Name, len(d.KeyPackages), d.Time)
		}
		puzzle := vectorPuzzle(t, c.Directory["puzzle"].(map[string]any)["salt"].(string),
			uint8(c.Directory["puzzle"].(map[string]any)["bits"].(float64)))
		if d.Puzzle != puzzle {
			t.Errorf("%s: puzzle %+v", c.Name, d.Puzzle)
		}
	}
}

func TestReachVectors(t *testing.T) {
	for _, c := range readVectors(t, "reach") {
		input := c.bytes(t)
		a, err := DecodeReachable(input)
		if got := classOf(t, err); got != c.Expect {
			t.Errorf("%s: got %s, want %s", c.Name, got, c.Expect)
		}
		if err != nil {
			continue
		}
		if again, err := EncodeReachable(a); err != nil || !bytes.Equal(again, input) {
			t.Errorf("%s: encodes to %d bytes (%v), want %d", c.Name, len(again), err, len(input))
		}
		if got, want := canonical(t, fieldsOf(reflect.ValueOf(*a))), canonical(t, c.Reachable); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.Name, got, want)
		}
	}
}

func vectorPuzzle(t *testing.T, salt string, bits uint8) Puzzle {
	p := Puzzle{Bits: bits}
	if n, err := hex.Decode(p.Salt[:], []byte(salt)); n != len(p.Salt) || err != nil {
		t.Fatal(salt, err)
	}
	return p
}

func TestWorkVectors(t *testing.T) {
	for _, c := range readVectors(t, "work") {
		var mailbox Mailbox
		if n, err := hex.Decode(mailbox[:], []byte(c.Mailbox)); n != len(mailbox) || err != nil {
			t.Fatal(c.Name, err)
		}
		p := vectorPuzzle(t, c.Salt, c.Bits)
		if got := p.Solves(mailbox, c.bytes(t)); got != (c.Expect == "ok") {
			t.Errorf("%s: solves: %v", c.Name, got)
		}
		if c.Expect == "ok" && !bytes.Equal(p.Solve(mailbox), c.bytes(t)) {
			t.Errorf("%s: solved otherwise", c.Name)
		}
	}
}

// The payload is nothing that Go may read; that its vectors are there, and as many as promised, is all that is looked
// at.
func TestPayloadVectorsAreCounted(t *testing.T) { readVectors(t, "payload") }
