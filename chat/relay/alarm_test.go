package relay_test

import (
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
)

// alarm requires that the relay's next word of the alarm is this.
func (s *stage) alarm(c *chattest.Client, want chat.AlarmState) {
	s.Helper()
	told, err := c.Alarm()
	s.must(err)
	if told.State != want {
		s.Fatalf("told %d of the alarm, want %d", told.State, want)
	}
}

// That somebody is on it is for colleagues: whoever waits would count on it. That nobody has come is for both.
func TestTheAlarmIsToldToColleaguesAndNotToWhoWaits(t *testing.T) {
	s := onMini(t)
	var taken steps
	n := s.node(climber(&taken))
	sara, ali := s.certify(1, true), s.certify(2, true)
	v := s.visitor(n)
	v.open(sara, ali)
	sara.on(n).attach(v.mailbox, chat.Cursor{})
	ali.on(n).attach(v.mailbox, chat.Cursor{})
	_, err := sara.Ask(&chat.Acknowledge{Mailbox: v.mailbox})
	s.must(err)
	s.alarm(ali.Client, chat.OnIt)
	s.alarm(sara.Client, chat.OnIt)
	s.say(v.Client, v.mailbox, 2, 1, "what comes behind it")
	s.entry(v.Client, 2)
	again := v.again(n) // nor is whoever comes later
	again.attach(chat.Cursor{})
	s.entry(again.Client, 1)
	s.entry(again.Client, 2)
	if told := append(v.Alarms(), again.Alarms()...); len(told) > 0 {
		t.Fatalf("the visitor is told %+v of the alarm", told[0])
	}
	for step := range 4 { // three steps, and the failing
		s.now.Add(int64(11 * time.Minute))
		s.eventually("a step is taken", func() bool { return len(taken.numbers()) == step+1 })
	}
	late := v.again(n)
	late.attach(chat.Cursor{})
	s.alarm(late.Client, chat.Unheeded)
}
