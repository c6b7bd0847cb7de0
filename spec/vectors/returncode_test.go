package vectors_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the keys of returncode.json anew")

type returnCodeCase struct {
	Name       string `json:"name"`
	Comment    string `json:"comment,omitempty"`
	Kommun     string `json:"kommun"`
	Typed      string `json:"typed"`
	Words      []int  `json:"words,omitempty"`
	Digits     string `json:"digits,omitempty"`
	Locator    string `json:"locator"`
	Capability string `json:"capability"`
	Key        string `json:"key"`
}

// TestReturnCode judges returncode.json by Go's standard library: return code to locator, capability and key
// (spec/protocol.md §8.1). Nothing outside tests may derive them here.
func TestReturnCode(t *testing.T) {
	text, err := os.ReadFile("returncode.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Count int              `json:"count"`
		Cases []returnCodeCase `json:"cases"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != file.Count || file.Count < 6 {
		t.Fatalf("%d cases, %d announced", len(file.Cases), file.Count)
	}
	for i, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			canonical := append([]byte{2}, c.Digits...)
			if c.Words != nil {
				canonical = []byte{1}
				for _, index := range c.Words {
					canonical = binary.BigEndian.AppendUint16(canonical, uint16(index))
				}
				if got := numbers(t, c.Typed); !slices.Equal(got, c.Words) {
					t.Errorf("the words typed have the numbers %v", got)
				}
			}
			stretched, err := pbkdf2.Key(sha512.New, string(canonical), []byte("utvag.1 return code"+c.Kommun), 210_000, 64)
			if err != nil {
				t.Fatal(err)
			}
			part := func(name string) string {
				key, err := hkdf.Key(sha512.New, stretched, nil, "utvag.1 "+name, 32)
				if err != nil {
					t.Fatal(err)
				}
				return hex.EncodeToString(key)
			}
			want := c
			want.Locator, want.Capability, want.Key = part("locator"), part("capability"), part("key")
			if *update {
				file.Cases[i] = want
			} else if want.Locator != c.Locator || want.Capability != c.Capability || want.Key != c.Key {
				t.Errorf("other keys are derived: %+v", want)
			}
		})
	}
	if *update {
		text, err := json.MarshalIndent(file, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("returncode.json", append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// numbers looks words up in the lists, as they are spelled there.
func numbers(t *testing.T, typed string) []int {
	t.Helper()
	for _, tag := range []string{"sv", "en"} {
		text, err := os.ReadFile("../../web/src/returncode/lists/" + tag + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		list := strings.Fields(string(text))
		var found []int
		for word := range strings.FieldsSeq(typed) {
			if at := slices.Index(list, word); at >= 0 {
				found = append(found, at)
			}
		}
		if len(found) == 7 {
			return found
		}
	}
	return nil
}
