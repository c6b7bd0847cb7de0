package main

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/redistest"
	"github.com/utvag/utvag/internal/testkit"
)

// escalatingServers are nodes of one kommun on one Redis, each with a phone of its own, so that it shows which of them
// called.
func escalatingServers(t *testing.T, redis string, phones ...*testkit.Phone) []*running {
	t.Helper()
	return escalatingServersOf(t, prepare(t, redis), phones...)
}

func escalatingServersOf(t *testing.T, first *running, phones ...*testkit.Phone) []*running {
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
		s.log.Await(t, "msg=serving")
		nodes[i] = node
	}
	return nodes
}

// writes opens a conversation in which nobody answers. Where the puzzle of the page is not one any more, it asks anew,
// as a page does.
func (s *running) writes(t *testing.T) (chat.Mailbox, *chattest.Client) {
	t.Helper()
	visitor, err := chattest.Dial(s.visitor+"/relay", s.visitor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(visitor.Close)
	mailbox := chattest.NewMailbox()
	open := &chat.Open{
		Mailbox: mailbox, Slot: chat.CapabilityHash(sha256.Sum256(chattest.NewCapability())), Devices: []chat.Device{s.device},
		Welcome: chattest.Welcome(900), Message: chattest.Text(mailbox, 1, written),
	}
	testkit.Eventually(t, "an opening to be taken", func() bool {
		open.Work = s.work(t, mailbox)
		_, err := visitor.Ask(open)
		if refused, ok := err.(*chat.Error); ok && refused.Code == chat.Work {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return true
	})
	return mailbox, visitor
}

// Two nodes; the one that makes the second call is killed while it makes it. The third step comes in its time, from the
// other; the second is made again once the dead node's lease has ended; and the failing at the end is told.
func TestEscalationGoesOnThoughANodeDies(t *testing.T) {
	t.Parallel()
	began := time.Now()
	phones := []*testkit.Phone{testkit.NewPhone(t, began), testkit.NewPhone(t, began)}
	for _, p := range phones {
		p.Hang("topic-of-ali")
	}
	nodes := escalatingServers(t, redistest.Start(t), phones...)
	wrote := time.Since(began)
	nodes[0].writes(t)

	caller := -1
	waitFor(t, 30*time.Second, "the second step", func() bool {
		for i, p := range phones {
			if len(p.Rang("topic-of-ali")) > 0 {
				caller = i
			}
		}
		return caller >= 0
	})
	if n := len(phones[0].Rang("topic-of-sara")) + len(phones[1].Rang("topic-of-sara")); n != 1 {
		t.Errorf("the first on call was called %d times before the second", n)
	}
	nodes[caller].cmd.Process.Signal(syscall.SIGKILL)
	nodes[caller].cmd.Wait()
	other := phones[1-caller]
	other.Hang("")

	waitFor(t, 30*time.Second, "the third step", func() bool { return len(other.Rang("topic-of-karin")) == 1 })
	if at := other.Rang("topic-of-karin")[0] - wrote; at < 5*time.Second || at > 20*time.Second {
		t.Errorf("the lead was called after %v", at)
	}
	if len(other.Rang("topic-of-ali")) != 0 {
		t.Error("the lease of the dead node did not hold")
	}
	waitFor(t, 30*time.Second, "the operator", func() bool { return len(other.Rang("topic-of-drift")) == 1 })
	if !strings.Contains(nodes[1-caller].log.String(), "NOBODY COULD BE REACHED") {
		t.Error("the log does not say that nobody could be reached")
	}
	waitFor(t, 90*time.Second, "the second step again", func() bool { return len(other.Rang("topic-of-ali")) == 1 })
	for _, who := range []string{"topic-of-sara", "topic-of-karin", "topic-of-drift"} {
		if n := len(phones[0].Rang(who)) + len(phones[1].Rang(who)); n != 1 {
			t.Errorf("%s was called %d times", who, n)
		}
	}
}

// A channel that hangs and one that fails keep nobody from being called; an acknowledgement holds the escalation and
// does not end it; two who wait at once are one call.
func TestEscalationWaitsForAPersonAndForNobodyElse(t *testing.T) {
	t.Parallel()
	p := testkit.NewPhone(t, time.Now())
	p.Hang("topic-of-sara")
	p.Fail("topic-of-ali")
	s := escalatingServers(t, redistest.Start(t), p)[0]
	staff := s.login(t)
	mailbox, _ := s.writes(t)
	s.writes(t)
	if _, err := staff.Ask(&chat.Attach{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, 30*time.Second, "the lead", func() bool { return len(p.Rang("topic-of-karin")) > 0 })
	if n := len(p.Rang("topic-of-sara")); n != 1 {
		t.Errorf("for two who wait the first on call was called %d times", n)
	}
	if n := len(p.Rang("topic-of-ali")); n < 1 {
		t.Errorf("the second was called %d times", n)
	}
	waitFor(t, 30*time.Second, "the log says that a channel failed",
		func() bool { return strings.Contains(s.log.String(), "AN ALARM WAS NOT ACCEPTED") })

	// Held for four seconds, it begins again with the first step.
	before := len(p.Rang("topic-of-karin"))
	if _, err := staff.Ask(&chat.Acknowledge{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, 60*time.Second, "the lead again", func() bool { return len(p.Rang("topic-of-karin")) > before })
}

// A Redis that comes back empty has no timers: whoever writes anew is called for as if nothing had been.
func TestEscalationAfterARedisThatLostEverything(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := testkit.NewPhone(t, began)
	redis := redistest.Start(t)
	s := escalatingServers(t, redis, p)[0]
	s.writes(t)
	waitFor(t, 30*time.Second, "the first on call", func() bool { return len(p.Rang("topic-of-sara")) == 1 })
	redistest.Command(t, redis, "FLUSHALL")
	anew := time.Since(began)
	s.writes(t)
	waitFor(t, 30*time.Second, "the lead", func() bool { return len(p.Rang("topic-of-karin")) == 1 })
	// What is gone would have called a second earlier: it had called the first on call by then.
	if after := p.Rang("topic-of-karin")[0] - anew; after < 5900*time.Millisecond {
		t.Errorf("the lead was called for what is gone, after %v", after)
	}
}

// Open, and nobody of the rota can be reached: the lead and the operator are warned before anybody has written, once
// for both nodes.
func TestTheLeadIsWarnedThatNobodyIsOnDuty(t *testing.T) {
	t.Parallel()
	phones := []*testkit.Phone{testkit.NewPhone(t, time.Now()), testkit.NewPhone(t, time.Now())}
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
	escalatingServersOf(t, s, phones...)
	for _, who := range []string{"topic-of-karin", "topic-of-drift"} {
		rang := func() int { return len(phones[0].Rang(who)) + len(phones[1].Rang(who)) }
		waitFor(t, 60*time.Second, "the warning of "+who, func() bool { return rang() > 0 })
		time.Sleep(2 * time.Second)
		if n := rang(); n != 1 {
			t.Errorf("%s was warned %d times", who, n)
		}
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
