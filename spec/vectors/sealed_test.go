package vectors_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"testing"
)

type sealedCase struct {
	Name    string `json:"name"`
	Locator string `json:"locator"`
	Key     string `json:"key"`
	Version string `json:"version"`
	Blob    string `json:"blob"`
	// Content is what it holds; absent where it is refused, or of a later form.
	Content *string `json:"content,omitempty"`
	Error   bool    `json:"error,omitempty"`
	Newer   bool    `json:"newer,omitempty"`
}

// form is the first byte of what is sealed (spec/protocol.md §8.2).
const form = 1

// TestSealed judges sealed.json by Go's standard library. Nothing outside tests may open anything here.
func TestSealed(t *testing.T) {
	text, err := os.ReadFile("sealed.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Count int          `json:"count"`
		Cases []sealedCase `json:"cases"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != file.Count || file.Count < 13 {
		t.Fatalf("%d cases, %d announced", len(file.Cases), file.Count)
	}
	if *update {
		reseal(t, file.Cases)
		text, err := json.MarshalIndent(file, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("sealed.json", append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			found, content, ok := open(t, c)
			switch {
			case c.Content != nil:
				if !ok || found != form || hex.EncodeToString(content) != *c.Content {
					t.Errorf("form %d, content %x, %v", found, content, ok)
				}
			case c.Newer:
				if !ok || found <= form {
					t.Errorf("form %d, %v", found, ok)
				}
			case c.Error && ok && found == form:
				t.Error("it opens")
			}
			if said := c.Content != nil; said == (c.Error || c.Newer) || c.Error && c.Newer {
				t.Error("a case is one of three")
			}
		})
	}
}

// reseal makes the blobs of the cases that open anew, and from the first of them those that do not.
func reseal(t *testing.T, cases []sealedCase) {
	t.Helper()
	for i, c := range cases {
		first := unhex(t, cases[0].Blob)
		var blob []byte
		switch c.Name {
		case "replayed-under-a-later-version", "moved-to-another-locator", "under-another-key":
			blob = first
		case "changed":
			blob = bytes.Clone(first)
			blob[len(blob)/2] ^= 1
		case "cut-short":
			blob = first[:len(first)-1]
		case "nothing":
		case "of-a-later-form":
			blob = seal(t, c, []byte{form + 1, 1, 2, 3})
		case "of-no-form":
			blob = seal(t, c, []byte{0, 0})
		case "full":
			blob = seal(t, c, plain(t, *c.Content, 0))
		default:
			blob = seal(t, c, plain(t, *c.Content, 40))
		}
		cases[i].Blob = hex.EncodeToString(blob)
	}
}

func plain(t *testing.T, content string, zeros int) []byte {
	t.Helper()
	body := unhex(t, content)
	all := []byte{form}
	if len(body) < 0x40 {
		all = append(all, byte(len(body)))
	} else {
		all = binary.BigEndian.AppendUint16(all, 0x4000|uint16(len(body)))
	}
	return append(append(all, body...), make([]byte, zeros)...)
}

func seal(t *testing.T, c sealedCase, plain []byte) []byte {
	t.Helper()
	nonce := sha256.Sum256([]byte("utvag vectors " + c.Name))
	return aead(t, c).Seal(bytes.Clone(nonce[:12]), nonce[:12], plain, bound(t, c))
}

// open returns the form and, where it is of this form, the content.
func open(t *testing.T, c sealedCase) (found byte, content []byte, ok bool) {
	t.Helper()
	blob := unhex(t, c.Blob)
	if len(blob) < 12 {
		return 0, nil, false
	}
	all, err := aead(t, c).Open(nil, blob[:12], blob[12:], bound(t, c))
	if err != nil || len(all) < 2 || all[0] != form {
		return append(all, 0)[0], nil, err == nil
	}
	length, rest := int(all[1]), all[2:]
	if length >= 0x40 {
		length, rest = int(binary.BigEndian.Uint16(all[1:])&0x3fff), all[3:]
	}
	if length > len(rest) || len(bytes.Trim(rest[length:], "\x00")) > 0 {
		return form, nil, false
	}
	return form, rest[:length], true
}

func aead(t *testing.T, c sealedCase) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(unhex(t, c.Key))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return gcm
}

func bound(t *testing.T, c sealedCase) []byte {
	t.Helper()
	version, err := strconv.ParseUint(c.Version, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	label := "utvag.1 sealed state"
	all := append([]byte{byte(len(label))}, label...)
	return binary.BigEndian.AppendUint64(append(all, unhex(t, c.Locator)...), version)
}
