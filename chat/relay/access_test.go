package relay_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
)

// accesses is what OnAccess was told.
type accesses struct {
	mu  sync.Mutex
	all []relay.Access
}

func (a *accesses) take(e relay.Access) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, e)
}

// What staff do is told, in its order; what the visitor does, and what is refused, is not.
func TestAccessIsTold(t *testing.T) {
	onEach(t, func(s *stage) {
		told := new(accesses)
		n := s.node(func(c *config, _ *redisstore.Options) { c.OnAccess = told.take })
		sara, ali := s.certify(1, true), s.certify(2, true)
		v := s.visitor(n)
		v.open(sara, ali)
		sara.on(n)
		next[*chat.Waiting](s, sara.Client)
		_, err := sara.Ask(&chat.Fetch{Mailbox: chat.Mailbox{9}})
		if err == nil {
			s.Fatal("a mailbox that is not there was opened")
		}
		_, err = sara.Ask(&chat.Fetch{Mailbox: v.mailbox})
		s.must(err)
		sara.attach(v.mailbox, chat.Cursor{})
		_, err = sara.Ask(claim(v.mailbox, 1, 1, ali))
		s.must(err)
		s.say(sara.Client, v.mailbox, 2, 2, "Hej, jag heter Sara.")
		s.say(v.Client, v.mailbox, 2, 2, "Hej.")
		_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 3, Opens: []chat.Device{ali.id},
			Closes:  []chat.Device{sara.id},
			Welcome: chattest.Welcome(300), Message: chattest.Commit(v.mailbox, 2)})
		s.must(err)
		ali.on(n)
		_, err = ali.Ask(&chat.Fetch{Mailbox: v.mailbox})
		s.must(err)
		a := ali.attach(v.mailbox, chat.Cursor{})
		_, err = ali.Ask(&chat.End{Mailbox: v.mailbox, Counter: a.Counter + 1, Read: a.Head,
			Message: chattest.Text(v.mailbox, 3, "farväl")})
		s.must(err)

		want := []relay.Access{
			{Kommun: kommun, Device: sara.id, What: relay.DidSignIn},
			{Kommun: kommun, Device: sara.id, What: relay.DidOpen, Mailbox: v.mailbox},
			{Kommun: kommun, Device: sara.id, What: relay.DidRead, Mailbox: v.mailbox},
			{Kommun: kommun, Device: sara.id, What: relay.DidClaim, Mailbox: v.mailbox},
			{Kommun: kommun, Device: sara.id, What: relay.DidLeave, Mailbox: v.mailbox},
			{Kommun: kommun, Device: ali.id, What: relay.DidSignIn},
			{Kommun: kommun, Device: ali.id, What: relay.DidJoin, Mailbox: v.mailbox},
			{Kommun: kommun, Device: ali.id, What: relay.DidRead, Mailbox: v.mailbox},
			{Kommun: kommun, Device: ali.id, What: relay.DidEnd, Mailbox: v.mailbox},
		}
		told.mu.Lock()
		defer told.mu.Unlock()
		if !slices.Equal(told.all, want) {
			s.Errorf("told %v,\nwant %v", told.all, want)
		}
	})
}
