package chat

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
)

func TestIdsStayOutOfText(t *testing.T) {
	id := Mailbox{0xab, 0xcd}
	secret := Put{Locator: Locator{0xab, 0xcd}, Capability: Capability{0xab, 0xcd}}
	for _, format := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
		for _, value := range []any{id, &id, Send{Mailbox: id}, &Send{Mailbox: id}, []Mailbox{id}, secret, &secret} {
			text := strings.ToLower(fmt.Sprintf(format, value))
			if strings.Contains(text, "abcd") || strings.Contains(text, "171 205") || strings.Contains(text, "0xab") {
				t.Errorf("%s of %T tells the id: %s", format, value, text)
			}
		}
	}
}

func TestParseDevice(t *testing.T) {
	d, ok := ParseDevice("00112233445566aa")
	if !ok || d.String() != "00112233445566aa" {
		t.Fatalf("%v, %v", d, ok)
	}
	for _, text := range []string{"", "00112233445566a", "00112233445566aaa", "00112233445566AA", "00112233445566ag",
		" 0112233445566aa"} {
		if _, ok := ParseDevice(text); ok {
			t.Errorf("%q is taken for a device", text)
		}
	}
}

func TestLoginTBS(t *testing.T) {
	nonce := sha256.Sum256([]byte("nonce"))
	device := Device{1, 2, 3, 4, 5, 6, 7, 8}
	want := bytes.Join([][]byte{
		{13}, []byte("utvag.1 login"), {8}, []byte("botkyrka"), {17}, []byte("https://svar.test"), nonce[:], device[:],
	}, nil)
	if got := LoginTBS("botkyrka", "https://svar.test", nonce, device); !bytes.Equal(got, want) {
		t.Fatalf("got  %x\nwant %x", got, want)
	}
	if LoginTBS("botkyrka", "\xff", nonce, device) != nil {
		t.Fatal("an origin that is no UTF-8 has something to sign")
	}
}

func TestEncodeRefusesWhatDecodeRefuses(t *testing.T) {
	for name, f := range map[string]Frame{
		"ref 0":             &Ping{},
		"unknown retention": &Open{Ref: 1, Retention: 2},
		"long message":      &Open{Ref: 1, Message: make([]byte, LimitApplication+1)},
		"many devices":      &Send{Ref: 1, Opens: make([]Device, LimitDevices+1)},
		"many key packages": &Publish{Ref: 1, KeyPackages: make([]DatedKeyPackage, LimitKeyPackages+1)},
		"no reason":         &Gone{},
		"version 0":         &Put{Ref: 1},
		"long half key":     &Put{Ref: 1, Version: 1, Keep: KeepHalfKey, Blob: make([]byte, LimitHalfKey+1)},
		"long blob":         &Put{Ref: 1, Version: 1, Keep: KeepState, Blob: make([]byte, LimitBlob+1)},
		"unknown wish":      &Leave{Ref: 1, Erase: 2},
		"unknown state":     &Presence{State: 3},
		"no UTF-8":          &Hello{Kommun: "\xff"},
		"long frame":        &Login{Ref: 1, Signature: make([]byte, LimitFrame)},
	} {
		if _, err := Encode(f); classOf(t, err) == "ok" {
			t.Errorf("%s: encoded", name)
		}
	}
}

func TestAnEntryOfTextIsEncodedAsAnyOther(t *testing.T) {
	e := Entry{Mailbox: Mailbox{1}, Seq: 2, Tag: Tag{3}, Slot: 4, Counter: 5}
	for _, length := range []int{0, 63, 64, 1<<14 - 1, 1 << 14, LimitCommit, LimitCommit + 1} {
		message := bytes.Repeat([]byte{6}, length)
		whole := e
		whole.Message = message
		want, wantErr := Encode(&whole)
		got, err := EncodeEntry(&e, string(message))
		if !bytes.Equal(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) || (err != nil) != (length > LimitCommit) {
			t.Errorf("%d bytes: %d bytes, %v; %d bytes, %v", length, len(got), err, len(want), wantErr)
		}
	}
}

func TestAPutHasAFrameOfItsOwnSize(t *testing.T) {
	put := &Put{Ref: 1, Version: 1, Keep: KeepState, Blob: make([]byte, LimitBlob)}
	frame, err := Encode(put)
	if err != nil || len(frame) != LimitPut || Oversized(frame) {
		t.Fatalf("the longest put has %d bytes (%v), want %d", len(frame), err, LimitPut)
	}
	if again, err := DecodeRequest(frame); err != nil || len(again.(*Put).Blob) != LimitBlob {
		t.Fatalf("the longest put does not decode (%v)", err)
	}
	frame[0] = uint8(KindSend)
	if _, err := DecodeRequest(frame); classOf(t, err) != string(OverLimit) || !Oversized(frame) {
		t.Fatal("another frame may be as long as a put")
	}
}

func TestCheckWireFormat(t *testing.T) {
	if err := CheckWireFormat([]byte{0, 1, 0, 5, 9}, KeyPackageMessage); err != nil {
		t.Error(err)
	}
	for want, input := range map[string][]byte{
		"wire_format": {0, 1, 0, 3}, "version": {0, 2, 0, 5}, "truncated": {0, 1, 0},
	} {
		if got := classOf(t, CheckWireFormat(input, KeyPackageMessage)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDecodeErrorTellsTheRef(t *testing.T) {
	frame, err := Encode(&Fetch{Ref: 7})
	if err != nil {
		t.Fatal(err)
	}
	_, err = DecodeRequest(append(frame, 0))
	if format := err.(*FormatError); format.Ref != 7 || format.Class != Trailing {
		t.Fatalf("%+v", format)
	}
	big, err := Encode(&Open{Ref: 8, Devices: make([]Device, LimitDevices)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = DecodeRequest(append(big[:len(big)-1], 0x80, 0, 0x50, 1))
	if format := err.(*FormatError); format.Ref != 8 || format.Class != OverLimit || format.Limit != LimitApplication {
		t.Fatalf("%+v", format)
	}
}

func TestTheWorkOfAnOpeningStandsInItsFirstKilobyte(t *testing.T) {
	f := &Open{Ref: 1, Mailbox: Mailbox{7}, Devices: make([]Device, LimitDevices),
		Work: bytes.Repeat([]byte{9}, LimitWork), Welcome: make([]byte, LimitWelcome)}
	for i := range f.Devices {
		f.Devices[i][0] = byte(i)
	}
	frame, err := Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	mailbox, work, ok := OpenWork(frame[:1024])
	if !ok || mailbox != f.Mailbox || !bytes.Equal(work, f.Work) {
		t.Fatalf("it is %x for %x (%v)", work, mailbox, ok)
	}
	for end := range bytes.Index(frame, f.Work) + LimitWork {
		if _, work, ok := OpenWork(frame[:end]); ok {
			t.Fatalf("%d bytes hold the work %x", end, work)
		}
	}
}
