package relay_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
)

const (
	partner        = "norrby"
	partnerOrigin  = "https://svar.norrby.test"
	strangerKommun = "annan"
	strangerOrigin = "https://svar.annan.test"
)

// withPartner makes partner one of the kommun's, with a policy that no other kommun has, and serves the consoles of
// all.
func (s *stage) withPartner() (n *node, consoles map[string]string) {
	s.Helper()
	n = s.node(func(c *config, _ *redisstore.Options) {
		own := c.Kommuner[kommun]
		own.Partners = []string{partner}
		c.Kommuner[kommun] = own
		c.Kommuner[partner] = relay.Kommun{Live: time.Minute, Message: time.Minute, Partners: []string{kommun}}
		c.Policy = func(k string) relay.Policy {
			return relay.ConsolesEvery(map[string]time.Duration{kommun: time.Hour, partner: time.Minute,
				strangerKommun: time.Minute}[k])
		}
	})
	consoles = map[string]string{}
	for k, origin := range map[string]string{partner: partnerOrigin, strangerKommun: strangerOrigin} {
		server := httptest.NewServer(n.relay.Handler(k, relay.Origins{Console: []string{origin}}))
		s.Cleanup(server.Close)
		consoles[k] = server.URL
	}
	return n, consoles
}

// at logs the device in at the console of its own kommun.
func (d *staff) at(url, origin string) *staff {
	d.stage.Helper()
	c, err := chattest.Dial(url, origin)
	d.stage.must(err)
	d.stage.Cleanup(c.Close)
	d.Client = c
	d.stage.must(c.Login(d.id, d.key))
	return d
}

func (s *stage) certifyAt(k string, n byte) *staff {
	d := s.certify(n, true)
	s.roster.mu.Lock()
	defer s.roster.mu.Unlock()
	s.roster.elsewhere[d.id] = k
	return d
}

func handingOver(v *visitor, from, d *staff) *chat.Send {
	return &chat.Send{
		Mailbox: v.mailbox, Counter: 2, Opens: []chat.Device{d.id}, Closes: []chat.Device{from.id},
		Welcome: chattest.Welcome(50), Message: chattest.Commit(v.mailbox, 1),
	}
}

func TestAPartnersDeviceIsLetInAndAnswersFromItsOwnConsole(t *testing.T) {
	onEach(t, func(s *stage) {
		n, consoles := s.withPartner()
		sara := s.certify(1, true).on(n)
		nils, other := s.certifyAt(partner, 2), s.certifyAt(strangerKommun, 3)
		nils.at(consoles[partner], partnerOrigin)
		v := s.visitor(n)

		// Nobody but the kommun's own is there from the beginning.
		opening := v.opening(sara, nils)
		_, err := v.Ask(opening)
		s.refused(err, chat.UnknownDevice, 0)
		v.open(sara)

		_, err = v.Ask(handingOver(v, sara, other))
		s.refused(err, chat.UnknownDevice, 0)
		_, err = nils.Ask(&chat.Attach{Mailbox: v.mailbox})
		s.refused(err, chat.BadCapability, 0)
		_, err = v.Ask(handingOver(v, sara, nils))
		s.must(err)

		if w := next[*chat.Waiting](s, nils.Client); w.Mailbox != v.mailbox {
			t.Fatal("another mailbox waits")
		}
		welcome, err := nils.Ask(&chat.Fetch{Mailbox: v.mailbox})
		s.must(err)
		from := welcome.(*chat.Welcome).From
		nils.attach(v.mailbox, from)
		s.say(nils.Client, v.mailbox, 1, 2, "Hej, jag är Nils.")

		// It stands in the inbox for the next login, too.
		nils.Close()
		nils.at(consoles[partner], partnerOrigin)
		if w := next[*chat.Waiting](s, nils.Client); w.Mailbox != v.mailbox {
			t.Fatal("another mailbox waits")
		}
	})
}

// The alarm goes by the policy of the kommun where it began.
func TestTheMailboxsOwnKommunDecides(t *testing.T) {
	onEach(t, func(s *stage) {
		n, consoles := s.withPartner()
		sara, nils := s.certify(1, true).on(n), s.certifyAt(partner, 2)
		nils.at(consoles[partner], partnerOrigin)
		v := s.visitor(n)
		v.open(sara)
		_, err := v.Ask(handingOver(v, sara, nils))
		s.must(err)
		nils.attach(v.mailbox, chat.Cursor{})
		_, err = nils.Ask(&chat.Acknowledge{Mailbox: v.mailbox})
		s.must(err)
		for after, want := range map[time.Duration]int{30 * time.Minute: 0, 2 * time.Hour: 1} {
			due, _, err := n.store.DueSteps(s.Context(), s.clock().Add(after), 24*time.Hour)
			s.must(err)
			if len(due) != want {
				t.Errorf("after %s: %d alarms, want %d: another kommun's policy", after, len(due), want)
			}
		}
	})
}

func TestARevokedPartnerIsCut(t *testing.T) {
	onEach(t, func(s *stage) {
		n, consoles := s.withPartner()
		sara, nils := s.certify(1, true).on(n), s.certifyAt(partner, 2)
		nils.at(consoles[partner], partnerOrigin)
		v := s.visitor(n)
		v.open(sara)
		_, err := v.Ask(handingOver(v, sara, nils))
		s.must(err)
		nils.attach(v.mailbox, chat.Cursor{})
		s.decertify(nils)
		n.relay.Revoke(nils.id)
		s.closed(nils.Client, chat.CloseRevoked)
		_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 3, Opens: []chat.Device{nils.id},
			Welcome: chattest.Welcome(50), Message: chattest.Commit(v.mailbox, 2)})
		s.refused(err, chat.UnknownDevice, 0)
	})
}

// What waits for a device in a kommun in which its login may not act is neither told there nor forgotten.
func TestTheInboxOfAStrangerIsNotRead(t *testing.T) {
	onEach(t, func(s *stage) {
		n, consoles := s.withPartner()
		sara := s.certify(1, true).on(n)
		v := s.visitor(n)
		v.open(sara)
		next[*chat.Waiting](s, sara.Client)
		s.roster.mu.Lock()
		s.roster.elsewhere[sara.id] = strangerKommun // the same device, now enrolled in a kommun that is no partner
		s.roster.mu.Unlock()
		sara.at(consoles[strangerKommun], strangerOrigin)
		_, err := sara.Ask(&chat.Fetch{Mailbox: v.mailbox})
		s.refused(err, chat.BadCapability, 0)
		_, err = sara.Ask(&chat.Attach{Mailbox: v.mailbox})
		s.refused(err, chat.BadCapability, 0)
		left, err := n.store.Inbox(s.Context(), kommun, sara.id)
		s.must(err)
		if len(left) != 1 {
			t.Errorf("%d pointers are left", len(left))
		}
	})
}
