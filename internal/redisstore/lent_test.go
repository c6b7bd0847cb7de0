package redisstore

import (
	"fmt"
	"testing"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// What a call was given may be somebody else's frame once it has returned, and its arguments may still wait in the pipeline.
func TestArgumentsOutliveTheirFrame(t *testing.T) {
	welcome, message := []byte("the Welcome"), []byte("the message")
	opening := relay.Opening{Welcome: welcome, Message: message, Devices: []chat.Device{{1}}}
	appending := relay.Appending{Welcome: welcome, Message: message, Opens: []chat.Device{{1}}, Footing: &relay.Footing{}}
	all := [][]any{openArguments(opening), appendArguments(appending), followArguments(appending, afterwards(appending))}
	before := fmt.Sprint(all)
	clear(welcome)
	clear(message)
	for _, device := range [][]chat.Device{opening.Devices, appending.Opens} {
		clear(device)
	}
	if after := fmt.Sprint(all); after != before {
		t.Fatalf("arguments changed with the frame that they came in:\n%s\n%s", before, after)
	}
}
