package redisstore_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/utvag/utvag/chat"
	"github.com/utvag/utvag/chat/chattest"
	"github.com/utvag/utvag/chat/relay"
	"github.com/utvag/utvag/internal/redisstore"
	"github.com/utvag/utvag/internal/redistest"
)

func TestCheck(t *testing.T) {
	good := []string{"--repl-diskless-load", "on-empty-db"}
	for name, c := range map[string]struct {
		arguments []string
		want      []string
	}{
		"nothing on disk":    {good, nil},
		"snapshots":          {append(good, "--save", "60 1"), []string{`save is "60 1"`, `save ""`}},
		"append-only file":   {append(good, "--appendonly", "yes"), []string{"appendonly no"}},
		"eviction":           {append(good, "--maxmemory-policy", "allkeys-lru"), []string{"maxmemory-policy noeviction"}},
		"disk for a replica": {append(good, "--repl-diskless-sync", "no"), []string{"repl-diskless-sync yes"}},
		"disk as a replica":  {[]string{"--repl-diskless-load", "disabled"}, []string{"repl-diskless-load on-empty-db"}},
		"all at once": {
			[]string{"--save", "1 1", "--maxmemory-policy", "volatile-ttl"}, []string{`save ""`, "maxmemory-policy noeviction"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(t, redistest.Start(t, c.arguments...)).Check(t.Context())
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}

// Whatever holds a copy is held to the same: a node of a Cluster, a replica behind it, one behind Sentinels, one that
// follows a single Redis.
func TestCheckLooksAtEveryNode(t *testing.T) {
	t.Parallel()
	sentinels, cluster := redistest.StartSentinels(t, 2), redistest.StartCluster(t, true)
	alone := redistest.StartServer(t)
	bound, err := redistest.LaunchOnPort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bound.Stop)
	follower, err := redistest.LaunchOnPort("--replicaof", fmt.Sprintf("127.0.0.1 %d", bound.Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(follower.Stop)
	second, err := redistest.LaunchOnPort("--replicaof", fmt.Sprintf("127.0.0.1 %d", follower.Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.Stop)
	eventually(t, func() bool {
		return strings.Contains(redistest.Command(t, second.URL, "INFO", "replication"), "master_link_status:up")
	})
	if err := open(t, sentinels.Data[1].URL).Check(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "this node is a replica") {
		t.Errorf("a replica in the place of a primary: %v", err)
	}
	for name, c := range map[string]struct {
		url   string
		nodes []*redistest.Server
	}{
		"single":                   {alone.URL, []*redistest.Server{alone}},
		"single, followed":         {bound.URL, []*redistest.Server{bound, follower, second}},
		"Sentinels":                {sentinels.URL, sentinels.Data},
		"a Cluster, with replicas": {cluster.URL, cluster.Nodes},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t, c.url)
			// A replica is known once it has connected.
			eventually(t, func() bool { return store.Check(t.Context()) == nil })
			for i, node := range c.nodes {
				for setting, values := range map[string][2]string{
					"save": {"60 1", ""}, "appendonly": {"yes", "no"}, "maxmemory-policy": {"allkeys-lru", "noeviction"},
					"repl-diskless-sync": {"no", "yes"}, "repl-diskless-load": {"disabled", "on-empty-db"},
				} {
					redistest.Command(t, node.URL, "CONFIG", "SET", setting, values[0])
					err := store.Check(t.Context())
					redistest.Command(t, node.URL, "CONFIG", "SET", setting, values[1])
					if err == nil || !strings.Contains(err.Error(), setting+" is ") || strings.Contains(err.Error(), "127.0.0.1") {
						t.Errorf("node %d with %s %q: %v", i, setting, values[0], err)
					}
				}
			}
			if err := store.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

func TestOpenTellsNoSecret(t *testing.T) {
	for _, url := range []string{"redis://:hemligt@127.0.0.1:1", "http://:hemligt@x", "redis://:hemligt@[::1",
		"redis://:hemligt@x:y?addr=z"} {
		_, err := redisstore.Open(t.Context(), redisstore.Options{URL: url})
		if err == nil {
			t.Fatalf("%s opened", url)
		}
		if text := err.Error(); strings.Contains(text, "hemligt") || strings.Contains(text, "127.0.0.1") {
			t.Errorf("the error tells %q", text)
		}
	}
}

func TestInProcess(t *testing.T) {
	url, err := redisstore.InProcess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, url)
	now := time.Now()
	if err := store.Present(t.Context(), "botkyrka", "node", now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if yes, err := store.Reachable(t.Context(), "botkyrka", now); err != nil || !yes {
		t.Fatalf("%v, %v", yes, err)
	}
	if _, err := redisstore.Open(t.Context(),
		redisstore.Options{URL: "redis://" + url[strings.Index(url, "@")+1:]}); err == nil {
		t.Fatal("opened without the password")
	}
}

// The measure of performance: what a short mailbox costs Redis, its bookkeeping included and its Welcome aside, before
// a claim and after.
func TestBytesPerMessage(t *testing.T) {
	for name, limit := range map[string]int{"unclaimed": 1800, "claimed": 1900} {
		t.Run(name, func(t *testing.T) {
			each := bytesPerMessage(t, name == "claimed")
			t.Logf("%d bytes for each message of 1 KiB, with two in a mailbox", each)
			if each > limit {
				t.Fatalf("%d bytes for each message, want at most %d", each, limit)
			}
		})
	}
}

func bytesPerMessage(t *testing.T, claimed bool) int {
	const mailboxes = 500
	url := redistest.Start(t)
	store := open(t, url)
	used := func() int {
		n, err := strconv.Atoi(usedMemory(redistest.Command(t, url, "INFO", "memory")))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	fill := func(n int) {
		for i := range n {
			one(t, store, i, claimed)
		}
	}
	fill(1) // what the first mailbox costs once: scripts, buffers, shared keys
	redistest.Command(t, url, "FLUSHALL")
	before := used()
	fill(mailboxes)
	return (used() - before) / (2 * mailboxes)
}

func usedMemory(info string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, "used_memory:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func one(t *testing.T, store *redisstore.Store, i int, claimed bool) {
	t.Helper()
	mailbox, now := chattest.NewMailbox(), time.Now()
	body := strings.Repeat("x", 1024-len(chattest.Text(mailbox, 1, ""))-1)
	devices := []chat.Device{{1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}}
	opened, err := store.Open(t.Context(), relay.Opening{
		Mailbox: mailbox, Incarnation: chat.Incarnation{1}, Tag: chat.Tag{1}, Kommun: "botkyrka", Devices: devices,
		Message: chattest.Text(mailbox, 1, body), Retention: time.Hour, Now: now, Due: relay.Due{Open: now},
	})
	if err != nil {
		t.Fatal(err)
	}
	second := relay.Appending{
		Seat: relay.Seat{Mailbox: mailbox, Incarnation: chat.Incarnation{1}}, Counter: 2, Tag: chat.Tag{2}, Epoch: 1,
		Message: chattest.Text(mailbox, 1, body), Now: now, Due: relay.Due{Open: now},
	}
	if claimed {
		second.Slot, second.Counter, second.Commit, second.Closes = 1, 1, true, devices[1:]
	}
	appended, err := store.Append(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	// The inboxes are shared; the newest note is settled as it would be.
	note := opened.Note
	if claimed {
		note = appended.Note
	}
	note.Opened, note.Kept, note.Closed = nil, nil, nil
	if err := store.Settle(t.Context(), note); err != nil {
		t.Fatal(fmt.Errorf("mailbox %d: %w", i, err))
	}
}
