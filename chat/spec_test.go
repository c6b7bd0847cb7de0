package chat

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Every frame and every refusal has its row in the tables of the protocol, under its own number.
func TestTheProtocolNamesEveryFrameAndRefusal(t *testing.T) {
	text, err := os.ReadFile("../spec/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, kind := range Kinds() {
		rows = append(rows, fmt.Sprintf("\n| 0x%02x | %s |", uint8(kind.Value), kind.Name))
	}
	for _, code := range Codes() {
		rows = append(rows, fmt.Sprintf("\n| %d | %s |", code.Value, code.Name))
	}
	for _, row := range rows {
		if !strings.Contains(string(text), row) {
			t.Errorf("spec/protocol.md §3 has no row %s", strings.TrimSpace(row))
		}
	}
	if got := strings.Count(string(text), "\n| 0x"); got != len(Kinds()) {
		t.Errorf("spec/protocol.md has %d rows of frames, the code has %d kinds", got, len(Kinds()))
	}
}
