package redisstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/relay"
)

const (
	// alarmBatch bounds what one look takes from a shard; the next look goes on.
	alarmBatch = 32
	// callsFor is how long a step that nobody settles is remembered after the last one of its shard was taken.
	callsFor = time.Hour
)

func (s *Store) Acknowledge(ctx context.Context, seat relay.Seat, due time.Time) error {
	_, err := s.run(ctx, acknowledgeScript, seat.Mailbox, seat.Mailbox[:], seat.Incarnation[:], seat.Slot, seat.Holder[:],
		due.UnixMilli())
	return err
}

// found is a member of one of the two lists of a shard, with its time.
type found struct {
	member string
	at     int64
	call   bool
}

func findingOf(z redis.Z, call bool) found {
	member, _ := z.Member.(string)
	return found{member, int64(z.Score), call}
}

func (s *Store) DueSteps(ctx context.Context, now time.Time, longest time.Duration) (
	[]relay.DueStep, time.Time, error,
) {
	if err := s.gate(); err != nil {
		return nil, time.Time{}, err
	}
	from := now.Add(longest).UnixMilli()
	var soon, late [2 * shards]*redis.ZSliceCmd
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range soon {
			key := timersKey(i / 2)
			if i%2 == 1 {
				key = callsKey(i / 2)
			}
			soon[i] = p.ZRangeWithScores(ctx, key, 0, alarmBatch-1)
			late[i] = p.ZRangeByScoreWithScores(ctx, key,
				&redis.ZRangeBy{Min: "(" + strconv.FormatInt(from, 10), Max: "+inf", Count: alarmBatch})
		}
		return nil
	})
	if err != nil {
		return nil, time.Time{}, plain(err)
	}
	var due []found
	var next int64
	for i := range soon {
		for _, z := range soon[i].Val() {
			switch at := int64(z.Score); {
			case at <= now.UnixMilli():
				due = append(due, findingOf(z, i%2 == 1))
			case at <= from && (next == 0 || at < next):
				next = at
			}
		}
		for _, z := range late[i].Val() {
			due = append(due, findingOf(z, i%2 == 1))
		}
	}
	var alarms []relay.DueStep
	for _, f := range due {
		a, ok, err := s.alarm(ctx, f)
		if err != nil {
			return alarms, time.Time{}, err
		}
		if ok {
			alarms = append(alarms, a)
		}
	}
	if next == 0 {
		return alarms, time.Time{}, nil
	}
	return alarms, time.UnixMilli(next), nil
}

// alarm tells what is to be known of a timer or a call; false where its mailbox is gone.
func (s *Store) alarm(ctx context.Context, f found) (alarm relay.DueStep, ok bool, err error) {
	call := ""
	if f.call {
		call = f.member
	}
	var mailbox chat.Mailbox
	copy(mailbox[:], f.member)
	a, err := s.run(ctx, alarmScript, mailbox, mailbox[:], call)
	if err != nil {
		return alarm, false, err
	}
	n := a.note(mailbox)
	if n.Kommun == "" {
		return alarm, false, a.err
	}
	n.Token = ""
	alarm = relay.DueStep{Note: n, Due: time.UnixMilli(f.at), Expired: f.call}
	a.bytes(alarm.Incarnation[:])
	alarm.Escalation = a.number()
	alarm.Step = a.step()
	alarm.State = chat.AlarmState(a.number())
	if claimer, ok := chat.ParseDevice(a.text()); ok {
		alarm.Claimer = &claimer
	}
	if f.call {
		escalation, step, _ := strings.Cut(f.member[len(mailbox):], " ")
		alarm.Escalation, _ = strconv.ParseUint(escalation, 10, 64)
		alarm.Step, _ = strconv.Atoi(step)
	}
	return alarm, a.err == nil, a.err
}

func (a *answer) step() int {
	switch v := a.next().(type) {
	case int64:
		return int(v)
	case string:
		n, err := strconv.Atoi(v)
		if err != nil {
			a.err = errAnswer
		}
		return n
	}
	a.err = errAnswer
	return 0
}

func callOf(a *relay.DueStep) string {
	return string(a.Mailbox[:]) + strconv.FormatUint(a.Escalation, 10) + " " + strconv.Itoa(a.Step)
}

func (s *Store) Take(ctx context.Context, a relay.DueStep, t relay.Taking) (bool, error) {
	answer, err := s.run(ctx, takeScript, a.Mailbox, a.Mailbox[:], a.Due.UnixMilli(), a.Escalation, a.Step,
		t.Next.UnixMilli(), flag(t.Fails), t.Lease.UnixMilli(), callOf(&a), flag(a.Expired), seconds(callsFor), t.Then)
	if err != nil {
		return false, err
	}
	taken := answer.number() == 1
	return taken, answer.err
}

func (s *Store) Complete(ctx context.Context, a relay.DueStep) error {
	_, err := s.run(ctx, completeScript, a.Mailbox, callOf(&a))
	return err
}

func (s *Store) Snooze(ctx context.Context, a relay.DueStep, until time.Time) error {
	_, err := s.run(ctx, snoozeScript, a.Mailbox, a.Mailbox[:], a.Due.UnixMilli(), until.UnixMilli())
	return err
}

// BeginCall reports whether somebody is to be called for this step: not where they are being called, or were within the
// span, for another's. A step that is taken again is its own.
func (s *Store) BeginCall(ctx context.Context, kommun, whom, step string, span time.Duration) (bool, error) {
	if err := s.gate(); err != nil {
		return false, err
	}
	key := callKey(kommun, whom)
	// Whoever finds it ended between the two questions calls: twice is better than never.
	begun, err := s.client.SetNX(ctx, key, step, span).Result()
	if err != nil || begun {
		return begun, plain(err)
	}
	other, err := s.client.Get(ctx, key).Result()
	if errors.Is(err, redis.Nil) {
		return true, nil
	}
	return other == step, plain(err)
}

// DropCall takes back a BeginCall whose call nobody has accepted.
func (s *Store) DropCall(ctx context.Context, kommun, whom, step string) error {
	_, err := s.runOn(ctx, dropCallScript, []string{callKey(kommun, whom)}, step)
	return err
}
