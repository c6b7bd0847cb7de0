package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/internal/redistest"
)

// kept requires that Redis ends every key by itself: what belongs to the mailbox just when the page says, and the rest
// no later.
func (s *running) kept(t *testing.T, mailbox chat.Mailbox, promised time.Duration) {
	t.Helper()
	all := keys(t, s.redis)
	own := 0
	for _, key := range all {
		ttl, err := strconv.Atoi(redistest.Command(t, s.redis, "TTL", key))
		if err == nil && ttl == -2 {
			continue // a note that has been settled meanwhile
		}
		left := time.Duration(ttl) * time.Second
		if err != nil || ttl <= 0 {
			t.Errorf("%q has no end: %d, %v", key, ttl, err)
		}
		limit := promised
		if strings.HasPrefix(key, "u:kp:") {
			limit = 48 * time.Hour // public key packages, to the end of the day after their own
		}
		if key == "u:born" {
			limit = 7 * 24 * time.Hour // a time and nothing else, for as long as anything can be kept
		}
		if left > limit {
			t.Errorf("%q is kept for %v, longer than %v", key, left, limit)
		}
		if strings.HasSuffix(key, string(mailbox[:])) {
			own++
			if left < promised-time.Minute {
				t.Errorf("%q is kept for %v, not for the promised %v", key, left, promised)
			}
		}
	}
	if own < 3 {
		t.Fatalf("only %d keys of the mailbox among %d: %q", own, len(all), all)
	}
	if !strings.Contains(dump(t, s.redis), written) {
		t.Fatal("the scan cannot find what is there")
	}
}

// promises is what the page of this very server tells visitors.
func (s *running) promises(t *testing.T) (live, message time.Duration) {
	t.Helper()
	_, rest, _ := bytes.Cut(get(t, s.visitor+"/"), []byte(`"retention":`))
	var said struct{ LiveHours, MessageDays int }
	if err := json.NewDecoder(bytes.NewReader(rest)).Decode(&said); err != nil || said.LiveHours == 0 ||
		said.MessageDays == 0 {
		t.Fatalf("the page promises nothing: %v, %v", said, err)
	}
	return time.Duration(said.LiveHours) * time.Hour, time.Duration(said.MessageDays) * 24 * time.Hour
}

func TestServeKeepsNothingForEver(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	mailbox, visitor := s.story(t)
	live, _ := s.promises(t)
	s.kept(t, mailbox, live)
	if _, err := visitor.Ask(&chat.End{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	if left := dump(t, s.redis); strings.Contains(left, written) {
		t.Errorf("what was written is there after the end")
	}
}

// Nobody is signed in: a left message waits for the days that the page says, counted from what was added last.
func TestServeKeepsALeftMessageAsLongAsThePageSays(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	visitor, err := chattest.Dial(s.visitor+"/relay", s.visitor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(visitor.Close)
	mailbox := chattest.NewMailbox()
	if _, err := visitor.Ask(&chat.Open{
		Mailbox: mailbox, Slot: chat.CapabilityHash(sha256.Sum256(chattest.NewCapability())), Retention: chat.RetentionMessage,
		Work:    s.work(t, mailbox),
		Devices: []chat.Device{s.device}, Welcome: chattest.Welcome(900), Message: chattest.Text(mailbox, 1, written),
	}); err != nil {
		t.Fatal(err)
	}
	_, message := s.promises(t)
	s.kept(t, mailbox, message)
	// As if five days had gone by.
	for _, key := range keys(t, s.redis) {
		redistest.Command(t, s.redis, "EXPIRE", key, "172800")
	}
	if _, err := visitor.Ask(&chat.Send{Mailbox: mailbox, Counter: 2,
		Message: chattest.Text(mailbox, 1, written)}); err != nil {
		t.Fatal(err)
	}
	s.kept(t, mailbox, message)
	// An answer by a coordinator, days later, leaves it a left message.
	staff := s.login(t)
	if _, err := staff.Ask(&chat.Attach{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	if _, err := staff.Ask(&chat.Send{Mailbox: mailbox, Counter: 1, Message: chattest.Commit(mailbox, 1)}); err != nil {
		t.Fatal(err)
	}
	s.kept(t, mailbox, message)
}

// What a phrase opens is kept as long as the page says of a left message, and half of what a reload needs for minutes.
func TestServeKeepsASealedStateAsLongAsThePageSays(t *testing.T) {
	t.Parallel()
	s := startServe(t)
	mailbox, visitor := s.story(t)
	_, message := s.promises(t)
	for keep, want := range map[chat.BlobKeep]time.Duration{chat.KeepState: message, chat.KeepHalfKey: chat.HalfKeyFor} {
		locator, capability := chattest.NewLocator(), chat.Capability(chattest.NewCapability())
		put := func(version uint64) {
			t.Helper()
			if _, err := visitor.Ask(&chat.Put{Locator: locator, Capability: capability, Version: version, Keep: keep,
				Blob: []byte("sealed")}); err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, key := range keys(t, s.redis) {
				if !strings.HasSuffix(key, string(locator[:])) {
					continue
				}
				found++
				ttl, err := strconv.Atoi(redistest.Command(t, s.redis, "TTL", key))
				if left := time.Duration(ttl) * time.Second; err != nil || left > want || left < want-time.Minute {
					t.Errorf("keep %d: %v, want %v (%v)", keep, left, want, err)
				}
				redistest.Command(t, s.redis, "EXPIRE", key, "60") // as if its time were nearly over
			}
			if found != 1 {
				t.Errorf("keep %d: %d keys", keep, found)
			}
		}
		put(1)
		put(2)
	}
	if _, err := visitor.Ask(&chat.Keep{Mailbox: mailbox}); err != nil {
		t.Fatal(err)
	}
	s.kept(t, mailbox, message)
}

func TestServeRefusesARedisThatPersistsOrEvicts(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{
		"snapshots": {"--save", "60 1"},
		"a log":     {"--appendonly", "yes"},
		"eviction":  {"--maxmemory-policy", "allkeys-lru", "--maxmemory", "10mb"},
	} {
		t.Run(name, func(t *testing.T) {
			s := prepare(t, redistest.Start(t, arguments...))
			out, err := s.command(t).CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Fatalf("got %v:\n%s", err, out)
			}
			if !strings.Contains(string(out), "utvag.yaml:2: redis.url: ") || strings.Contains(string(out), "msg=") {
				t.Errorf("it says:\n%s", out)
			}
		})
	}
	s := prepare(t, "unix://"+filepath.Join(t.TempDir(), "nobody.sock"))
	if out, err := s.command(t).CombinedOutput(); err == nil || !strings.Contains(string(out), "redis.url: ") {
		t.Errorf("without a Redis: %v\n%s", err, out)
	}
}
