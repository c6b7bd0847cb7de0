// Package legible measures how hard a text is to read.
package legible

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	ends  = regexp.MustCompile(`[.?!:؟።፧܀]+(\s+|$)`)
	wordy = regexp.MustCompile(`[\p{L}\p{N}\p{M}]+(?:[-'’][\p{L}\p{N}\p{M}]+)*`)
	slot  = regexp.MustCompile(`\{[^}]*\}`)
)

// Sentences splits a text where one ends.
func Sentences(text string) []string {
	var parts []string
	for _, part := range ends.Split(text, -1) {
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Count returns how many words a sentence has, and how many of them have more than six letters. A placeholder is one
// short word.
func Count(sentence string) (words, long int) {
	sentence = slot.ReplaceAllString(sentence, "x")
	for _, word := range wordy.FindAllString(sentence, -1) {
		words++
		if utf8.RuneCountInString(word) > 6 {
			long++
		}
	}
	return words, long
}

// LIX is the Swedish measure over texts that are read together: the words of a sentence, and the long ones among a
// hundred. Under 25 is easy. It says little about a few words.
func LIX(texts ...string) float64 {
	var words, long, sentences int
	for _, text := range texts {
		for _, sentence := range Sentences(text) {
			w, l := Count(sentence)
			words, long, sentences = words+w, long+l, sentences+1
		}
	}
	return float64(words)/math.Max(1, float64(sentences)) + 100*float64(long)/math.Max(1, float64(words))
}
