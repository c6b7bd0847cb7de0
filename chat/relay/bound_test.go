package relay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

func TestAMessageIsBoundToItsFrame(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali, omar := s.certify(1, true), s.certify(2, true), s.certify(3, true)
	v := s.visitor(n)
	opening := v.opening(sara, ali)
	for name, b := range map[string]chat.Bound{
		"another counter": {Counter: 2, Opens: opening.Devices}, "no device": {Counter: 1},
		"other devices": {Counter: 1, Opens: []chat.Device{sara.id, omar.id}},
		"another order": {Counter: 1, Opens: []chat.Device{ali.id, sara.id}},
		"closing, too":  {Counter: 1, Opens: opening.Devices, Closes: []chat.Device{omar.id}},
	} {
		spoilt := *opening
		spoilt.Message = chattest.Bind(opening.Message, b)
		if _, err := v.Ask(&spoilt); err == nil {
			t.Fatalf("opened, though bound to %s", name)
		} else {
			s.refused(err, chat.Policy, 0)
		}
	}
	v.open(sara, ali)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	for name, b := range map[string]chat.Bound{
		"an older counter": {Counter: 9, Closes: []chat.Device{ali.id}}, "nothing closed": {Counter: 1},
		"something opened": {Counter: 1, Opens: []chat.Device{omar.id}, Closes: []chat.Device{ali.id}},
		"another closed":   {Counter: 1, Closes: []chat.Device{omar.id}},
	} {
		spoilt := claim(v.mailbox, 1, 1, ali)
		spoilt.Message = chattest.Bind(spoilt.Message, b)
		if _, err := sara.Ask(spoilt); err == nil {
			t.Fatalf("claimed, though bound to %s", name)
		} else {
			s.refused(err, chat.Policy, 0)
		}
	}
	_, err := v.Ask(&chat.End{Mailbox: v.mailbox, Counter: 2,
		Message: chattest.Bind(chattest.Text(v.mailbox, 1, ""), chat.Bound{Counter: 3})})
	s.refused(err, chat.Policy, 0)
	// Authenticated data that are no Bound at all.
	text := chattest.Text(v.mailbox, 1, "x")
	bare := append(append([]byte{}, text[:46]...), append([]byte{0}, text[46+1+10:]...)...)
	_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 2, Message: bare})
	s.refused(err, chat.BadMessage, 0)
	sara.send(claim(v.mailbox, 1, 1, ali))
}

