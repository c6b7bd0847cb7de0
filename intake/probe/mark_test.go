package probe

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

var write = flag.Bool("write", false, "write spec/vectors/probe.json anew")

const vectorFile = "../../spec/vectors/probe.json"

type vector struct {
	Name   string `json:"name"`
	Expect string `json:"expect"`
	Kommun string `json:"kommun"`
	Key    string `json:"key"`
	Now    int64  `json:"now"`
	Text   string `json:"text"`
	Nonce  string `json:"nonce"`
}

type file struct {
	Comment string   `json:"comment"`
	Count   int      `json:"count"`
	Cases   []vector `json:"cases"`
}

// keyOf derives a key from a word. These keys protect nothing.
func keyOf(t *testing.T, kommun, word string) (*Key, string) {
	t.Helper()
	seed := sha256.Sum256([]byte("utvag test vector " + word))
	name := KeyName(kommun)
	public, err := note.NewEd25519VerifierKey(name, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	hash := strings.Split(public, "+")[1]
	key, err := ParseKey("PRIVATE+KEY+"+name+"+"+hash+"+"+base64.StdEncoding.EncodeToString(append([]byte{1}, seed[:]...)),
		kommun)
	if err != nil {
		t.Fatal(err)
	}
	return key, public
}

var testNow = time.Unix(1_795_600_000, 0)

func cases(t *testing.T) []vector {
	key, public := keyOf(t, "vidby", "probe")
	other, otherPublic := keyOf(t, "vidby", "another probe")
	foreign, foreignPublic := keyOf(t, "annanby", "probe")
	mark := func(k *Key, at time.Time) string {
		text, err := k.mark(bytes.NewReader([]byte("sixteen bytes....")), at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	right := mark(key, testNow)
	fields := strings.Fields(right)
	nonce := fields[3]
	with := func(i int, value string) string {
		changed := append([]string(nil), fields...)
		changed[i] = value
		return strings.Join(changed, " ")
	}
	minutes := func(n int) int64 { return testNow.Unix()/60*60 + int64(n)*60 }
	one := func(name, expect, text string, now int64, kommun, public string) vector {
		v := vector{Name: name, Expect: expect, Kommun: kommun, Key: public, Now: now, Text: text}
		if expect == "probe" {
			v.Nonce = nonce
		}
		return v
	}
	person := func(name, text string) vector { return one(name, "person", text, testNow.Unix(), "vidby", public) }
	return []vector{
		one("fresh", "probe", right, testNow.Unix(), "vidby", public),
		one("fifteen minutes old", "probe", right, minutes(15), "vidby", public),
		one("older", "person", right, minutes(15)+1, "vidby", public),
		one("two minutes ahead", "probe", right, minutes(-2), "vidby", public),
		one("further ahead", "person", right, minutes(-2)-1, "vidby", public),
		one("another key", "person", mark(other, testNow), testNow.Unix(), "vidby", public),
		one("checked with another key", "person", right, testNow.Unix(), "vidby", otherPublic),
		one("another kommun's mark", "person", mark(foreign, testNow), testNow.Unix(), "vidby", public),
		one("another kommun's key", "person", mark(foreign, testNow), testNow.Unix(), "vidby", foreignPublic),
		one("at another kommun", "person", right, testNow.Unix(), "annanby", public),
		one("no key", "person", right, testNow.Unix(), "vidby", ""),
		one("a team key", "person", right, testNow.Unix(), "vidby", strings.Replace(public, "probe.", "team.", 1)),
		one("a key with a wrong hash", "person", right, testNow.Unix(), "vidby",
			"probe.vidby+00000000+"+strings.SplitN(public, "+", 3)[2]),
		person("another kommun written in", with(1, "annanby")),
		person("another minute written in", with(2, fields[2][:len(fields[2])-1]+"0")),
		person("another nonce written in", with(3, strings.Repeat("0", 32))),
		person("nonce in capitals", with(3, strings.ToUpper(nonce))),
		person("no signature", with(4, strings.Repeat("A", 86)+"==")),
		person("a signature in another spelling", with(4, fields[4][:85]+string(fields[4][85]+1)+"==")),
		person("a word after it", right+" hjälp"),
		person("a word before it", "hjälp "+right),
		person("a line after it", right+"\n"),
		person("two blanks", strings.Replace(right, " ", "  ", 1)),
		person("in capitals", strings.Replace(right, "utvag", "Utvag", 1)),
		person("a minute with a zero before it", with(2, "0"+fields[2])),
		person("the words alone", "utvag-probe"),
		person("nothing", ""),
		person("a person", "jag vill inte vara med längre"),
	}
}

func TestVectors(t *testing.T) {
	made := cases(t)
	text, err := json.MarshalIndent(file{
		"Marks of probes (spec/protocol.md §8.6). Written by go test ./intake/probe -write.", len(made), made}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *write {
		if err := os.WriteFile(vectorFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	held, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(held, text) {
		t.Error("spec/vectors/probe.json is not what the cases make: go test ./intake/probe -write")
	}
	for _, v := range made {
		nonce, err := check(v.Text, v.Key, v.Kommun, time.Unix(v.Now, 0))
		if (err == nil) != (v.Expect == "probe") || nonce != v.Nonce {
			t.Errorf("%s: %q, %v", v.Name, nonce, err)
		}
	}
}

func TestMarksAreFresh(t *testing.T) {
	private, public, err := NewKey("vidby")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(private, "vidby")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for range 10 {
		text, err := key.Mark(testNow)
		if err != nil {
			t.Fatal(err)
		}
		nonce, err := check(text, public, "vidby", testNow)
		if err != nil || seen[nonce] {
			t.Fatalf("%q: %v", text, err)
		}
		seen[nonce] = true
	}
	if _, err := ParseKey(private, "annanby"); err == nil {
		t.Error("a key of another kommun was taken")
	}
	if _, err := ParseKey(public, "vidby"); err == nil {
		t.Error("a public half was taken for a key")
	}
	if got, err := Public(public+"\n", "vidby"); err != nil || got != public {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Public(private, "vidby"); err == nil {
		t.Error("a private key was taken for its public half")
	}
}
