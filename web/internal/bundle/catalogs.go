package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"

	"github.com/utvag/utvag/web/internal/manifest"
)

// catalogsOf says which catalogs each page carries, before the language. Of the last only what exists: the console
// itself speaks fewer languages than it knows replies in.
var catalogsOf = map[manifest.Page][]string{
	manifest.Visitor: {"", "phrases."},
	manifest.Console: {"", "phrases.", "desk."},
}

// catalogs makes the files of each language. The visitor's come in two: what the first screen says, and the rest. Each
// of the two is as long as that of every other language, in every encoding, so that what crosses the network does not
// tell which was chosen; web pads the gzip that it makes.
func (b *pageBuild) catalogs(root string, page manifest.Page) error {
	folder := filepath.Join(root, "i18n")
	var languages []struct {
		Tag string `json:"tag"`
	}
	var first []string
	for name, into := range map[string]any{"languages.json": &languages, "first.json": &first} {
		if err := readJSON(filepath.Join(folder, name), into); err != nil {
			return err
		}
	}
	firsts, rests := map[string][]byte{}, map[string][]byte{}
	for _, language := range languages {
		whole, err := merged(filepath.Join(folder, "catalog"), page, language.Tag)
		if err != nil {
			return err
		}
		if page == manifest.Console {
			body, err := encoded(whole)
			if err != nil {
				return err
			}
			name := hashed("text", ".json", body)
			b.names.Catalogs[language.Tag] = manifest.Catalog{First: name}
			b.add(name, body)
			continue
		}
		words, err := codeWords(filepath.Join(root, "web", "src", "returncode", "lists", language.Tag+".txt"))
		if err != nil {
			return err
		}
		if words != "" {
			whole["words"] = words
		}
		part := map[string]any{}
		for key, sentence := range whole {
			if belongs(key, first) {
				part[key] = sentence
				delete(whole, key)
			}
		}
		if firsts[language.Tag], err = encoded(part); err != nil {
			return err
		}
		if rests[language.Tag], err = encoded(whole); err != nil {
			return err
		}
	}
	if page == manifest.Console {
		return nil
	}
	for tag, name := range b.addAlike(firsts) {
		b.names.Catalogs[tag] = manifest.Catalog{First: name}
	}
	for tag, name := range b.addAlike(rests) {
		b.names.Catalogs[tag] = manifest.Catalog{First: b.names.Catalogs[tag].First, Rest: name}
	}
	return nil
}

// codeWords reads the list that a return code in a language is drawn from, for web/src/returncode/words.ts: each word
// as the number of letters that it shares with the one before, and the rest. A language without a list gives nothing.
func codeWords(file string) (string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var out strings.Builder
	var before []rune
	for word := range strings.FieldsSeq(string(text)) {
		letters := []rune(word)
		same := 0
		for same < min(len(letters), len(before), 9) && letters[same] == before[same] {
			same++
		}
		fmt.Fprintf(&out, "%d%s", same, string(letters[same:]))
		before = letters
	}
	return out.String(), nil
}

// belongs says whether a key is named; a name that ends in a dot stands for all that begin so.
func belongs(key string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return key == name || strings.HasSuffix(name, ".") && strings.HasPrefix(key, name)
	})
}

// repliesNeed names the sentences that stand inside replies.
var repliesNeed = []string{"opens."}

// merged reads a page's catalogs in one language. The console carries only replies, and what stands in them, in a
// language that it does not speak.
func merged(folder string, page manifest.Page, tag string) (map[string]any, error) {
	prefixes, all := catalogsOf[page], true
	if last := prefixes[len(prefixes)-1]; page == manifest.Console {
		if _, err := os.Stat(filepath.Join(folder, last+tag+".json")); errors.Is(err, fs.ErrNotExist) {
			prefixes, all = prefixes[:len(prefixes)-1], false
		}
	}
	whole := map[string]any{}
	for _, prefix := range prefixes {
		name := prefix + tag + ".json"
		var sentences map[string]any
		if err := readJSON(filepath.Join(folder, name), &sentences); err != nil {
			return nil, err
		}
		for key, sentence := range sentences {
			if !all && prefix == "" && !belongs(key, repliesNeed) {
				continue
			}
			if _, twice := whole[key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another catalog too", name, key)
			}
			whole[key] = sentence
		}
	}
	return whole, nil
}

func readJSON(file string, into any) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return nil
}

func encoded(sentences map[string]any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out) // writes keys in order
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(sentences)
	return bytes.TrimSpace(out.Bytes()), err
}

// addAlike takes in the files of all languages, padded to the length of the longest: the plain ones with blanks, which
// JSON allows at its end, the compressed ones with what Brotli lets a stream carry along unread. It returns their names
// by language.
func (b *pageBuild) addAlike(bodies map[string][]byte) map[string]string {
	longest := 0
	for _, body := range bodies {
		longest = max(longest, len(body))
	}
	small := map[string][]byte{}
	least := 0
	for tag, body := range bodies {
		bodies[tag] = append(body, bytes.Repeat([]byte{' '}, longest-len(body))...)
		small[tag] = unfinished(bodies[tag])
		least = max(least, len(small[tag]))
	}
	names := map[string]string{}
	for tag, body := range bodies {
		// The hash stands where the language could: the address does not tell which was chosen to those who do not have the
		// release.
		name := hashed("text", ".json", body)
		names[tag] = name
		stream := append(padding(small[tag], least), lastBlock)
		b.files[name], b.files[name+".br"] = body, stream
		b.names.Entries[name] = manifest.Entry{SHA256: sum(body), Size: len(body), Brotli: len(stream)}
	}
	return names
}

// lastBlock is the empty block that ends a Brotli stream.
const lastBlock = 0x03

// unfinished compresses without ending the stream, up to the next whole byte.
func unfinished(body []byte) []byte {
	var out bytes.Buffer
	writer := brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 22})
	// Neither call can fail: the buffer grows.
	_, _ = writer.Write(body)
	_ = writer.Flush()
	return out.Bytes()
}

// padding extends an unfinished stream to a length with metadata blocks (RFC 7932 §9.2), which decoders skip. Each
// begins with the bits 0 (not the last), 11 (no length), 0 (reserved); then come the number of length bytes, 0 or 1, in
// two bits, and the length less one.
func padding(stream []byte, length int) []byte {
	stream = slices.Clip(stream)
	for len(stream) < length {
		missing := length - len(stream)
		if missing < 3 {
			stream = append(stream, 0b00_0110)
			continue
		}
		skipped := min(missing-2, 256)
		header := 0b01_0110 | (skipped-1)<<6
		stream = append(stream, byte(header), byte(header>>8))
		stream = append(stream, make([]byte, skipped)...)
	}
	return stream
}
