package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/intake/roster"
	"github.com/utvag/utvag/internal/config"
	"github.com/utvag/utvag/internal/quietlog"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// phone is an ntfy server for one node: whom it was asked to call, and when. What it is asked for a topic in hangs does
// not come back.
type phone struct {
	*httptest.Server
	t     *testing.T
	began time.Time
	hangs string
	fails string
	stop  chan struct{}

	mu    sync.Mutex
	calls []ringing
}

type ringing struct {
	who string
	at  time.Duration
}

func newPhone(t *testing.T, began time.Time) *phone {
	p := &phone{t: t, began: began, stop: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(p.ring))
	t.Cleanup(p.Close)
	t.Cleanup(func() { close(p.stop) })
	return p
}

func (p *phone) ring(w http.ResponseWriter, r *http.Request) {
	who := strings.TrimPrefix(r.URL.Path, "/")
	p.mu.Lock()
	p.calls = append(p.calls, ringing{who, time.Since(p.began)})
	p.mu.Unlock()
	switch who {
	case p.hangs:
		select {
		case <-p.stop:
		case <-r.Context().Done():
		}
	case p.fails:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		json.NewEncoder(w).Encode(map[string]string{"id": "x", "event": "message"})
	}
}

func (p *phone) rang(who string) (times []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.who == who {
			times = append(times, c.at)
		}
	}
	return times
}

// climbingServers are nodes of one kommun on one Redis, each with a phone of its own, so that it shows which of them
// called.
func climbingServers(t *testing.T, redis string, phones ...*phone) []*running {
	t.Helper()
	return climbingServersOf(t, prepare(t, redis), phones...)
}

func climbingServersOf(t *testing.T, first *running, phones ...*phone) []*running {
	t.Helper()
	plain := first.Text
	nodes := make([]*running, len(phones))
	for i, p := range phones {
		s := *first
		s.log = new(testkit.Log)
		name := "utvag.yaml"
		if i > 0 {
			name = fmt.Sprintf("utvag-%d.yaml", i)
			visitor, console := freePort(t), freePort(t)
			s.Text = strings.NewReplacer(first.visitor, "http://127.0.0.1:"+visitor,
				strings.TrimPrefix(first.visitor, "http://"), "127.0.0.1:"+visitor,
				first.console, "http://127.0.0.1:"+console, strings.TrimPrefix(first.console,
					"http://"), "127.0.0.1:"+console).Replace(plain)
			s.visitor, s.console = "http://127.0.0.1:"+visitor, "http://127.0.0.1:"+console
		}
		s.Text = strings.Replace(
			s.Text,
			"kommuner:\n",
			"channels:\n  ntfy: {url: \""+p.URL+"\"}\nkommuner:\n",
			1,
		) + testkit.Escalation
		s.Write(t, name, []byte(s.Text))
		s.Write(t, "vidby.ics", testkit.AllDay(time.Now()))
		s.cmd = s.command(t)
		s.cmd.Args[len(s.cmd.Args)-1] = filepath.Join(s.Dir, name)
		s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
		if err := s.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		node := &s
		t.Cleanup(func() {
			if node.cmd.ProcessState == nil {
				node.cmd.Process.Kill()
				node.cmd.Wait()
			}
		})
		testkit.Eventually(t, "serve to start: "+s.log.String(), func() bool {
			return strings.Contains(s.log.String(), "msg=serving") || s.cmd.ProcessState != nil
		})
		nodes[i] = node
	}
	return nodes
}

