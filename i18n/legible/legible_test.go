package legible_test

import (
	"slices"
	"testing"

	"github.com/utvag/utvag/i18n/legible"
)

func TestSentencesAndWords(t *testing.T) {
	got := legible.Sentences("Kommer någon? Tryck på {knapp} nu.  Klockan 10.30 stänger vi!")
	want := []string{"Kommer någon", "Tryck på {knapp} nu", "Klockan 10.30 stänger vi"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for sentence, want := range map[string][2]int{
		"Tryck på {en_lång_plats} nu": {4, 0}, "IP-adress i Sverige": {3, 2}, "": {0, 0}, "förbi årligen": {2, 1},
	} {
		if words, long := legible.Count(sentence); words != want[0] || long != want[1] {
			t.Errorf("%q: %d words, %d long", sentence, words, long)
		}
	}
}

func TestLIX(t *testing.T) {
	// Nine words in three sentences, three of them long: 9/3 + 100·3/9.
	if got := legible.LIX("Vi är socialtjänsten. Polisen är inte med", "i chatten"); got < 36.3 || got > 36.4 {
		t.Errorf("%.2f", got)
	}
	if got := legible.LIX("Vi är här. Skriv när du vill göra det."); got != 4.5 {
		t.Errorf("%.2f", got)
	}
	if got := legible.LIX(); got != 0 {
		t.Errorf("of nothing: %.2f", got)
	}
}
