package relay

import (
	"bytes"
	"testing"
)

// Room that is lent again holds nobody's words.
func TestLentRoomIsWiped(t *testing.T) {
	buffer := new(bytes.Buffer)
	buffer.WriteString("somebody's words")
	lent := buffer.Bytes()
	giveBack(buffer)
	if !bytes.Equal(lent, make([]byte, len(lent))) {
		t.Fatalf("it still holds %q", lent)
	}
}
