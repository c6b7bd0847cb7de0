package vectors_test

import (
	"bytes"
	"crypto/hpke"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// TestXWing judges xwing.json by Go's own HPKE: the clients must derive the same keys and read the same ciphertext. It
// reads back what Go sealed once; nothing outside tests may use a KEM here.
func TestXWing(t *testing.T) {
	text, err := os.ReadFile("xwing.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Count int `json:"count"`
		Cases []struct {
			Name, Comment, IKM, Private, Public, Info, Plaintext, Sealed string
		} `json:"cases"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != file.Count || file.Count < 4 {
		t.Fatalf("%d cases, %d announced", len(file.Cases), file.Count)
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			key, err := hpke.MLKEM768X25519().DeriveKeyPair(unhex(t, c.IKM))
			if err != nil {
				t.Fatal(err)
			}
			private, err := key.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(private, unhex(t, c.Private)) || !bytes.Equal(key.PublicKey().Bytes(), unhex(t, c.Public)) {
				t.Error("another key pair is derived")
			}
			plaintext, err := hpke.Open(key, hpke.HKDFSHA512(), hpke.AES256GCM(), unhex(t, c.Info), unhex(t, c.Sealed))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(plaintext, unhex(t, c.Plaintext)) {
				t.Error("another plaintext is read")
			}
		})
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