// writes opens a conversation in which nobody answers.
func (s *running) writes(t *testing.T) (chat.Mailbox, *chattest.Client) {
	t.Helper()
	visitor, err := chattest.Dial(s.visitor+"/relay", s.visitor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(visitor.Close)
	mailbox := chattest.NewMailbox()
	if _, err := visitor.Ask(&chat.Open{
		Mailbox: mailbox, Slot: chat.SlotHash(sha256.Sum256(chattest.NewCapability())), Devices: []chat.Device{s.device},
		Work:    s.work(t, mailbox),
		Welcome: chattest.Welcome(900), Message: chattest.Text(mailbox, 1, written),
	}); err != nil {
		t.Fatal(err)
	}
	return mailbox, visitor
}

// Two nodes; the one that makes the second call is killed while it makes it. The third step comes in its time, from the
// other; the second is made again once the dead node's lease has ended; and the failing at the end is told.
func TestEscalationGoesOnThoughANodeDies(t *testing.T) {
	t.Parallel()
	began := time.Now()
	phones := []*phone{newPhone(t, began), newPhone(t, began)}
	for _, p := range phones {
		p.hangs = "topic-of-ali"
	}
	nodes := climbingServers(t, redistest.Start(t), phones...)
	wrote := time.Since(began)
	nodes[0].writes(t)

	caller := -1
	waitFor(t, 30*time.Second, "the second step", func() bool {
		for i, p := range phones {
			if len(p.rang("topic-of-ali")) > 0 {
				caller = i
			}
		}
		return caller >= 0
	})
	if n := len(phones[0].rang("topic-of-sara")) + len(phones[1].rang("topic-of-sara")); n != 1 {
		t.Errorf("the first on call was called %d times before the second", n)
	}
	nodes[caller].cmd.Process.Signal(syscall.SIGKILL)
	nodes[caller].cmd.Wait()
	other := phones[1-caller]
	other.mu.Lock()
	other.hangs = ""
	other.mu.Unlock()

	waitFor(t, 30*time.Second, "the third step", func() bool { return len(other.rang("topic-of-karin")) == 1 })
	if at := other.rang("topic-of-karin")[0] - wrote; at < 5*time.Second || at > 20*time.Second {
		t.Errorf("the lead was called after %v", at)
	}
	if len(other.rang("topic-of-ali")) != 0 {
		t.Error("the lease of the dead node did not hold")
	}
	waitFor(t, 30*time.Second, "the operator", func() bool { return len(other.rang("topic-of-drift")) == 1 })
	if !strings.Contains(nodes[1-caller].log.String(), "NOBODY COULD BE REACHED") {
		t.Error("the log does not say that nobody could be reached")
	}
	waitFor(t, 90*time.Second, "the second step again", func() bool { return len(other.rang("topic-of-ali")) == 1 })
	for _, who := range []string{"topic-of-sara", "topic-of-karin", "topic-of-drift"} {
		if n := len(phones[0].rang(who)) + len(phones[1].rang(who)); n != 1 {
			t.Errorf("%s was called %d times", who, n)
		}
	}
}

// A channel that hangs and one that fails keep nobody from being called; an acknowledgement holds the escalation and
// does not end it; two who wait at once are one call.
func TestEscalationWaitsForAPersonAndForNobodyElse(t *testing.T) {
	t.Parallel()
	p := newPhone(t, time.Now())
	p.hangs, p.fails = "topic-of-sara", "topic-of-ali"
	s := climbingServers(t, redistest.Start(t), p)[0]
	staff := s.login(t)
	mailbox, _ := s.writes(t)
	s.writes(t)
	if _, err := staff.Ask(&chat.Attach{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, 30*time.Second, "the lead", func() bool { return len(p.rang("topic-of-karin")) > 0 })
	if n := len(p.rang("topic-of-sara")); n != 1 {
		t.Errorf("for two who wait the first on call was called %d times", n)
	}
	if n := len(p.rang("topic-of-ali")); n < 1 {
		t.Errorf("the second was called %d times", n)
	}
	waitFor(t, 30*time.Second, "the log says that a channel failed",
		func() bool { return strings.Contains(s.log.String(), "AN ALARM WAS NOT ACCEPTED") })

	// Held for four seconds, it begins again with the first step.
	before := len(p.rang("topic-of-karin"))
	if _, err := staff.Ask(&chat.Acknowledge{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, 60*time.Second, "the lead again", func() bool { return len(p.rang("topic-of-karin")) > before })
}

// Whoever is first is on a break or cannot be reached by the step's channel: the second is called in their place, and
// not the lead, and the log says of a step that it called nobody.
func TestABreakWakesNoLead(t *testing.T) {
	s := newShift(t, "UID:1\nSUMMARY:first: Sara\n"+utc("20261124", "0800", "1300"),
		"UID:2\nSUMMARY:second: Amir\n"+utc("20261124", "0800", "1800"),
		"UID:3\nSUMMARY:lead: Karin\nDTSTART;VALUE=DATE:20261124")
	p := newPhone(t, time.Now())
	place := testkit.NewPlace(t)
	place.Write(t, "vidby.ics", testkit.AllDay(testkit.Now))
	place.Write(t, "utvag.yaml", []byte(strings.NewReplacer("Sara: {ntfy: topic-of-sara}", "Amir: {ntfy: topic-of-amir}",
		"      Ali: {ntfy: topic-of-ali}\n", "").Replace(
		strings.Replace(
			place.Text,
			"kommuner:\n",
			"channels:\n  ntfy: {url: \""+p.URL+"\"}\nkommuner:\n",
			1,
		)+testkit.Escalation,
	)))
	config, err := config.Load(filepath.Join(place.Dir, "utvag.yaml"), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	k, d := config.Kommuner[0], s.nodes[0]
	a := newAlarms(config.Channels, d.store.(*redisstore.Store), d.now, d.log)
	t.Cleanup(a.close)
	a.add(k.ID, k.People, func() *roster.Roster { _, r := d.book.Present(); return r })
	c := &climbing{log: d.log, now: d.now, alarms: a, calls: d.store.(*redisstore.Store),
		duties: map[string]*duty{k.ID: d}, homes: map[string]hosted{k.ID: {tenant: k, book: d.book, plan: d.plan}}}
	s.desks[0].in = []chat.Device{s.devices["Sara"], s.devices["Amir"]}
	s.tell()
	take := func(number int, key string) {
		t.Helper()
		if err := c.step(t.Context(), relay.Step{Kommun: k.ID, Number: number, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	const nobody = "A STEP OF THE ESCALATION CALLED NOBODY"
	take(0, "consoles")
	if strings.Contains(s.log.String(), nobody) {
		t.Error("a step that tells the consoles calls nobody")
	}
	take(1, "before")
	if len(p.calls) != 0 || strings.Count(s.log.String(), nobody) != 1 {
		t.Errorf("Sara has no address, and %v were called: %s", p.calls, s.log)
	}
	if err := s.pass(0, "Sara", chat.ShiftPaused, 20); err != nil {
		t.Fatal(err)
	}
	take(1, "during")
	if len(p.rang("topic-of-amir")) != 1 || len(p.rang("topic-of-karin")) != 0 ||
		strings.Count(s.log.String(), nobody) != 1 {
		t.Errorf("during the break %v were called", p.calls)
	}
	take(2, "then")
	if len(p.rang("topic-of-karin")) != 1 {
		t.Error("after the second nobody else is called")
	}
}

// A Redis that comes back empty has no timers: whoever writes anew is called for as if nothing had been.
func TestEscalationAfterARedisThatLostEverything(t *testing.T) {
	t.Parallel()
	p := newPhone(t, time.Now())
	redis := redistest.Start(t)
	s := climbingServers(t, redis, p)[0]
	s.writes(t)
	waitFor(t, 30*time.Second, "the first on call", func() bool { return len(p.rang("topic-of-sara")) == 1 })
	redistest.Command(t, redis, "FLUSHALL")
	time.Sleep(4 * time.Second)
	if n := len(p.rang("topic-of-karin")); n != 0 {
		t.Errorf("the lead was called for what is gone: %d", n)
	}
	s.writes(t)
	waitFor(t, 30*time.Second, "the lead", func() bool { return len(p.rang("topic-of-karin")) == 1 })
}

// Open, and nobody of the rota can be reached: the lead and the operator are warned before anybody has written, once
// for both nodes.
func TestTheLeadIsWarnedThatNobodyIsOnDuty(t *testing.T) {
	t.Parallel()
	phones := []*phone{newPhone(t, time.Now()), newPhone(t, time.Now())}
	s := prepare(t, redistest.Start(t))
	var week []string
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		week = append(week, day+`: "00:00-24:00"`)
	}
	always := strings.Replace(s.Text, `week: {mon: "08:00-21:00"}`,
		"holidays: open\n      week: {"+strings.Join(week, ", ")+"}", 1)
	if always == s.Text {
		t.Fatal("the configuration has other hours")
	}
	s.Text = always
	climbingServersOf(t, s, phones...)
	for _, who := range []string{"topic-of-karin", "topic-of-drift"} {
		rang := func() int { return len(phones[0].rang(who)) + len(phones[1].rang(who)) }
		waitFor(t, 60*time.Second, "the warning of "+who, func() bool { return rang() > 0 })
		time.Sleep(2 * time.Second)
		if n := rang(); n != 1 {
			t.Errorf("%s was warned %d times", who, n)
		}
	}
}

func TestWhoseKeyPackagesRunOutIsReminded(t *testing.T) {
	o := newPhone(t, time.Now())
	p := testkit.NewPlace(t)
	p.Write(t, "vidby.ics", testkit.AllDay(testkit.Now))
	p.Write(t, "utvag.yaml", []byte(strings.Replace(p.Text, "kommuner:\n",
		"channels:\n  ntfy: {url: \""+o.URL+"\"}\nkommuner:\n", 1)+testkit.Escalation))
	checked, err := config.Load(filepath.Join(p.Dir, "utvag.yaml"), testkit.Now)
	if err != nil {
		t.Fatal(err)
	}
	store, err := redisstore.Open(t.Context(), redisstore.Options{URL: redistest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	log, now := quietlog.New(new(testkit.Log)), func() time.Time { return testkit.Now }
	nodes := make([]*climbing, 2)
	for i := range nodes {
		a := newAlarms(checked.Channels, store, now, log)
		t.Cleanup(a.close)
		a.add("vidby", checked.Kommuner[0].People, func() *roster.Roster { return roster.New("vidby") })
		nodes[i] = &climbing{log: log, now: now, alarms: a, calls: store}
	}
	for _, node := range nodes {
		node.remind("vidby", "Ali")
	}
	if n := len(o.rang("topic-of-ali")); n != 1 {
		t.Errorf("Ali was reminded %d times by two nodes", n)
	}
	if n := len(o.rang("topic-of-sara")) + len(o.rang("topic-of-karin")); n != 0 {
		t.Errorf("others were called %d times", n)
	}
}

func waitFor(t *testing.T, most time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(most); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}
