package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/utvag/utvag/chat"
)

var (
	openScript        = onMailbox("open")
	commitScript      = onMailbox("send")
	sendScript        = redis.NewScript(linked(withoutCommits(source("send"))))
	followScript      = redis.NewScript(limits + source("follow"))
	advanceScript     = onMailbox("advance")
	resolveScript     = onMailbox("resolve")
	endScript         = onMailbox("end")
	attachScript      = onMailbox("attach")
	readScript        = onMailbox("read")
	welcomeScript     = onMailbox("welcome")
	acknowledgeScript = onMailbox("acknowledge")
	alarmScript       = onMailbox("alarm")
	takeScript        = onMailbox("take")
	completeScript    = onMailbox("complete")
	snoozeScript      = onMailbox("snooze")
	settleScript      = onMailbox("settle")
	detachScript      = onMailbox("detach")
	leaveScript       = onMailbox("leave")
	keepScript        = onMailbox("keep")
	madeScript        = onMailbox("made")
	putScript         = redis.NewScript(source("put"))
	dropScript        = redis.NewScript(source("drop"))
	lookupScript      = redis.NewScript(source("lookup"))
	bornScript        = redis.NewScript(source("born"))
	tallyScript       = redis.NewScript(source("tally"))
	dropCallScript    = redis.NewScript(source("dropcall"))
	renewScript       = redis.NewScript(source("renew"))
	longerSource      = source("longer")
	pointerSource     = source("pointer")
)

// errAnswer says that a script answered in a form that this version does not know: an older or newer node shares the
// Redis.
var errAnswer = errors.New("redisstore: answer of an unknown form")

// answer is what a script returned after its leading 0.
type answer struct {
	fields []any
	err    error
}

// run calls a script on a mailbox. A refusal comes back as *chat.Error.
func (s *Store) run(ctx context.Context, script *redis.Script, id chat.Mailbox, args ...any) (*answer, error) {
	return s.runOn(ctx, script, keysOf(id), args...)
}

// runOn is run for a script on keys of its own.
func (s *Store) runOn(ctx context.Context, script *redis.Script, keys []string, args ...any) (*answer, error) {
	a, _, err := s.ask(ctx, call{script: script, words: wordsOf(script, keys, args...)})
	return a, err
}

// ask is runOn for a command that is made already. It also reports whether Redis has answered: then nobody else has the
// command any more.
func (s *Store) ask(ctx context.Context, c call) (a *answer, answered bool, err error) {
	if err := s.gate(); err != nil {
		return nil, true, err
	}
	c.ctx = ctx
	r, answered := s.pipeline.ask(c)
	if r.err != nil {
		return nil, answered, plain(r.err)
	}
	a = &answer{fields: r.fields}
	code := a.number()
	if a.err == nil && code != 0 {
		detail := a.number()
		if a.err == nil {
			return nil, answered, chat.Refuse(chat.Code(code), detail)
		}
	}
	return a, answered, a.err
}

func (a *answer) next() any {
	if len(a.fields) == 0 {
		a.err = errAnswer
		return nil
	}
	field := a.fields[0]
	a.fields = a.fields[1:]
	return field
}

func (a *answer) number() uint64 {
	switch v := a.next().(type) {
	case int64:
		return uint64(v)
	case string:
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			a.err = errAnswer
		}
		return n
	}
	a.err = errAnswer
	return 0
}

func (a *answer) text() string {
	v, ok := a.next().(string)
	if !ok {
		a.err = errAnswer
	}
	return v
}

func (a *answer) bytes(into []byte) {
	if copy(into, a.text()) != len(into) {
		a.err = errAnswer
	}
}

// plain keeps keys and addresses out of what callers log: errors of Redis and of the network may hold both.
func plain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	var answered redis.Error
	if errors.As(err, &answered) {
		word := answered.Error()
		for i := range word {
			if c := word[i]; (c < 'A' || c > 'Z') && c != '_' {
				word = word[:i]
				break
			}
		}
		return fmt.Errorf("redisstore: Redis answered with an error (%s)", word)
	}
	return ErrNoAnswer
}
