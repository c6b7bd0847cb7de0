package redisstore

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

// What a call was given may be somebody else's frame once it has returned, and its arguments may still wait in the
// pipeline.
func TestArgumentsOutliveTheirFrame(t *testing.T) {
	welcome, message := []byte("the Welcome"), []byte("the message")
	opening := relay.Opening{Welcome: welcome, Message: message, Devices: []chat.Device{{1}}}
	appending := relay.Appending{Welcome: welcome, Message: message, Opens: []chat.Device{{1}},
		Precondition: &relay.Precondition{}}
	follows := newFollowing()
	follows.say(&appending, afterwards(&appending))
	opened, appended := openArguments(opening), appendArguments(appending)
	all := func() string { return fmt.Sprint(opened, appended, said(t, follows.words[:])) }
	before := all()
	clear(welcome)
	clear(message)
	for _, device := range [][]chat.Device{opening.Devices, appending.Opens} {
		clear(device)
	}
	if after := all(); after != before {
		t.Fatalf("arguments changed with the frame that they came in:\n%s\n%s", before, after)
	}
}

// said returns the words of a command as Redis is told them.
func said(t *testing.T, words []any) (texts []string) {
	t.Helper()
	for _, word := range words {
		if lent, ok := word.(encoding.BinaryMarshaler); ok {
			bytes, err := lent.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			word = bytes
		}
		texts = append(texts, fmt.Sprintf("%s", word))
	}
	return texts
}

// Whoever returns up leaves a call that may still be sent: its room is nobody else's, and what it says stays.
func TestRoomIsNotLentAgainWhileACallWaits(t *testing.T) {
	p := newPipeline(t.Context(), nil)
	p.free = 0
	s := &Store{pipeline: p, gate: func() error { return nil }}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	appending := relay.Appending{Message: []byte("the message"), Precondition: &relay.Precondition{}}
	if _, err := s.follow(ctx, &appending); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	want := newFollowing()
	want.say(&appending, afterwards(&appending))
	for range 10 {
		if got := said(t, p.waiting[0].words); fmt.Sprint(got) != fmt.Sprint(said(t, want.words[:])) {
			t.Fatalf("it says %q", got)
		}
		other := followings.Get().(*following)
		other.say(&relay.Appending{Message: []byte("another's"), Precondition: &relay.Precondition{}}, relay.Precondition{})
		defer followings.Put(other)
	}
}

// Room that is lent again holds nobody's words.
func TestLentRoomOfACallIsWiped(t *testing.T) {
	f := newFollowing()
	appending := relay.Appending{Message: []byte("somebody's words"), Precondition: &relay.Precondition{}}
	f.say(&appending, afterwards(&appending))
	entry := f.entry
	f.giveBack()
	for _, b := range entry {
		if b != 0 {
			t.Fatalf("it still holds %q", entry)
		}
	}
}
