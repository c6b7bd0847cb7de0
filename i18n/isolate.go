package i18n

import "regexp"

// In a right-to-left sentence a number in several groups would be shown with its last group first, and a name in Latin
// letters could take the stop after it along. What stands between these marks of Unicode's is ordered by itself.
// web/src/i18n does the same.
const (
	leftToRight = "\u2066"
	firstStrong = "\u2068"
	popIsolate  = "\u2069"
)

var grouped = regexp.MustCompile(`[0-9]+(?:[ -][0-9]+)+`)

func isolateNumbers(sentence string) string {
	return grouped.ReplaceAllString(sentence, leftToRight+"$0"+popIsolate)
}

// isolated returns the slots as they stand in a right-to-left sentence. A bare number needs nothing.
func (s Slots) isolated() Slots {
	out := make(Slots, len(s))
	for name, value := range s {
		if text, ok := value.(string); ok {
			value = firstStrong + text + popIsolate
		}
		out[name] = value
	}
	return out
}