func TestEachPageAsksOnlyItsOwn(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara := s.certify(1, true)
	c := s.dial(n, visitorOrigin)
	s.refused(c.Login(sara.id, sara.key), chat.Malformed, 0)
	s.closed(c, chat.CloseProtocol)

	v := s.visitor(n)
	v.Client = s.dial(n, staffOrigin)
	_, err := v.Ask(v.opening(sara))
	s.refused(err, chat.Malformed, 0)
	s.closed(v.Client, chat.CloseProtocol)

	dialer := websocket.Dialer{Subprotocols: []string{relay.Subprotocol}}
	for name, header := range map[string]http.Header{
		"no origin": nil, "an empty one": {"Origin": {""}}, "two": {"Origin": {visitorOrigin,
			staffOrigin}}, "null": {"Origin": {"null"}},
	} {
		_, answer, err := dialer.Dial("ws"+strings.TrimPrefix(n.url, "http"), header)
		if err == nil || answer == nil || answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADeviceEndsNothingThatItHasNotRead(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali := s.certify(1, true), s.certify(2, true)
	v := s.visitor(n)
	one := v.open(sara, ali)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	_, err := sara.Ask(&chat.End{Mailbox: v.mailbox, Read: one})
	s.refused(err, chat.Policy, 0) // nobody has claimed
	sara.send(claim(v.mailbox, 1, 1, ali))
	s.say(v.Client, v.mailbox, 2, 2, "wait")
	_, err = sara.Ask(&chat.End{Mailbox: v.mailbox, Read: one})
	s.refused(err, chat.Behind, 3)
	_, err = sara.Ask(&chat.End{Mailbox: v.mailbox, Counter: 2, Read: one, Message: chattest.Text(v.mailbox, 2, "bye")})
	s.refused(err, chat.Behind, 3)
	_, err = sara.Ask(&chat.End{Mailbox: v.mailbox, Counter: 2, Read: s.head(n, v.mailbox),
		Message: chattest.Text(v.mailbox, 2, "bye")})
	s.must(err)
}

func TestWhoMayClaim(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali, omar, tolk := s.certify(1, true), s.certify(2, true), s.certify(3, true), s.certify(4, false)
	v := s.visitor(n)
	v.open(sara, ali, omar)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	_, err := sara.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 1, Message: chattest.Text(v.mailbox, 1, "too early")})
	s.refused(err, chat.Policy, 0)
	_, err = sara.Ask(claim(v.mailbox, 1, 1))
	s.refused(err, chat.Policy, 0)
	sara.send(claim(v.mailbox, 1, 1, ali, omar))

	// An interpreter comes in by the visitor's commit, and the claimer goes: it may not claim.
	from, err := v.Ask(&chat.Send{
		Mailbox: v.mailbox, Counter: 2, Opens: []chat.Device{tolk.id}, Welcome: chattest.Welcome(50),
		Message: chattest.Commit(v.mailbox, 2),
	})
	s.must(err)
	tolk.on(n)
	welcome, err := tolk.Ask(&chat.Fetch{Mailbox: v.mailbox})
	s.must(err)
	if w := welcome.(*chat.Welcome); w.From != from.(*chat.Accepted).Cursor ||
		len(w.Welcome) != len(chattest.Welcome(50)) {
		t.Fatalf("its Welcome is from %d", w.From.Seq)
	}
	sara.on(n)
	welcome, err = sara.Ask(&chat.Fetch{Mailbox: v.mailbox})
	s.must(err)
	if w := welcome.(*chat.Welcome); w.From != (chat.Cursor{}) {
		t.Fatalf("the Welcome of an opening is from %d", w.From.Seq)
	}
	if a := tolk.attach(v.mailbox, chat.Cursor{}); a.Slot != 4 || a.Counter != 0 || a.Head.Seq != 3 {
		t.Fatalf("attached: %+v", a)
	}
	_, err = tolk.Ask(&chat.Ping{})
	s.must(err)
	for _, said := range tolk.Said() { // a zero cursor means from where its slot begins
		if said.Kind() != chat.KindWaiting {
			t.Fatalf("it is told %v", said.Kind())
		}
	}
	_, err = tolk.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 1,
		Message: chattest.Text(v.mailbox, 3, "beside the claimer")})
	s.refused(err, chat.Policy, 0)
	_, err = v.Ask(&chat.Send{Mailbox: v.mailbox, Counter: 3, Closes: []chat.Device{sara.id},
		Message: chattest.Commit(v.mailbox, 3)})
	s.must(err)
	_, err = tolk.Ask(claim(v.mailbox, 1, 4))
	s.refused(err, chat.Policy, 0)

	// The Welcome of the opening has gone with the last slot that it opened; the interpreter's is kept.
	if kept := redistest.Command(t, s.url, "HKEYS",
		fmt.Sprintf("u:{%02d}:w:%s", v.mailbox[0]%64, v.mailbox[:])); kept != "3" {
		t.Fatalf("Welcomes of the entries %q are kept", kept)
	}
}

func TestAClosedSlotIsToldSoBeyondWhatIsKept(t *testing.T) {
	s := onMini(t)
	n := s.node()
	sara, ali := s.certify(1, true), s.certify(2, true)
	v := s.visitor(n)
	v.open(sara, ali)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	sara.send(claim(v.mailbox, 1, 1, ali))
	s.say(v.Client, v.mailbox, 2, 2, "more")
	for slot := range uint16(2) {
		s.must(n.store.Advance(t.Context(), s.seat(v.mailbox, slot), s.head(n, v.mailbox)))
	}
	_, err := ali.on(n).Ask(&chat.Attach{Mailbox: v.mailbox})
	s.refused(err, chat.SlotClosed, 2)
	_, err = v.again(n).Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability})
	s.refused(err, chat.Trimmed, 4)
	above := s.head(n, v.mailbox)
	above.Seq++
	_, err = v.again(n).Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability, Cursor: above})
	s.refused(err, chat.CursorMismatch, 0)
}

func TestAConnectionBelongsToOneIncarnation(t *testing.T) {
	url, server := redistest.Mini(t)
	s := newStage(t, url)
	n := s.node(func(c *config, _ *redisstore.Options) { c.Sweep = time.Hour }) // nothing tells of the loss
	sara := s.certify(1, true)
	v := s.visitor(n)
	opening := v.opening(sara)
	_, err := v.Ask(opening)
	s.must(err)
	v.attach(chat.Cursor{})
	s.entry(v.Client, 1)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	next[*chat.Waiting](s, sara.Client)
	s.entry(sara.Client, 1)
	before := s.head(n, v.mailbox)
	// Who still caught up would read the empty store, and hear that there is no mailbox.
	for asked := -1; asked != server.CommandCount(); time.Sleep(100 * time.Millisecond) {
		asked = server.CommandCount()
	}
	server.FlushAll()
	_, err = v.again(n).Ask(opening) // somebody who kept the frame
	s.must(err)
	for lost := false; !lost; { // it is told of the new one, too
		said, err := sara.Next()
		s.must(err)
		g, ok := said.(*chat.Gone)
		lost = ok && g.Reason == chat.GoneLost
	}
	for _, request := range []chat.Request{
		&chat.Send{Mailbox: v.mailbox, Counter: 1, Message: chattest.Text(v.mailbox, 1, "x")},
		&chat.Advance{Mailbox: v.mailbox, Cursor: before}, &chat.Resolve{Mailbox: v.mailbox, Cursor: before},
		&chat.End{Mailbox: v.mailbox, Read: before},
	} {
		_, err := sara.Ask(request)
		s.refused(err, chat.CursorMismatch, 0)
	}
}

// lossy is a store whose attachments are done, and whose answers to some are lost.
type lossy struct {
	relay.Store
	lose *atomic.Bool
}

func (l lossy) Attach(ctx context.Context, a relay.Attaching) (relay.Attached, error) {
	found, err := l.Store.Attach(ctx, a)
	if l.lose.Load() {
		return relay.Attached{}, errors.New("the answer was lost")
	}
	return found, err
}

func TestAConnectionIsNotFencedOffByItself(t *testing.T) {
	s := onMini(t)
	n := s.node()
	var lose atomic.Bool
	flaky := chattest.NewRelay(relay.Config{
		Store: lossy{n.store, &lose}, Authority: s.roster, Kommuner: map[string]relay.Kommun{kommun: {Live: time.Hour}},
	}, chattest.Tuning{Sweep: time.Hour, WorkBits: -1})
	server := httptest.NewServer(flaky.Handler(kommun, origins))
	t.Cleanup(func() {
		(&node{relay: flaky}).kill()
		server.Close()
	})
	sara := s.certify(1, true)
	for range 20 {
		v := s.visitor(&node{url: server.URL})
		_, err := v.Ask(v.opening(sara))
		s.must(err)
		lose.Store(true)
		_, err = v.Ask(&chat.Attach{Mailbox: v.mailbox, Capability: v.capability})
		s.refused(err, chat.Unavailable, 0)
		lose.Store(false)
		s.say(v.Client, v.mailbox, 2, 1, "it still holds its slot")
		for range 3 {
			at := v.attach(chat.Cursor{})
			if at.Head.Seq != 2 {
				t.Fatalf("head %d", at.Head.Seq)
			}
			s.entry(v.Client, 1)
			s.entry(v.Client, 2)
		}
		s.silent(v.Client)
		s.gone(v.replaced(t, server.URL), chat.GoneReplaced)
	}
}

// replaced is replaced by another connection and gives the one that was.
func (v *visitor) replaced(t *testing.T, url string) *chattest.Client {
	t.Helper()
	other := v.again(&node{url: url})
	other.attach(chat.Cursor{})
	_, err := v.Ask(&chat.Ping{})
	v.stage.must(err)
	return v.Client
}
